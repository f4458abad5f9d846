import Foundation

/// The folder that belongs to one running server. A second one on the same files would miss the first one's events.
final class DataFolder: Sendable {
    private let descriptor: Int32

    /// Makes the folder if it is not there, and takes it.
    /// - Throws: `SettingsError` when another server has it or it can't be made.
    init(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SettingsError("the data folder \(path) can't be made: \(error.localizedDescription)")
        }
        descriptor = open(path + "/aviary.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SettingsError("the data folder \(path) can't be written") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SettingsError("another server is running on the data folder \(path)")
        }
    }

    /// The kernel lets go of the lock with the descriptor, also when the process is killed.
    deinit { close(descriptor) }
}
