import Chat
import Database
import Events
import Features
import Kernel
import Logging

/// What a node takes before it is put together: its folders, its database, and its number among the others.
struct NodePlace {
    let folder: DataFolder
    let storage: Storage
    /// The database, as somebody sees each transaction of.
    let observed: any SQLDatabase
    let logWatch: LogWatch
    let holder: String
    /// What files are kept in, where there may be other nodes.
    let fileFolder: FileFolder?
    let lease: WorkerLease

    /// Beside a file there is nobody else.
    var isShared: Bool { storage.database.dialect == .postgresql }

    /// - Throws: `SettingsError`, `DatabaseError`.
    static func take(
        _ settings: LoadedSettings, clock: any WallClock, randomness: any Randomness,
        observing observe: (any SQLDatabase) -> any SQLDatabase, logger: Logger
    ) async throws -> NodePlace {
        let folder = try DataFolder(settings.text(.data), logger: logger)
        let storage = try await Storage.open(settings, for: .node, clock: clock, logger: logger)
        do {
            let observed = observe(storage.database)
            clock.start(notBefore: try await InstanceSettings.newestMoment(in: observed))
            let logWatch = try await LogWatch(
                storage.log, observed, mark: LogMark(folder: settings.text(.data)), logger: logger)
            let isShared = storage.database.dialect == .postgresql
            let fileFolder = isShared ? try settings.fileFolder(randomness) : nil
            let holder = WorkerLease.name(folder: folder.name(randomness), randomness)
            let lease = try await lease(
                settings, storage.database, holder: holder, store: isShared ? settings.storeName(fileFolder) : nil,
                logger)
            if isShared { logger.notice("this node has its number", metadata: ["number": "\(lease.number)"]) }
            return NodePlace(
                folder: folder, storage: storage, observed: observed, logWatch: logWatch, holder: holder,
                fileFolder: fileFolder, lease: lease)
        } catch {
            // Else it might lead, and not serve.
            await storage.close()
            throw error
        }
    }

    /// The number that the operator has given, or one that is free.
    private static func lease(
        _ settings: LoadedSettings, _ database: any SQLDatabase, holder: String, store: String?, _ logger: Logger
    ) async throws -> WorkerLease {
        let number = settings.integer(.worker)
        guard number >= 0 else { return try await WorkerLease.take(from: database, holder: holder, store: store) }
        do {
            return try await WorkerLease.take(number, from: database, holder: holder, store: store) {
                logger.notice(
                    "somebody had this node's number a moment ago; waiting until nobody can have it",
                    metadata: ["number": "\(number)"])
            }
        } catch let taken as WorkerLease.Taken {
            throw SettingsError("\(taken)")
        }
    }

    /// For a node that does not come to be: to the others it is as if it had not been there.
    func giveBack() async {
        try? await lease.giveBack(to: storage.database)
        await storage.close()
    }
}
