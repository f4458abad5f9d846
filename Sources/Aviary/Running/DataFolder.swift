import Foundation
import Glibc
import Kernel
import Logging

/// The folder that belongs to one running server. A second one on the same files would miss the first one's events.
final class DataFolder: Sendable {
    /// A server that was just killed holds the folder for another moment.
    private static let patience = Duration.seconds(1)

    private let path: String
    private let descriptor: Int32

    /// Makes the folder if it is not there, closes it to others, and takes it.
    /// - Throws: `SettingsError` when another server has it or it can't be made.
    init(_ path: String, logger: Logger) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SettingsError("the data folder \(path) can't be made: \(error.localizedDescription)")
        }
        self.path = path
        descriptor = open(path + "/aviary.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SettingsError("the data folder \(path) can't be written") }
        guard Self.lock(descriptor) else {
            close(descriptor)
            throw SettingsError("another server is running on the data folder \(path)")
        }
        signFor()
        FileAccess.closeToOthers(folder: path, logger)
    }

    /// Names the folder, also after a restart: it stands in a file of it. On a full disk it is another one each time.
    func name(_ randomness: any Randomness) -> String {
        let file = path + "/node"
        if let name = try? String(contentsOfFile: file, encoding: .utf8), Self.isName(name) { return name }
        let name = String(randomness.next(), radix: 36)
        try? name.write(toFile: file, atomically: true, encoding: .utf8)
        return name
    }

    private static func isName(_ text: String) -> Bool {
        (1...13).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
    }

    private static func lock(_ descriptor: Int32) -> Bool {
        let end = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if ContinuousClock.now >= end { return false }
            usleep(10_000)
        }
        return true
    }

    /// Leaves the number of this process in the file, for people and scripts. On a full disk it goes without.
    private func signFor() {
        let number = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = pwrite(descriptor, number, number.count, 0)
    }

    /// The kernel lets go of the lock with the descriptor, also when the process is killed.
    deinit { close(descriptor) }
}
