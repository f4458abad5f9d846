import Kernel

/// What a node says of itself each time it renews its number, for who looks after the instance. Whoever administers the instance may
/// read it, so there is nothing in it of addresses, paths and secrets.
public struct NodeReport: Sendable, JSONObjectEncodable {
    public let version: String
    public let startedAt: Timestamp
    /// Of the newest event that it has told its clients.
    public let position: Int64
    /// How many events it had still to tell them; nil where an older version has not said so.
    public let lag: Int64?
    /// Sockets of the gateway.
    public let sessions: Int
    /// How far its clock is ahead of the database's.
    public let skew_ms: Int64
    public let leads: Bool
    /// A name of the folder of files that it has in common with others; nil for files elsewhere.
    public let folder: String?
    /// The name that its machine has for itself; nil where an older version has not said it.
    public let machine: String?
    public let difficulties: Set<Difficulty>

    /// What a node has found out of itself.
    public enum Difficulty: String, Sendable, CaseIterable {
        /// The others keep files elsewhere, so that it takes no traffic.
        case files
        /// A bus is away, and another one or the database takes its place.
        case bus
    }

    public static let shape = JSONShape<NodeReport>(
        "NodeReport",
        .field("version", \.version), .field("started_at", \.startedAt), .field("position", \.position),
        .field("lag", \.lag), .field("sessions", \.sessions), .field("skew_ms", \.skew_ms), .field("leads", \.leads),
        .field("folder", \.folder), .field("machine", \.machine),
        .field("difficulties") { $0.difficulties.map(\.rawValue).sorted() })

    public init(
        version: String, startedAt: Timestamp, position: Int64, lag: Int64?, sessions: Int, skew: Duration, leads: Bool,
        folder: String? = nil, machine: String? = nil, difficulties: Set<Difficulty> = []
    ) {
        self.version = version
        self.startedAt = startedAt
        self.position = position
        self.lag = lag
        self.sessions = sessions
        self.skew_ms = skew.wholeMilliseconds
        self.leads = leads
        self.folder = folder
        self.machine = machine
        self.difficulties = difficulties
    }

    /// The end of the year 9999.
    private static let latest_s: Int64 = 253_402_300_799

    /// Nil for what another version may have written.
    public init?(_ text: String) {
        guard let json = try? JSONParser.parse(Array(text.utf8)), let version = json["version"]?.string,
            let startedAt_s = json["started_at"]?.integer, (0...Self.latest_s).contains(startedAt_s),
            let position = json["position"]?.integer, let sessions = json["sessions"]?.integer,
            let skew_ms = json["skew_ms"]?.integer, case .bool(let leads)? = json["leads"]
        else { return nil }
        self.version = version
        self.startedAt = Timestamp(seconds: startedAt_s)
        self.position = position
        self.lag = json["lag"]?.integer
        self.sessions = Int(clamping: sessions)
        self.skew_ms = skew_ms
        self.leads = leads
        self.folder = json["folder"]?.string
        self.machine = json["machine"]?.string
        self.difficulties = Set((json["difficulties"]?.array ?? []).compactMap { $0.string.flatMap(Difficulty.init) })
    }
}
