import Kernel

/// The nodes of an instance, as they have said of themselves, and what of it is not as it should be.
public struct Cluster: Sendable {
    public struct Node: Sendable {
        public let number: Int
        /// How long ago it was heard, by the clock of the database's machine.
        public let silence: Duration
        /// Nil for a node of another version, and for a command of the operator.
        public let report: NodeReport?

        public init(number: Int, silence: Duration, report: NodeReport?) {
            self.number = number
            self.silence = silence
            self.report = report
        }

        /// Nil for one that may have ended since it said so.
        public var leads: Bool? { silence < Cluster.noticedSilence ? report?.leads : nil }
    }

    /// What is wrong with a node.
    public enum NodeProblem: String, Sendable, CaseIterable {
        /// It was due to say something, and has not.
        case silent
        /// Its clock is not the database's.
        case clock
        /// So much that nobody is led to it.
        case clockRefused = "clock_refused"
        /// There is much that it has still to tell its clients.
        case behind
        /// It keeps files elsewhere than the others, so that nobody is led to it.
        case files
        /// A bus is away.
        case bus
        /// It says nothing of itself.
        case unknown
    }

    /// What is wrong with all of them together.
    public enum Problem: String, Sendable, CaseIterable {
        case noLeader = "no_leader"
        case versions
    }

    /// A clock may differ from the database's by so much until somebody is told.
    public static let noticedSkew = Duration.seconds(1)
    /// By so much until no traffic is led to the node.
    public static let refusedSkew = Duration.seconds(10)
    /// A node says something every five seconds.
    static let noticedSilence = Duration.seconds(15)
    /// A node that follows is some dozens of events behind at most.
    static let noticedLag: Int64 = 1000

    public let nodes: [Node]
    /// The newest event of the log.
    public let position: Int64
    /// Events that have no position yet.
    public let waiting: Int
    /// Whether a node leads at this moment. What nodes say of it is up to five seconds old.
    let isLed: Bool

    public init(nodes: [Node], position: Int64, waiting: Int, isLed: Bool) {
        self.nodes = nodes
        self.position = position
        self.waiting = waiting
        self.isLed = isLed
    }

    /// How many events a node had still to tell its clients when it was heard.
    public func lag(of node: Node) -> Int64? {
        guard let report = node.report else { return nil }
        // What an older version says is as old as that, so what has happened since counts as well.
        return max(0, report.lag ?? position.subtractingReportingOverflow(report.position).partialValue)
    }

    public func problems(of node: Node) -> [NodeProblem] {
        var problems: [NodeProblem] = node.silence >= Self.noticedSilence ? [.silent] : []
        guard let report = node.report else { return problems + [.unknown] }
        if report.skew_ms.magnitude > Self.refusedSkew.wholeMilliseconds.magnitude {
            problems.append(.clockRefused)
        } else if report.skew_ms.magnitude > Self.noticedSkew.wholeMilliseconds.magnitude {
            problems.append(.clock)
        }
        if lag(of: node).map({ $0 > Self.noticedLag }) == true { problems.append(.behind) }
        if report.difficulties.contains(.files) { problems.append(.files) }
        if report.difficulties.contains(.bus) { problems.append(.bus) }
        return problems
    }

    public var problems: [Problem] {
        let heard = nodes.filter { $0.silence < Self.noticedSilence }.compactMap(\.report)
        var problems: [Problem] = isLed || nodes.isEmpty ? [] : [.noLeader]
        if Set(heard.map(\.version)).count > 1 { problems.append(.versions) }
        return problems
    }
}

extension Cluster: JSONObjectEncodable {
    /// A node with what follows from the others.
    private struct Line: JSONObjectEncodable {
        let node: Node
        let lag: Int64?
        let problems: [NodeProblem]

        static let shape = JSONShape<Line>(
            "ClusterNode",
            .field("number", \.node.number),
            .field("silent_seconds") { max(0, $0.node.silence.wholeSeconds) },
            .field("machine", \.node.report?.machine),
            .field("version", \.node.report?.version),
            .field("started_at", \.node.report?.startedAt),
            .field("clock_ahead_ms", \.node.report?.skew_ms),
            .field("position", \.node.report?.position),
            .field("lag", \.lag),
            .field("sessions", \.node.report?.sessions),
            .field("leads", \.node.leads),
            .field("problems") { $0.problems.map(\.rawValue) })
    }

    private var lines: [Line] { nodes.map { Line(node: $0, lag: lag(of: $0), problems: problems(of: $0)) } }

    public static let shape = JSONShape<Cluster>(
        "Cluster",
        .field("position", \.position),
        .field("waiting", \.waiting),
        .field("problems") { $0.problems.map(\.rawValue) },
        .field("nodes", \.lines))
}
