import Foundation

/// What a load needs with so many nodes: arithmetic on what things cost, and nothing else.
///
/// People are spread over the nodes evenly, and the hearers of a message by chance. What people do besides sending (reading back,
/// acknowledging, typing, coming and going) is not in it.
public struct Needs: Sendable, Equatable {
    /// The seconds in which all come back after the worst: everybody IDENTIFYs.
    public static let returnTime_s = 600.0

    public let nodes: Int
    /// How many nodes an event has hearers at.
    public let reach: Double
    /// Of all nodes together.
    public let nodeCores: Double
    /// Of the node that leads, which does its share of everything as well.
    public let leaderCores: Double
    public let databaseCores: Double
    /// Of all nodes together, while everybody comes back.
    public let returnCores: Double
    public let nodeMemory_bytes: Double
    public let log_bytesPerSecond: Double
    /// To the sockets of all nodes.
    public let sockets_bitsPerSecond: Double
    /// By the bus into one node.
    public let bus_bitsPerSecond: Double
    /// How much of what may be used is used; above 1 there is not enough.
    public let shares: [Resource: Double]

    public init(of load: Load, nodes: Int, costs: MeasuredCosts, machines: Machines = Machines()) {
        let count = Double(max(nodes, 1))
        let rate = load.messagesPerSecond
        // A node has no hearer when each of them is at one of the others.
        let reach = count * (1 - pow(1 - 1 / count, load.hearers))

        // Each message is sent at one node, looked at by all, and written to the socket of each hearer.
        let sending = rate * costs.send_us
        let looking = rate * (reach * costs.heard_us + (count - reach) * costs.unheard_us)
        let delivering = rate * load.hearers * costs.delivery_us
        let existing = count * (costs.idle_us + (count - 1) * costs.neighbour_us)
        let alike = (sending + looking + delivering + existing) / 1e6
        let placing = rate * costs.placing_us / 1e6
        let database = rate * (costs.storing_us + (count - 1) * costs.reading_us) / 1e6

        let memory = costs.node_bytes + load.people / count * costs.session_bytes
        let sockets = rate * load.hearers * costs.delivery_bytes * 8
        let words = (reach * costs.heardWord_bytes + (count - reach) * costs.unheardWord_bytes) / count
        let bus = (rate * words + (count - 1) * costs.neighbour_bytes) * 8
        let log = rate * costs.log_bytes

        self.nodes = nodes
        self.reach = reach
        nodeCores = alike + placing
        leaderCores = alike / count + placing
        databaseCores = database
        returnCores = load.people / Self.returnTime_s * costs.session_us / 1e6
        nodeMemory_bytes = memory
        log_bytesPerSecond = log
        sockets_bitsPerSecond = sockets
        bus_bitsPerSecond = bus
        let usable = machines.usableShare
        shares = [
            .nodeCPU: alike / count / (machines.nodeCores * usable),
            // Positions are given one after another, by one thread.
            .leaderCPU: placing / usable,
            .nodeMemory: memory / (machines.nodeMemory_bytes * usable),
            .sessions: load.people / count / machines.sessionsPerNode,
            .network: (sockets / count + bus) / (machines.network_bitsPerSecond * usable),
            .databaseCPU: database / (machines.databaseCores * usable),
            .databaseLog: log / (machines.log_bytesPerSecond * usable),
        ]
    }

    /// With the fewest nodes of which none has too much to do; with the most that are allowed when that is not to be had.
    public static func fewest(for load: Load, costs: MeasuredCosts, machines: Machines = Machines()) -> Needs {
        for nodes in machines.fewestNodes..<max(machines.mostNodes, machines.fewestNodes) {
            let needs = Needs(of: load, nodes: nodes, costs: costs, machines: machines)
            if needs.shares.allSatisfy({ $0.key.isShared || $0.value <= 1 }) { return needs }
        }
        return Needs(of: load, nodes: machines.mostNodes, costs: costs, machines: machines)
    }

    /// What runs out first when there is more of everything.
    public var scarcest: (resource: Resource, share: Double) {
        var found = (resource: Resource.nodeCPU, share: -Double.infinity)
        for resource in Resource.allCases {
            if let share = shares[resource], share > found.share { found = (resource, share) }
        }
        return found
    }
}

/// How long something takes on a machine that is busier than when it was measured: waiting grows as 1 / (1 − utilization).
public func latency(_ measured_ms: Double, at measuredShare: Double, whenBusyBy share: Double) -> Double {
    // A machine that is full has a queue that grows for ever; what is told then is only that it is long.
    measured_ms * (1 - min(measuredShare, 0.95)) / (1 - min(share, 0.95))
}
