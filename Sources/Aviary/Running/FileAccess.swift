import Foundation
import Glibc
import Logging

/// Keeps what the server stores from other users of the machine: it has hashes of passwords, secrets of second factors and
/// people's messages.
enum FileAccess {
    private static let others = 0o077

    /// Takes all rights of others away from a folder and from everything in it.
    ///
    /// What lies below a folder that was closed before could not be reached, so it is left alone: a start must not walk
    /// through millions of files.
    static func closeToOthers(folder: String, _ logger: Logger) {
        closeToOthers(folder, logger)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = folder + "/" + name
            switch attributes(path)?[.type] as? FileAttributeType {
            case .typeRegular: closeToOthers(path, logger)
            case .typeDirectory: if isOpen(path) { closeToOthers(folder: path, logger) }
            // What a link leads to may be no business of the server's.
            default: break
            }
        }
    }

    /// Takes all rights of others away from a database and what SQLite keeps beside it; makes the file if it is not there.
    static func closeToOthers(database path: String, _ logger: Logger) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
        for suffix in ["", "-wal", "-shm", "-journal"] { closeToOthers(path + suffix, logger) }
    }

    private static func closeToOthers(_ path: String, _ logger: Logger) {
        // The data folder and the database may be links, which lead to what is the server's.
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let rights = rights(path), rights & others != 0 else { return }
        if chmod(path, mode_t(rights & ~others)) != 0 {
            logger.warning(
                "others can read what the server stores", metadata: ["path": "\(path)", "error": "\(errno)"])
        }
    }

    private static func isOpen(_ path: String) -> Bool { (rights(path) ?? 0) & others != 0 }

    /// Nil when there is no such thing.
    private static func rights(_ path: String) -> Int? {
        (attributes(path)?[.posixPermissions] as? NSNumber)?.intValue
    }

    private static func attributes(_ path: String) -> [FileAttributeKey: Any]? {
        try? FileManager.default.attributesOfItem(atPath: path)
    }
}
