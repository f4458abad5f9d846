import ArgumentParser
import Foundation
import Kernel

/// What is done to a cluster. docs/faults.md says what each has to leave intact.
enum Fault: String, CaseIterable, ExpressibleByArgument {
    /// Nothing at all: what comes of the load itself.
    case none
    case kill
    case stop
    case stopDatabase = "stop-db"
    case cutDatabase = "cut-db"
    case cutBus = "cut-bus"
    case terminate
    case immediate
    case failover
    case skew
    case diskFull = "disk-full"
    case loseNotices = "lose-notices"
    case doubleNotices = "double-notices"
    case reorderNotices = "reorder-notices"
    case delayNotices = "delay-notices"

    /// Where an answer of 500 or more may come from meanwhile; nil for everywhere.
    func places(victim: Int) -> Set<Endpoint.Place>? {
        switch self {
        case .kill, .stop, .cutDatabase, .skew: [.node(victim), .balancer]
        case .none, .cutBus, .loseNotices, .doubleNotices, .reorderNotices, .delayNotices: []
        case .stopDatabase, .terminate, .immediate, .failover, .diskFull: nil
        }
    }

    /// Seconds by which a node's clock may be wrong.
    private static let skews = ["-3600", "-5", "-0.5", "0.5", "5", "3600"]

    /// Does it, lets it last, and undoes it.
    /// - Parameters:
    ///   - victim: the number of the node that it is done to, where it is done to one.
    ///   - time: how long it lasts.
    ///   - look: what is looked at before it is undone.
    func strike(
        _ cluster: Cluster, victim: Int, for time: Duration, _ random: SeededRandomness, look: () async -> Void
    ) async throws {
        let node = "\(victim)"
        func hold(_ begin: String, _ end: String, _ words: String...) async throws {
            try await cluster.does([begin] + words)
            try await Task.sleep(for: time)
            await look()
            try await cluster.does([end] + words)
        }
        func tamper(_ words: String...) async throws {
            try await cluster.does(["tamper", node] + words)
            try await Task.sleep(for: time)
            try await cluster.does("tamper", node, "nothing")
        }
        switch self {
        case .none: try await Task.sleep(for: time)
        case .kill:
            try await cluster.does("kill", node)
            try await Task.sleep(for: time / 4)
            try await cluster.does("start", node)
        case .stop: try await hold("freeze", "thaw", node)
        case .stopDatabase: try await hold("freeze-database", "thaw-database")
        case .cutDatabase: try await hold("cut", "heal", node, "database")
        case .cutBus: try await cluster.does("deafen", node, "\(max(1, time.components.seconds))")
        case .terminate: for _ in 0..<30 { try await cluster.does("terminate") }
        case .immediate: try await cluster.does("restart-database")
        case .failover:
            try await cluster.does("fail-over")
            try await Task.sleep(for: time)
            try await cluster.does("rebuild-standby")
        case .skew:
            let skew = Self.skews[Int(random.next() % UInt64(Self.skews.count))]
            print("  node \(victim) with a clock that is \(skew) s off")
            try await cluster.does("kill", node)
            try await cluster.does("start", node, skew)
            try await Task.sleep(for: time)
            await look()
            try await cluster.does("kill", node)
            try await cluster.does("start", node)
        case .diskFull: try await hold("fill-disk", "free-disk")
        case .loseNotices: try await tamper("lose")
        case .doubleNotices: try await tamper("double")
        case .reorderNotices: try await tamper("reorder")
        case .delayNotices: try await tamper("delay", "10000")
        }
    }
}
