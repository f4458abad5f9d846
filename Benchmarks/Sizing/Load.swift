/// What people do with a cluster.
public struct Load: Sendable, Equatable {
    /// Who are connected at once.
    public var people: Double
    public var messagesPerSecond: Double
    /// To how many sockets a message goes.
    public var hearers: Double

    public init(people: Double, messagesPerSecond: Double, hearers: Double = 50) {
        self.people = people
        self.messagesPerSecond = messagesPerSecond
        self.hearers = hearers
    }
}

/// What there is of each machine, and how much of it may be used, so that one may fail and an hour be busier than others.
public struct Machines: Sendable, Equatable {
    public var nodeCores = 8.0
    public var nodeMemory_bytes = 16.0 * 1_073_741_824
    public var sessionsPerNode = 10_000.0
    public var network_bitsPerSecond = 10e9
    public var databaseCores = 16.0
    /// What the database's disk takes of its log, all the time.
    public var log_bytesPerSecond = 200e6
    /// Of all of these but the number of sessions.
    public var usableShare = 0.5
    /// An instance needs so many even if nobody is there.
    public var fewestNodes = 2
    public var mostNodes = 1000

    public init() {}
}

/// What can run out.
public enum Resource: String, Sendable, CaseIterable {
    case nodeCPU = "CPU of a node"
    case leaderCPU = "CPU of the leader"
    case nodeMemory = "memory of a node"
    case sessions = "sockets of a node"
    case network = "network of a node"
    case databaseCPU = "CPU of PostgreSQL"
    case databaseLog = "disk of PostgreSQL"

    /// More nodes do not help.
    var isShared: Bool { self == .databaseCPU || self == .databaseLog || self == .leaderCPU }
}
