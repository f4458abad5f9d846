import Bus
import Database
import Kernel
import Logging
import NIOConcurrencyHelpers

/// Tries the ways by which nodes of an instance tell each other what they have to tell.
public enum BusDoctor {
    public struct Finding: Sendable, Equatable, CustomStringConvertible {
        public let way: String
        public let isReached: Bool
        /// Why it is not reached, where that is known.
        public let reason: String?

        public var description: String {
            if isReached { return "\(way): what one node sends, another one hears" }
            return "\(way): not reached" + (reason.map { ": \($0)" } ?? "")
        }
    }

    /// - Returns: what was found of each way; nothing where there is one node alone.
    /// - Throws: `SettingsError`, `DatabaseError`.
    public static func examine(_ settings: LoadedSettings) async throws -> [Finding] {
        let reasons = NIOLockedValueBox<[String]>([])
        let logger = Logger(label: "doctor") { _ in ReasonKeeper(reasons: reasons) }
        guard case .postgresql(let url) = try StorageLocation(settings) else {
            _ = try BusChoice(settings)
            return []
        }
        // One of its own: what is tried here is heard by no node.
        let seal = BusSeal(secret: SystemRandomness().bytes(32))
        let finding = { (way: String, isReached: Bool) in
            Finding(way: way, isReached: isReached, reason: isReached ? nil : reasons.withLockedValue { $0.last })
        }
        let postgresql = try await BusCheck.carries { try PostgreSQLBus(url: url, seal: seal, logger: logger) }
        var findings = [finding("PostgreSQL", postgresql)]
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
            findings.append(finding("NATS", nats))
        }
        return findings
    }
}

/// Keeps why something failed instead of logging that it did.
private struct ReasonKeeper: LogHandler {
    let reasons: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let reason = event.metadata?["reason"] ?? event.metadata?["error"] else { return }
        reasons.withLockedValue { $0.append("\(reason)") }
    }
}
