import Content
import Features
import Files
import Foundation
import Kernel
import Media
import NIOCore
import People

/// What the settings mean for files.
extension LoadedSettings {
    /// Strangers' files are looked at by so many programs at a time: as many as the machine has cores.
    private static let tools = max(2, ProcessInfo.processInfo.activeProcessorCount)
    private static let longestLine = 256

    /// Opens the store and looks for the tools.
    /// - Parameter node: names this node's data folder among those of all nodes.
    /// - Throws: `SettingsError`; `FileFailure` when the data folder can't be written.
    func media(
        node: String, linkGuard: LinkGuard, clock: any WallClock, on eventLoopGroup: any EventLoopGroup
    ) throws -> MediaParts {
        // Nodes may have the folder in common, and each empties its own at its start.
        let stagings = text(.data) + "/media/staging"
        let staging = try Staging(folder: "\(stagings)/\(node)")
        try Staging.removeAbandoned(in: stagings)
        let turnstile = Turnstile(places: Self.tools, longestLine: Self.longestLine)
        return MediaParts(
            store: try objectStore(clock: clock, on: eventLoopGroup), staging: staging,
            pictures: PictureTools(staging: staging, turnstile: turnstile, path: text(.toolsPath)),
            films: FilmTools(staging: staging, turnstile: turnstile, path: text(.toolsPath)),
            scanner: try scannerAddress().map { VirusScanner($0, on: eventLoopGroup) },
            links: LinkFetcher(linkGuard, staging: staging, on: eventLoopGroup),
            refusedTypes: Set(text(.refusedTypes).split(separator: ",").map { String($0.filter { $0 != " " }) }))
    }

    /// The folder that files are kept in; nil where they are in a bucket.
    func fileFolder(_ randomness: any Randomness) throws -> FileFolder? {
        textOrNil(.mediaStore) == nil ? try FileFolder(at: text(.data) + "/media", randomness) : nil
    }

    /// Names the place that files are kept in. A bucket is taken for the same one whose service each node may know by another address.
    func storeName(_ folder: FileFolder?) -> String? {
        textOrNil(.mediaStore) ?? (flag(.sharedFolder) ? "shared folder" : folder?.name)
    }

    /// - Throws: `SettingsError`.
    func objectStore(clock: any WallClock, on eventLoopGroup: any EventLoopGroup) throws -> any ObjectStore {
        guard let location = textOrNil(.mediaStore) else {
            return try FolderStore(folder: text(.data) + "/media/objects")
        }
        guard let accessKey = textOrNil(.s3AccessKey), let secretKey = textOrNil(.s3SecretKey) else {
            throw SettingsError(
                "\(Setting.mediaStore.key): needs \(Setting.s3AccessKey.key) and \(Setting.s3SecretKey.key)")
        }
        let configuration = S3Configuration(
            location: location, endpoint: text(.s3Endpoint), usesPathStyle: flag(.s3PathStyle),
            credentials: S3Credentials(accessKey: accessKey, secretKey: secretKey, region: text(.s3Region)),
            sendsClientsThere: flag(.s3DirectDownloads))
        guard let configuration else { throw SettingsError("\(Setting.mediaStore.key): must look like s3://bucket") }
        return S3Store(configuration, clock: clock, on: eventLoopGroup)
    }

    private func scannerAddress() throws -> VirusScanner.Address? {
        guard let text = textOrNil(.clamd) else { return nil }
        guard let address = VirusScanner.Address(text) else {
            throw SettingsError("\(Setting.clamd.key): must look like 127.0.0.1:3310 or unix:/run/clamav/clamd.ctl")
        }
        return address
    }
}
