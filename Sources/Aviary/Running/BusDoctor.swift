import Bus
import Database
import Kernel
import Logging

/// Tries the ways by which nodes of an instance tell each other what they have to tell.
public enum BusDoctor {
    public struct Finding: Sendable, Equatable, CustomStringConvertible {
        public let way: String
        public let isReached: Bool

        public var description: String {
            "\(way): \(isReached ? "what one node sends, another one hears" : "not reached")"
        }
    }

    /// - Parameter logger: is told why something can't be reached.
    /// - Returns: what was found of each way; nothing where there is one node alone.
    /// - Throws: `SettingsError`, `DatabaseError`.
    public static func examine(_ settings: LoadedSettings) async throws -> [Finding] {
        try await examine(settings, logger: Observability.logger(settings))
    }

    static func examine(_ settings: LoadedSettings, logger: Logger) async throws -> [Finding] {
        guard case .postgresql(let url) = try StorageLocation(settings) else {
            _ = try BusChoice(settings)
            return []
        }
        // One of its own: what is tried here is heard by no node.
        let seal = BusSeal(secret: SystemRandomness().bytes(32))
        let postgresql = try await BusCheck.carries { try PostgreSQLBus(url: url, seal: seal, logger: logger) }
        var findings = [Finding(way: "PostgreSQL", isReached: postgresql)]
        if case .nats(let place) = try BusChoice(settings) {
            let storage = try await Storage.open(settings, for: .command, clock: SystemClock(), logger: logger)
            let instance: String
            do {
                instance = try await InstanceSettings.busName(in: storage.database)
            } catch {
                await storage.close()
                throw error
            }
            await storage.close()
            let nats = await BusCheck.carries { NATSBus(place, instance: instance, seal: seal, logger: logger) }
            findings.append(Finding(way: "NATS", isReached: nats))
        }
        return findings
    }
}
