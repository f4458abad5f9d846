import Foundation
import Kernel
import NIOConcurrencyHelpers
import NIOPosix

/// The folder of files, which has a name in itself, by which it is known again: another machine's disk may go away, and something
/// else be in its place.
final class FileFolder: Sendable {
    /// A disk that is slow is no other one.
    static let patience = Duration.seconds(10)
    static let interval = Duration.seconds(3)

    let name: String
    private let path: String
    private let seenAt = NIOLockedValueBox(ContinuousClock.now)

    /// - Parameter path: of the file that the name stands in.
    init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    /// The name of a folder, which gets one if it has none.
    convenience init(at folder: String, _ randomness: any Randomness) throws {
        let path = folder + "/name"
        self.init(name: try Self.name(in: folder, path, randomness), path: path)
    }

    /// Nodes that have the folder in common read the same name.
    private static func name(in folder: String, _ path: String, _ randomness: any Randomness) throws -> String {
        let files = FileManager.default
        if let name = try? String(contentsOfFile: path, encoding: .utf8), !name.isEmpty { return name }
        let name = String(randomness.next(), radix: 36)
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try name.write(toFile: "\(path).\(name)", atomically: true, encoding: .utf8)
        // Another node may do the same at this moment, and reads nothing but a whole name. Not all file systems have links.
        do { try files.linkItem(atPath: "\(path).\(name)", toPath: path) } catch {
            if !files.fileExists(atPath: path) { try files.copyItem(atPath: "\(path).\(name)", toPath: path) }
        }
        try files.removeItem(atPath: "\(path).\(name)")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Looks whether it is there. A disk of another machine may let nobody wait less than for ever.
    func look() async throws {
        let found = try await NIOThreadPool.singleton.runIfActive { [path] in
            try? String(contentsOfFile: path, encoding: .utf8)
        }
        if found == name { seenAt.withLockedValue { $0 = .now } }
    }

    /// Whether it has not been seen for some time.
    func isGone(at now: ContinuousClock.Instant) -> Bool { now - seenAt.withLockedValue { $0 } > Self.patience }
}
