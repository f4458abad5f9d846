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
    /// So often it was not there before it counts as gone.
    static let maximumMisses = 3

    private struct State {
        var misses = 0
        /// Of who still looks. A disk of another machine may let them wait for ever.
        var lookingSince: ContinuousClock.Instant?
    }

    let name: String
    private let path: String
    private let read: @Sendable (_ path: String) -> String?
    private let state = NIOLockedValueBox(State())

    /// Gives the folder a name if it has none.
    init(
        at folder: String, _ randomness: any Randomness,
        reading read: @escaping @Sendable (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }
    ) throws {
        self.read = read
        path = folder + "/name"
        name = try Self.name(in: folder, path, randomness)
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

    /// Has somebody look whether it is there, and does not wait for them.
    func look() {
        let isFree = state.withLockedValue { state in
            defer { state.lookingSince = state.lookingSince ?? .now }
            return state.lookingSince == nil
        }
        guard isFree else { return }
        NIOThreadPool.singleton.submit { [self] _ in
            let isThere = read(path) == name
            state.withLockedValue { $0 = State(misses: isThere ? 0 : $0.misses + 1) }
        }
    }

    /// Whether it was not there for some time, or nobody can tell.
    func isGone(at now: ContinuousClock.Instant) -> Bool {
        state.withLockedValue { state in
            state.misses >= Self.maximumMisses || state.lookingSince.map { now - $0 > Self.patience } ?? false
        }
    }

    /// Whether somebody still looks.
    var isLooking: Bool { state.withLockedValue { $0.lookingSince != nil } }
}
