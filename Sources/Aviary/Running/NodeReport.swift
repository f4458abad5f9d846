import Database
import Events
import Kernel

/// What a node says of itself each time it renews its number, for who looks after the instance.
public struct NodeReport: Sendable, JSONObjectEncodable {
    public let version: String
    public let startedAt: Timestamp
    /// Of the newest event that it has told its clients.
    public let position: Int64
    /// Sockets of the gateway.
    public let sessions: Int
    /// How far its clock is ahead of the database's.
    public let skew_ms: Int64
    public let leads: Bool

    public static let shape = JSONShape<NodeReport>(
        "NodeReport",
        .field("version", \.version), .field("started_at", \.startedAt), .field("position", \.position),
        .field("sessions", \.sessions), .field("skew_ms", \.skew_ms), .field("leads", \.leads))

    init(version: String, startedAt: Timestamp, position: Int64, sessions: Int, skew: Duration, leads: Bool) {
        self.version = version
        self.startedAt = startedAt
        self.position = position
        self.sessions = sessions
        self.skew_ms = skew.wholeMilliseconds
        self.leads = leads
    }

    /// The end of the year 9999.
    private static let latest_s: Int64 = 253_402_300_799

    /// Nil for what another version may have written.
    init?(_ text: String) {
        guard let json = try? JSONParser.parse(Array(text.utf8)), let version = json["version"]?.string,
            let startedAt_s = json["started_at"]?.integer, (0...Self.latest_s).contains(startedAt_s),
            let position = json["position"]?.integer, let sessions = json["sessions"]?.integer,
            let skew_ms = json["skew_ms"]?.integer, case .bool(let leads)? = json["leads"]
        else { return nil }
        self.version = version
        self.startedAt = Timestamp(seconds: startedAt_s)
        self.position = position
        self.sessions = Int(clamping: sessions)
        self.skew_ms = skew_ms
        self.leads = leads
    }
}

/// The nodes of an instance, as they have said of themselves.
public struct Cluster: Sendable {
    public struct Node: Sendable {
        public let number: Int
        /// How long ago it was heard, by the clock of the database's machine.
        public let silence: Duration
        /// Nil for a node of another version, and for a command of the operator.
        public let report: NodeReport?
    }

    public let nodes: [Node]
    /// The newest event of the log.
    public let position: Int64
    /// Events that have no position yet.
    public let waiting: Int

    /// - Throws: `SettingsError`, `DatabaseError`.
    public static func read(_ settings: LoadedSettings) async throws -> Cluster {
        try await AdministrationSession.withStorage(settings) { storage in
            try await storage.database.read { [log = storage.log] tx in
                Cluster(
                    nodes: try WorkerLease.nodes(tx), position: try log.newestPosition(tx),
                    waiting: try log.waitingCount(tx))
            }
        }
    }
}
