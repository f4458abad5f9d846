import Features
import Foundation
import WebAPI
import WebClient

/// What the settings mean for the web client.
extension LoadedSettings {
    /// - Throws: `SettingsError` when the folder can't be read.
    func webClient() throws -> WebClientRoutes? {
        guard flag(.webClient) else { return nil }
        guard let folder = textOrNil(.webFolder) else {
            return WebClientRoutes(.builtIn, mediaOrigins: mediaOrigins)
        }
        do {
            return WebClientRoutes(try ClientFiles(folder: folder), mediaOrigins: mediaOrigins)
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
