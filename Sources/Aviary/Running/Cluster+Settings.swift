import Chat
import Database
import Events

extension Cluster {
    /// - Throws: `SettingsError`, `DatabaseError`.
    public static func read(_ settings: LoadedSettings) async throws -> Cluster {
        try await AdministrationSession.withStorage(settings) { storage in
            try await storage.database.read { [log = storage.log] tx in
                Cluster(
                    nodes: try WorkerLease.nodes(tx), position: try log.newestPosition(tx),
                    waiting: try log.waitingCount(tx), isLed: try log.isLed(tx))
            }
        }
    }
}
