import Bus
import Chat
import Database
import Events
import Features
import Foundation
import Kernel
import Logging
import People

/// Where the data lies, from `database.url` and the data folder.
enum StorageLocation: Equatable {
    case sqlite(path: String)
    case postgresql(url: String)

    /// - Throws: `SettingsError` for an address that is neither.
    init(_ settings: LoadedSettings) throws {
        guard let url = settings.textOrNil(.database) else {
            self = .sqlite(path: settings.text(.data) + "/aviary.db")
            return
        }
        if url.hasPrefix("sqlite:") {
            self = .sqlite(path: String(url.dropFirst("sqlite:".count)))
        } else if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            self = .postgresql(url: url)
        } else {
            throw SettingsError("\(Setting.database.key): must begin with sqlite: or postgres://")
        }
    }

    var dialect: SQLDialect {
        switch self {
        case .sqlite: .sqlite
        case .postgresql: .postgresql
        }
    }
}

extension LoadedSettings {
    /// For what only looks at an instance or changes it: a path that is written wrong must not look like an empty one.
    /// - Throws: `SettingsError` where no instance has been yet.
    public func requireInstance() throws {
        guard case .sqlite(let path) = try StorageLocation(self), !FileManager.default.fileExists(atPath: path) else {
            return
        }
        throw SettingsError("there is no database at \(path); --data or --config says where it is")
    }
}

/// The opened store: the database with its event log.
struct Storage {
    let database: any SQLDatabase
    let log: EventLog
    /// Nil where there is one node alone.
    let bus: (any MessageBus)?
    let relay: Relay?

    /// Who uses it.
    enum User {
        case node
        /// A command, which says little and hears nothing: it needs no more than the database.
        case command
    }

    static func open(
        _ settings: LoadedSettings, for user: User, clock: any WallClock, logger: Logger
    ) async throws -> Storage {
        let location = try StorageLocation(settings)
        let log = EventLog(dialect: location.dialect, logger: logger)
        let configuration = DatabaseConfiguration(
            migrations: Instance.migrations, outbox: log, clock: clock, logger: logger,
            maximumConnections: settings.integer(.databaseConnections))
        let choice = try BusChoice(settings)
        let database: any SQLDatabase
        var bus: (any MessageBus)?
        var relay: Relay?
        switch location {
        case .sqlite(let path):
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            // SQLite gives what it keeps beside the database the database's rights.
            FileAccess.closeToOthers(database: path, logger)
            database = try await SQLiteDatabase(path: path, configuration: configuration)
        case .postgresql(let url):
            database = try await PostgreSQLDatabase(url: url, configuration: configuration)
            let seal = try await InstanceSettings.busSeal(in: database)
            let notices = try PostgreSQLBus(url: url, seal: seal, logger: logger)
            if case .nats(let place) = choice, user == .node {
                let instance = try await InstanceSettings.busName(in: database)
                bus = FallbackBus(NATSBus(place, instance: instance, seal: seal, logger: logger), or: notices)
            } else {
                bus = notices
            }
            // A command that led would keep the lead from who does what a leader does.
            if user == .node { relay = try Relay(url: url, clock: clock, logger: logger) }
        }
        try await log.start(on: database, bus: bus, relay: relay)
        return Storage(database: database, log: log, bus: bus, relay: relay)
    }

    func close() async {
        log.stop()
        await relay?.close()
        await bus?.close()
        await database.close()
    }
}
