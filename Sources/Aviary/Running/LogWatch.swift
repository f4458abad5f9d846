import CFileTimes
import Database
import Events
import Foundation
import Gateway
import Kernel
import Logging
import NIOConcurrencyHelpers

/// Sees when the database was put back to an earlier state, or replaced by a copy of itself: then positions of the log are used a
/// second time, and everybody who is connected, or comes back, starts afresh instead of missing something.
///
/// What this node has seen of the log stands in a file of its data folder.
struct LogWatch: Sendable {
    let log: EventLog
    let database: any SQLDatabase
    let mark: LogMark
    let logger: Logger
    private let known: NIOLockedValueBox<LogPlace>

    /// Looks at the database at the start, before anybody is served.
    init(_ log: EventLog, _ database: any SQLDatabase, mark: LogMark, logger: Logger) async throws {
        var (place, isNew) = try await log.recognize(database)
        if isNew { logger.warning("the database is a copy of another one: all gateway sessions begin anew") }
        if !isNew, let reason = mark.objection(to: place, database.dialect) {
            logger.warning("\(reason): all gateway sessions begin anew")
            place = try await log.endEpoch(place.epoch, on: database)
        }
        mark.write(place)
        log.follow(place.epoch)
        self.log = log
        self.database = database
        self.mark = mark
        self.logger = logger
        known = NIOLockedValueBox(place)
    }

    /// To be called every now and then.
    /// - Throws: what the database throws; it is looked at again next time.
    func look(_ gateway: GatewayServer) async throws {
        let old = known.withLockedValue { $0 }
        // What was handed over, and is not in the log, is in no log any more: as of a server whose copy has taken its place too early.
        let newest = max(old.position, log.deliveredPosition)
        var place = try await database.read { [log] tx in try log.place(tx) }
        if place.epoch == old.epoch, place.position < newest {
            place = try await log.endEpoch(old.epoch, on: database)
        }
        if place.epoch != old.epoch {
            logger.warning("the event log has begun anew, and with it all gateway sessions")
            log.restart(at: place)
            await gateway.restart(after: place.position)
        }
        let new = place
        known.withLockedValue { $0 = new }
        if new != old { mark.write(new) }
    }
}

/// The newest place of the log that a node has seen, in a file.
struct LogMark: Sendable {
    private struct Content: Codable {
        let epoch: Int64
        let position: Int64
        /// In seconds of Unix time.
        let writtenAt: Double
    }

    /// A file is written and renamed in less.
    private static let tolerance_s = 10.0

    private let path: String

    init(folder: String) { path = folder + "/log.json" }

    /// What speaks against going on from a place.
    /// - Returns: nil when nothing does, or nothing is known.
    func objection(to place: LogPlace, _ dialect: SQLDialect) -> String? {
        guard let data = FileManager.default.contents(atPath: path),
            let content = try? JSONDecoder().decode(Content.self, from: data), content.epoch == place.epoch.rawValue
        else { return nil }
        if place.position < content.position { return "the database was put back to an earlier state" }
        // Beside SQLite's file it is copied with it, and the system notes when.
        if dialect == .sqlite, let changedAt_s, changedAt_s - content.writtenAt > Self.tolerance_s {
            return "the data folder is a copy of another one"
        }
        return nil
    }

    /// When the file's name, owner, rights or content were changed last: nobody can set that time.
    private var changedAt_s: Double? {
        let changedAt_s = file_changed_at(path)
        return changedAt_s < 0 ? nil : changedAt_s
    }

    /// A disk that is full keeps the old one, which says less.
    func write(_ place: LogPlace) {
        let content = Content(
            epoch: place.epoch.rawValue, position: place.position, writtenAt: Date().timeIntervalSince1970)
        try? JSONEncoder().encode(content).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
