import Client
import Crowds
import Foundation
import Kernel
import NIOHTTP1
import Sizing

/// What each thing costs in a cluster, what a load would need by that, and whether a load that is run needs so much.
struct ClusterScenario: Sendable {
    private static let nodes = 3

    let program: String
    /// The program of `Benchmarks/Baseline/listen.c`.
    let listener: String
    let machine: PostgreSQLMachine
    /// Of each stretch of time that is measured.
    let seconds: Double
    /// Sent while costs are measured.
    let messagesPerSecond: Double

    // MARK: Costs

    /// What was measured, and under which circumstances.
    struct Measurement: Sendable {
        var costs = MeasuredCosts()
        /// From the request to the socket at another node.
        var delivery_ms = 0.0
        /// How much of the machine was busy then.
        var machineShare = 0.0
    }

    /// Leads: the first node; is asked to send: the second one; listens: the third one. What differs between them, and from a node
    /// by itself, is what each of it costs.
    func measureCosts() async throws -> Measurement {
        try await ClusterStage.with(program, on: machine) { stage in
            try await stage.addNode()
            let founders = try await Senders.make(NodeSendsScenario.connections, .serverForEach, on: stage.ports[0])
            let reader = try await reader(of: founders, on: stage.ports[0])
            _ = try await founders.pace(messagesPerSecond, seconds: 3)
            let (idleAlone, _) = try await stage.spent { try await rest() }
            let (sendingAlone, sentAlone) = try await stage.spent { try await send(founders) }
            for _ in 1..<Self.nodes { try await stage.addNode() }
            let node_bytes = Double(try stage.nodes[2].residentMemory())
            let senders = try await founders.moved(to: [stage.ports[1]])
            _ = try await senders.pace(messagesPerSecond, seconds: 3)
            let (idle, _) = try await stage.spent { try await rest() }
            let (unheard, sentUnheard) = try await stage.spent { try await send(senders) }
            let hearer = try await Hearer.connect(reader, port: stage.ports[2])
            let (heard, sentHeard) = try await stage.spent {
                try await senders.pace(messagesPerSecond, seconds: seconds, note: hearer.note).sent
            }
            let (latencies, _, frame_bytes) = try await hearer.latencies()
            let before = Double(try stage.nodes[2].residentMemory())
            let count = Self.listenersEach * founders.members.count
            let (opening, listeners) = try await stage.spent {
                let tokens = founders.members.map(\.visitor.token)
                return try await Listeners.open(listener, count, ports: [stage.ports[2]], tokens: tokens)
            }
            let session_bytes = (Double(try stage.nodes[2].residentMemory()) - before) / Double(count)
            let (heardByMany, sentToMany) = try await stage.spent { try await send(senders) }
            for listener in listeners { _ = await listener.close() }
            await hearer.close()
            await senders.close()
            await founders.close()

            let windows = Windows(
                idleAlone: idleAlone, sendingAlone: .init(sendingAlone, sentAlone), idle: idle,
                unheard: .init(unheard, sentUnheard), heard: .init(heard, sentHeard),
                heardByMany: .init(heardByMany, sentToMany))
            var measurement = Measurement(costs: windows.costs(listeners: Double(Self.listenersEach)))
            measurement.costs.session_us = opening.nodes_s[2] / Double(count) * 1e6
            measurement.costs.sessionReading_us = opening.database_s / Double(count) * 1e6
            measurement.costs.node_bytes = node_bytes
            measurement.costs.session_bytes = max(session_bytes, 0)
            // Ethernet, IP and TCP with a time stamp take 66 bytes of each packet.
            measurement.costs.delivery_bytes = Double(frame_bytes + 66)
            measurement.delivery_ms = latencies.percentile_ms(0.5)
            measurement.machineShare = heard.machineShare
            return measurement
        }
    }

    /// To a channel of which one session hears at first.
    private static let listenersEach = 24

    private func rest() async throws { try await Task.sleep(for: .seconds(seconds)) }

    private func send(_ senders: Senders) async throws -> Int {
        try await senders.pace(messagesPerSecond, seconds: seconds).sent
    }

    /// Somebody who is in all of their servers.
    private func reader(of founders: Senders, on port: Int) async throws -> Visitor {
        let reader = try await Visitor.register("reader" + String(UInt32.random(in: 0 ... .max), radix: 36), on: port)
        for founder in founders.members {
            let code = try await founder.visitor.invite(to: founder.channel)
            try await reader.send(.POST, "/channels/invites/\(code)")
        }
        return reader
    }

    /// What was spent while the same people sent to more and more who heard them.
    private struct Windows {
        struct Sending {
            let spent: ClusterStage.Spent
            let messages: Double

            init(_ spent: ClusterStage.Spent, _ messages: Int) {
                self.spent = spent
                self.messages = max(Double(messages), 1)
            }

            /// What a node spends on a message, less what it spends in any case.
            func node_us(_ index: Int, _ idle: ClusterStage.Spent) -> Double {
                (spent.nodes_s[index] - idle.nodes_s[index] / idle.seconds * spent.seconds) / messages * 1e6
            }

            func database_us(_ idle: ClusterStage.Spent) -> Double {
                (spent.database_s - idle.database_s / idle.seconds * spent.seconds) / messages * 1e6
            }
        }

        let idleAlone: ClusterStage.Spent
        let sendingAlone: Sending
        let idle: ClusterStage.Spent
        let unheard: Sending
        let heard: Sending
        let heardByMany: Sending

        /// - Parameter listeners: by how many more each message was heard at last.
        func costs(listeners: Double) -> MeasuredCosts {
            var costs = MeasuredCosts()
            let others = Double(ClusterScenario.nodes - 1)
            let perSecond = { (value: Double, spent: ClusterStage.Spent) in value / spent.seconds }
            costs.unheard_us = max(unheard.node_us(2, idle), 0)
            costs.send_us = max(unheard.node_us(1, idle) - costs.unheard_us, 0)
            costs.placing_us = max(unheard.node_us(0, idle) - costs.unheard_us, 0)
            costs.idle_us = perSecond(idleAlone.nodes_s[0], idleAlone) * 1e6
            let together_us = perSecond(idle.nodes_s.reduce(0, +), idle) / (others + 1) * 1e6
            costs.neighbour_us = max(together_us - costs.idle_us, 0) / others

            let one = heard.node_us(2, idle)
            costs.delivery_us = max((heardByMany.node_us(2, idle) - one) / listeners, 0)
            costs.heard_us = max(one - costs.delivery_us, 0)
            costs.storing_us = sendingAlone.database_us(idleAlone)
            costs.reading_us = max((unheard.database_us(idle) - costs.storing_us) / others, 0)
            costs.log_bytes =
                (unheard.spent.log_bytes - perSecond(idle.log_bytes, idle) * unheard.spent.seconds)
                / unheard.messages

            let quietBus = perSecond(idle.bus_bytes, idle)
            let word = { (sending: Sending) in
                (sending.spent.bus_bytes - quietBus * sending.spent.seconds) / sending.messages / others
            }
            costs.unheardWord_bytes = max(word(unheard), 0)
            // Only one of the others has somebody who hears it.
            costs.heardWord_bytes = costs.unheardWord_bytes + max(word(heard) - word(unheard), 0) * others
            costs.neighbour_bytes = quietBus / (others + 1) / others
            return costs
        }
    }

    static func figures(_ measurement: Measurement) -> [Figure] {
        let costs = measurement.costs
        let rows: [(String, Double, String)] = [
            ("node, a message that it is asked to send", costs.send_us, "µs"),
            ("leader, a position", costs.placing_us, "µs"),
            ("node, an event that nobody hears there", costs.unheard_us, "µs"),
            ("node, an event that somebody hears there", costs.heard_us, "µs"),
            ("node, a delivery to a socket", costs.delivery_us, "µs"),
            ("node, somebody who connects", costs.session_us, "µs"),
            ("node, a second by itself", costs.idle_us, "µs"),
            ("node, a second of another node", costs.neighbour_us, "µs"),
            ("PostgreSQL, a message", costs.storing_us, "µs"),
            ("PostgreSQL, an event for each further node", costs.reading_us, "µs"),
            ("PostgreSQL, somebody who connects", costs.sessionReading_us, "µs"),
            ("PostgreSQL's log (WAL), a message", costs.log_bytes, "bytes"),
            ("bus into a node, an event that nobody hears there", costs.unheardWord_bytes, "bytes"),
            ("bus into a node, an event that somebody hears there", costs.heardWord_bytes, "bytes"),
            ("bus into a node, a second of another node", costs.neighbour_bytes, "bytes"),
            ("socket, a delivery", costs.delivery_bytes, "bytes"),
            ("memory of a node", costs.node_bytes / 1_048_576, "MiB"),
            ("memory of a session", costs.session_bytes / 1024, "KiB"),
        ]
        return rows.map { Figure("cost: \($0.0)", $0.1, $0.2) }
            + [
                Figure(
                    "message to a socket of another node, while costs are measured: p50", measurement.delivery_ms, "ms",
                    note: "\((measurement.machineShare * 100).short) % of the machine busy")
            ]
    }

    // MARK: Sizes

    /// A table of what loads need, by these costs.
    static func sizes(_ costs: MeasuredCosts) -> String {
        var lines = [
            "| people | messages/s | nodes | cores of nodes | of the leader | of PostgreSQL | memory a node | WAL | sockets | bus into a node | all back in 10 min | first to run out |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for people in [10_000.0, 100_000, 1_000_000] {
            for rate in [100.0, 1000, 10_000, 100_000] where rate <= people / 10 {
                let needs = Needs.fewest(for: Load(people: people, messagesPerSecond: rate), costs: costs)
                let (resource, share) = needs.scarcest
                lines.append(
                    "| "
                        + [
                            people.short, rate.short, String(needs.nodes), needs.nodeCores.short,
                            needs.leaderCores.short, needs.databaseCores.short,
                            "\((needs.nodeMemory_bytes / 1_048_576).short) MiB",
                            "\((needs.log_bytesPerSecond / 1e6).short) MB/s",
                            "\((needs.sockets_bitsPerSecond / 1e6).short) Mbit/s",
                            "\((needs.bus_bitsPerSecond / 1e6).short) Mbit/s",
                            "\(needs.returnCores.short) cores",
                            "\(resource.rawValue), \((share * 100).short) %",
                        ].joined(separator: " | ") + " |")
            }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: A load that is run

    /// So many sessions at each of three nodes, in communities of which fifty hear each message.
    struct Point: Sendable {
        var sessionsPerNode: Int
        var messagesPerSecond: Double
        static let hearers = 50
        /// Each is connected with several devices: to have an account for each session would take longer than the measurement.
        static let peoplePerCommunity = 5
    }

    func check(_ point: Point, against measurement: Measurement) async throws -> [Figure] {
        try await ClusterStage.with(program, on: machine) { stage in
            for _ in 0..<Self.nodes { try await stage.addNode() }
            let sessions = point.sessionsPerNode * Self.nodes
            let communities = try await populate(sessions / Point.hearers, on: stage.ports[1])
            let owners = Senders(members: communities.map(\.owner))
            let reader = try await reader(of: owners, on: stage.ports[1])
            let tokens = communities.flatMap(\.tokens)
            let listeners = try await Listeners.open(
                listener, point.sessionsPerNode, ports: stage.ports, tokens: tokens)
            let hearer = try await Hearer.connect(reader, port: stage.ports[2])
            // Only now, since a connection without requests does not stay for ever.
            let senders = try await owners.moved(to: stage.ports)
            _ = try await senders.pace(point.messagesPerSecond, seconds: 5)
            let (spent, result) = try await stage.spent {
                try await senders.pace(point.messagesPerSecond, seconds: seconds, note: hearer.note)
            }
            let (latencies, _, _) = try await hearer.latencies()
            let memory = try stage.nodes.map { Double(try $0.residentMemory()) }
            for listener in listeners { _ = await listener.close() }
            await hearer.close()
            await senders.close()
            await owners.close()

            let load = Load(
                people: Double(sessions), messagesPerSecond: Double(result.sent) / spent.seconds,
                hearers: Double(Point.hearers))
            let needs = Needs(of: load, nodes: Self.nodes, costs: measurement.costs)
            // What others and the generator keep busy is taken as it was.
            let more = needs.nodeCores + needs.databaseCores + spent.bus_s / spent.seconds - spent.cores
            let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
            let expected_ms = latency(
                measurement.delivery_ms, at: measurement.machineShare, whenBusyBy: spent.machineShare + more / cores)
            let name =
                "\(Self.nodes) nodes × \(point.sessionsPerNode) sessions, \(load.messagesPerSecond.short) messages/s"
            return [
                Self.compared(
                    "\(name): CPU of the nodes", needs.nodeCores, spent.nodes_s.reduce(0, +) / spent.seconds, "cores"),
                Self.compared(
                    "\(name): CPU of PostgreSQL", needs.databaseCores, spent.database_s / spent.seconds, "cores"),
                Self.compared(
                    "\(name): memory of a node", needs.nodeMemory_bytes / 1_048_576, memory.median / 1_048_576, "MiB"),
                Self.compared(
                    "\(name): from the request to a socket of another node, p50", expected_ms,
                    latencies.percentile_ms(0.5), "ms",
                    note:
                        "p99 \(latencies.percentile_ms(0.99).short) ms; \((spent.machineShare * 100).short) % of the machine busy; \(result.unavailable) × 503"
                ),
                Figure("\(name): CPU of NATS", spent.bus_s / spent.seconds, "cores"),
            ]
        }
    }

    private static func compared(
        _ name: String, _ expected: Double, _ measured: Double, _ unit: String, note: String = ""
    ) -> Figure {
        Figure(
            name, measured, unit,
            note:
                "\(expected.short) predicted, \((measured / expected * 100).short) % of it\(note.isEmpty ? "" : "; ")\(note)"
        )
    }

    private struct Community: Sendable {
        let owner: Senders.Member
        let tokens: [String]
    }

    private func populate(_ count: Int, on port: Int) async throws -> [Community] {
        var communities: [Community] = []
        for number in 0..<count { communities.append(try await Self.community(number, on: port)) }
        return communities
    }

    private static func community(_ number: Int, on port: Int) async throws -> Community {
        let owner = try await Visitor.register("p\(number)_0", on: port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var tokens = [owner.token]
        for index in 1..<Point.peoplePerCommunity {
            let visitor = try await Visitor.register("p\(number)_\(index)", on: port)
            try await visitor.send(.POST, "/channels/invites/\(code)")
            await visitor.connection.close()
            tokens.append(visitor.token)
        }
        return Community(owner: Senders.Member(visitor: owner, channel: channel), tokens: tokens)
    }
}
