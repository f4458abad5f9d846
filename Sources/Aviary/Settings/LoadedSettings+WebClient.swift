import Foundation
import WebAPI
import WebClient

/// What the settings mean for the web client.
extension LoadedSettings {
    /// - Throws: `SettingsError` when the folder can't be read.
    func webClientRoutes() throws -> [Route] {
        guard flag(.webClient) else { return [] }
        guard let folder = textOrNil(.webFolder) else {
            return WebClientRoutes(.builtIn, mediaOrigins: mediaOrigins).routes
        }
        do {
            return WebClientRoutes(try WebClient(folder: folder), mediaOrigins: mediaOrigins).routes
        } catch {
            throw SettingsError("\(Setting.webFolder.key): \(folder) can't be read: \(error.localizedDescription)")
        }
    }

    /// Where browsers fetch files from besides the server itself: the object store, if it sends them there. Addresses with
    /// https are allowed anyway.
    private var mediaOrigins: [String] {
        guard flag(.s3DirectDownloads), let endpoint = textOrNil(.s3Endpoint).flatMap({ URL(string: $0) }),
            let scheme = endpoint.scheme, let host = endpoint.host()
        else { return [] }
        let place = host + (endpoint.port.map { ":\($0)" } ?? "")
        return flag(.s3PathStyle) ? ["\(scheme)://\(place)"] : ["\(scheme)://*.\(place)"]
    }
}
