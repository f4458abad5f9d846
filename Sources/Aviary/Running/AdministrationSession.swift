import Bus
import Chat
import Database
import Features
import Kernel
import Logging
import Media
import NIOPosix
import People

/// The store, opened for a command of the operator while a server may be running on it.
public enum AdministrationSession {
    /// Opens the store, runs `body` and closes it again.
    /// - Parameter worker: a number for ids that is known to be nobody's; nil to lease one.
    /// - Throws: `SettingsError`, `DatabaseError`; what `body` throws.
    public static func with<Result: Sendable>(
        _ settings: LoadedSettings, worker: Int? = nil, _ body: (Administration) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "aviary", factory: { _ in SwiftLogNoOpLogHandler() })
        let (clock, randomness) = (SystemClock(), SystemRandomness())
        let (configuration, passwordHashing) = (try settings.chat(), try settings.passwordHashing())
        let storage = try await Storage.open(settings, for: .command, clock: clock, logger: logger)
        storage.bus?.start()
        let hasher = PasswordHasher(passwordHashing, concurrency: 1, randomness: randomness)
        do {
            // A number of its own, so that what is made here has an id that no server makes.
            let lease =
                worker == nil
                ? try await WorkerLease.take(from: storage.database, holder: String(randomness.next(), radix: 36)) : nil
            let ids = Snowflakes(
                clock: clock, worker: lease?.number ?? worker ?? 0,
                after: try await InstanceSettings.newestIdentifier(in: storage.database))
            let parts = Parts(
                features: Instance.features, database: storage.database, log: storage.log, ids: ids, clock: clock,
                randomness: randomness,
                configuration: configuration, logger: logger)
            let result = try await body(Administration(parts, hasher: hasher))
            try await lease?.giveBack(to: storage.database)
            await close(storage, hasher)
            return result
        } catch {
            await close(storage, hasher)
            throw error
        }
    }

    /// Hands out who compares the store of files with the database, while a server may be running on both.
    public static func withMediaDoctor(
        _ settings: LoadedSettings, _ body: (MediaDoctor) async throws -> Void
    ) async throws {
        try await with(settings) { administration in
            let store = try settings.objectStore(
                clock: SystemClock(), on: MultiThreadedEventLoopGroup.singleton)
            do {
                try await body(MediaDoctor(administration, store: store))
            } catch {
                await store.shutDown()
                throw error
            }
            await store.shutDown()
        }
    }

    /// Opens the store to look at it.
    static func withStorage<Result: Sendable>(
        _ settings: LoadedSettings, _ body: (Storage) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "aviary", factory: { _ in SwiftLogNoOpLogHandler() })
        let storage = try await Storage.open(settings, for: .command, clock: SystemClock(), logger: logger)
        do {
            let result = try await body(storage)
            await storage.close()
            return result
        } catch {
            await storage.close()
            throw error
        }
    }

    private static func close(_ storage: Storage, _ hasher: PasswordHasher) async {
        await hasher.shutDown()
        await storage.close()
    }
}
