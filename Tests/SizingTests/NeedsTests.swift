import Sizing
import Testing

@Suite("What a load needs")
struct NeedsTests {
    /// Each cost stands for itself in a sum.
    private static var costs: MeasuredCosts {
        var costs = MeasuredCosts()
        costs.send_us = 1000
        costs.placing_us = 100
        costs.unheard_us = 2
        costs.heard_us = 20
        costs.delivery_us = 5
        costs.session_us = 3000
        costs.idle_us = 1000
        costs.neighbour_us = 100
        costs.storing_us = 400
        costs.reading_us = 10
        costs.log_bytes = 4000
        costs.unheardWord_bytes = 10
        costs.heardWord_bytes = 500
        costs.neighbour_bytes = 50
        costs.delivery_bytes = 600
        costs.node_bytes = 60e6
        costs.session_bytes = 5000
        return costs
    }

    private static func needs(
        _ people: Double, _ messagesPerSecond: Double, hearers: Double, nodes: Int
    ) -> Needs {
        let load = Load(people: people, messagesPerSecond: messagesPerSecond, hearers: hearers)
        return Needs(of: load, nodes: nodes, costs: costs)
    }

    private func expectEqual(
        _ value: Double, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(abs(value - expected) <= abs(expected) * 1e-9, sourceLocation: sourceLocation)
    }

    @Test
    func `One node has every event, and no neighbours`() {
        let needs = Self.needs(1000, 100, hearers: 50, nodes: 1)
        expectEqual(needs.reach, 1)
        // 100 × (1000 + 20 + 50 × 5 + 100) + 1000 µs
        expectEqual(needs.nodeCores, 0.138)
        expectEqual(needs.leaderCores, needs.nodeCores)
        expectEqual(needs.databaseCores, 0.04)
        expectEqual(needs.bus_bitsPerSecond, 100 * 500 * 8)
    }

    @Test
    func `A message reaches the nodes at which it has hearers`() {
        // Both at the same node, or at two: 1 or 2 with the same chance.
        let needs = Self.needs(1000, 100, hearers: 2, nodes: 2)
        expectEqual(needs.reach, 1.5)
        // 100 × (1000 + 1.5 × 20 + 0.5 × 2 + 2 × 5 + 100) + 2 × (1000 + 100) µs
        expectEqual(needs.nodeCores, 0.1163)
        // Half of all but the positions.
        expectEqual(needs.leaderCores, (0.1163 - 0.01) / 2 + 0.01)
        expectEqual(needs.databaseCores, 100 * 410 / 1e6)
        expectEqual(needs.bus_bitsPerSecond, (100 * (0.75 * 500 + 0.25 * 10) + 50) * 8)
    }

    @Test
    func `Sockets, memory and the log are counted`() {
        let needs = Self.needs(20_000, 300, hearers: 10, nodes: 4)
        expectEqual(needs.sockets_bitsPerSecond, 300 * 10 * 600 * 8)
        expectEqual(needs.nodeMemory_bytes, 60e6 + 5000 * 5000)
        expectEqual(needs.log_bytesPerSecond, 300 * 4000)
        expectEqual(needs.returnCores, 20_000 / 600 * 3000 / 1e6)
    }

    @Test
    func `A message without hearers reaches nobody`() {
        expectEqual(Self.needs(0, 1, hearers: 0, nodes: 3).reach, 0)
    }

    @Test
    func `There are as many nodes as none has too much to do`() {
        let load = Load(people: 35_000, messagesPerSecond: 10)
        #expect(Needs.fewest(for: load, costs: Self.costs).nodes == 4)
        // 20,000 × (1000 + 50 × 5) µs and more, with four cores of each node to be used.
        let busy = Load(people: 1000, messagesPerSecond: 20_000)
        let needs = Needs.fewest(for: busy, costs: Self.costs)
        #expect(needs.shares[.nodeCPU] ?? 2 <= 1)
        let fewer = Needs(of: busy, nodes: needs.nodes - 1, costs: Self.costs)
        #expect(fewer.shares[.nodeCPU] ?? 0 > 1)
    }

    @Test
    func `Nobody is there, and there are two nodes all the same`() {
        #expect(Needs.fewest(for: Load(people: 0, messagesPerSecond: 0), costs: Self.costs).nodes == 2)
    }

    @Test
    func `More nodes than are allowed are not asked for`() {
        let load = Load(people: 1e12, messagesPerSecond: 1e12)
        #expect(Needs.fewest(for: load, costs: Self.costs).nodes == Machines().mostNodes)
    }

    @Test
    func `What runs out first is what is used most of what may be used`() {
        #expect(Self.needs(100_000, 1, hearers: 1, nodes: 2).scarcest.resource == .sessions)
        #expect(Self.needs(10, 10_000, hearers: 1, nodes: 100).scarcest.resource == .leaderCPU)
        var costs = Self.costs
        costs.storing_us = 4000
        let needs = Needs(of: Load(people: 10, messagesPerSecond: 10_000, hearers: 1), nodes: 100, costs: costs)
        #expect(needs.scarcest.resource == .databaseCPU)
        // 10,000 × (4000 + 99 × 10) µs of eight cores
        expectEqual(needs.scarcest.share, 49.9 / 8)
    }

    @Test
    func `Waiting grows with what is used`() {
        expectEqual(latency(10, at: 0.5, whenBusyBy: 0.5), 10)
        expectEqual(latency(10, at: 0, whenBusyBy: 0.5), 20)
        expectEqual(latency(10, at: 0.5, whenBusyBy: 0.75), 20)
        #expect(latency(10, at: 0, whenBusyBy: 7).isFinite)
    }
}
