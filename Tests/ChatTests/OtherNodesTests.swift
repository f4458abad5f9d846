import Kernel
import TestPrograms
import Testing

@testable import Community

@Suite("Who is connected to other nodes")
struct OtherNodesTests {
    typealias Message = OtherNodes.Message

    private static let begin = ContinuousClock.now
    private static let alice = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)

    private static func moment(_ seconds: Double) -> ContinuousClock.Instant { begin + .seconds(seconds) }

    @Test("a node tells of its people, all at once and one by one")
    func told() {
        var others = OtherNodes()
        let first = others.hear(
            .part(version: 4, index: 0, count: 1, [Self.alice: [.idle]]), from: "b", own: "a", at: Self.moment(0))
        #expect(first == .init(changed: [Self.alice], doubtful: [Self.alice]))
        #expect(others.devices(of: Self.alice) == [.idle] && others.heard(at: Self.moment(4)) == ["b"])
        let second = others.hear(
            .change(version: 5, Self.bob, [.online, .dnd], hasChosen: false), from: "b", own: "a", at: Self.moment(1))
        #expect(second == .init(changed: [Self.bob]))
        let third = others.hear(
            .change(version: 6, Self.alice, [], hasChosen: true), from: "b", own: "a", at: Self.moment(1))
        #expect(third == .init(changed: [Self.alice], chosen: Self.alice))
        #expect(others.devices(of: Self.alice) == [] && others.devices(of: Self.bob) == [.online, .dnd])
        // The same again, and what is older, changes nothing.
        #expect(
            others.hear(
                .change(version: 5, Self.alice, [.online], hasChosen: false), from: "b", own: "a", at: Self.moment(1))
                == .init())
        #expect(others.hear(.beat(version: 6), from: "b", own: "a", at: Self.moment(2)) == .init())
    }

    @Test("what was lost is asked for")
    func lost() {
        var others = OtherNodes()
        #expect(others.hear(.beat(version: 0), from: "b", own: "a", at: Self.moment(0)).asks == "b")
        #expect(others.heard(at: Self.moment(0)) == [])
        _ = others.hear(.part(version: 0, index: 0, count: 1, [:]), from: "b", own: "a", at: Self.moment(0))
        #expect(others.hear(.beat(version: 1), from: "b", own: "a", at: Self.moment(1)).asks == "b")
        let late = others.hear(
            .change(version: 2, Self.bob, [.online], hasChosen: false), from: "b", own: "a", at: Self.moment(1))
        #expect(late == .init(changed: [Self.bob], asks: "b"))
        // Half of an answer is none.
        _ = others.hear(
            .part(version: 2, index: 1, count: 2, [Self.alice: [.online]]), from: "b", own: "a", at: Self.moment(1))
        #expect(others.devices(of: Self.alice) == [])
        var outcome = OtherNodes.Outcome()
        for index in 0..<2 {
            outcome = others.hear(
                .part(version: 2, index: index, count: 2, index == 0 ? [Self.bob: [.idle]] : [Self.alice: [.online]]),
                from: "b", own: "a", at: Self.moment(1))
        }
        // What was lost may have said that somebody is to be shown as somebody else.
        #expect(outcome == .init(changed: [Self.alice, Self.bob], doubtful: [Self.alice, Self.bob]))
        let again = others.hear(
            .part(version: 2, index: 0, count: 1, [Self.bob: [.idle], Self.alice: [.online]]), from: "b", own: "a",
            at: Self.moment(1))
        #expect(again == .init(), "nothing was lost since")
        #expect(others.devices(of: Self.alice) == [.online] && others.devices(of: Self.bob) == [.idle])
    }

    @Test("each hears who is asked")
    func asked() {
        var others = OtherNodes()
        #expect(others.hear(.asks(nil), from: "b", own: "a", at: Self.moment(0)).isAsked)
        #expect(others.hear(.asks("a"), from: "b", own: "a", at: Self.moment(0)).isAsked)
        #expect(!others.hear(.asks("c"), from: "b", own: "a", at: Self.moment(0)).isAsked)
    }

    @Test("nobody is sent to a node that ends, or was not heard")
    func leaving() {
        var others = OtherNodes()
        for name in ["b", "c", "d"] {
            _ = others.hear(.part(version: 0, index: 0, count: 1, [:]), from: name, own: "a", at: Self.moment(0))
        }
        _ = others.hear(.leaves, from: "b", own: "a", at: Self.moment(1))
        _ = others.hear(.ends, from: "c", own: "a", at: Self.moment(1))
        for name in ["b", "c"] { _ = others.hear(.beat(version: 0), from: name, own: "a", at: Self.moment(2)) }
        #expect(others.staying(at: Self.moment(4)) == ["d"] && others.heard(at: Self.moment(4)) == ["b", "c", "d"])
        #expect(others.staying(at: Self.moment(6)) == [])
    }

    @Test("the people of a node that is silent go after thirty seconds, of one that ends after twenty")
    func gone() {
        var others = OtherNodes()
        for name in ["b", "c"] {
            _ = others.hear(
                .part(version: 0, index: 0, count: 1, [name == "b" ? Self.alice : Self.bob: [.online]]), from: name,
                own: "a", at: Self.moment(0))
        }
        _ = others.hear(.ends, from: "c", own: "a", at: Self.moment(1))
        #expect(others.heard(at: Self.moment(6)) == [])
        #expect(Self.gone(&others, from: 1, through: 31) == [21: [Self.bob], 30: [Self.alice]])
        #expect(others.devices(of: Self.alice) == [])
    }

    /// Looks each second who is gone.
    private static func gone(_ others: inout OtherNodes, from first: Int, through last: Int) -> [Int: Set<UserID>] {
        var gone: [Int: Set<UserID>] = [:]
        for second in first...last {
            let people = others.expire(at: moment(Double(second)))
            if !people.isEmpty { gone[second] = people }
        }
        return gone
    }

    @Test("who slept takes nobody for gone who may have spoken meanwhile")
    func slept() {
        var others = OtherNodes()
        _ = others.hear(
            .part(version: 0, index: 0, count: 1, [Self.alice: [.online]]), from: "b", own: "a", at: Self.moment(0))
        #expect(Self.gone(&others, from: 1, through: 3) == [:])
        #expect(Self.gone(&others, from: 63, through: 100) == [90: [Self.alice]])
        #expect(others.heard(at: Self.moment(63)) == [])
    }

    @Test("what comes after something newer takes nothing back")
    func overtaken() {
        var others = OtherNodes()
        _ = others.hear(.part(version: 1, index: 0, count: 1, [:]), from: "b", own: "a", at: Self.moment(0))
        let came = Message.change(version: 3, Self.bob, [.online], hasChosen: false)
        #expect(others.hear(came, from: "b", own: "a", at: Self.moment(0)).asks == "b")
        let went = Message.change(version: 2, Self.bob, [], hasChosen: false)
        #expect(others.hear(went, from: "b", own: "a", at: Self.moment(0)).changed == [])
        _ = others.hear(.part(version: 2, index: 0, count: 1, [:]), from: "b", own: "a", at: Self.moment(0))
        #expect(others.devices(of: Self.bob) == [.online])
    }

    @Test("devices are counted where somebody was heard lately, and not where it ends")
    func counts() {
        var others = OtherNodes()
        for (name, statuses) in [("b", [.online]), ("c", [.idle, .online])] as [(String, [Presence.Status])] {
            _ = others.hear(
                .part(version: 0, index: 0, count: 1, [Self.alice: statuses]), from: name, own: "a", at: Self.moment(0))
        }
        #expect(others.counts(of: Self.alice, at: Self.moment(4)) == ["b": 1, "c": 2])
        #expect(others.counts(of: Self.bob, at: Self.moment(4)) == [:])
        _ = others.hear(.ends, from: "b", own: "a", at: Self.moment(4))
        #expect(others.counts(of: Self.alice, at: Self.moment(4)) == ["c": 2])
        #expect(others.counts(of: Self.alice, at: Self.moment(5)) == [:])
    }

    @Test("there are no more nodes than there can be")
    func bound() {
        var others = OtherNodes()
        for number in 0..<2000 {
            _ = others.hear(
                .part(version: 0, index: 0, count: 1, [:]), from: "\(number)", own: "a", at: Self.moment(0))
        }
        #expect(others.heard(at: Self.moment(0)).count == OtherNodes.maximumCount)
    }

    @Test("what goes over the bus comes as it was, and nonsense is nothing")
    func wire() {
        let messages: [Message] = [
            .beat(version: 7), .change(version: 8, Self.alice, [.online, .idle], hasChosen: true),
            .change(version: 9, Self.bob, [], hasChosen: false),
            .part(version: 3, index: 1, count: 2, [Self.alice: [.dnd], Self.bob: [.online]]),
            .part(version: 0, index: 0, count: 1, [:]), .asks(nil), .asks("b"), .ends,
        ]
        for message in messages {
            let read = Message.read(message.bytes(from: "node"))
            #expect(read?.node == "node" && read?.message == message)
        }
        for text in [
            "", "{", "[]", "{}", #"{"node":"a"}"#, #"{"node":"a","ends":false}"#, #"{"node":1,"beat":1}"#,
            #"{"node":"a","part":1,"index":2,"count":2,"people":{}}"#,
            #"{"node":"a","part":1,"index":-1,"count":2,"people":{}}"#,
            #"{"node":"a","part":1,"index":0,"count":-1,"people":{}}"#,
            #"{"node":"a","change":1,"user":"x","devices":[]}"#, #"{"node":"a","change":1,"user":"1"}"#,
        ] {
            #expect(Message.read(Array(text.utf8)) == nil, "\(text)")
        }
        let later = Message.read(Array(#"{"node":"a","change":1,"user":"1","devices":["away"],"more":{}}"#.utf8))
        #expect(later?.message == .change(version: 1, Self.alice, [.online], hasChosen: false))
    }

    // MARK: Whatever is lost, doubled, or late

    /// A node as it tells of itself.
    private struct Node {
        let name: String
        var version: Int64 = 0
        var people: [UserID: [Presence.Status]] = [:]
        var others = OtherNodes()

        mutating func change(_ user: UserID, _ statuses: [Presence.Status]) -> Message {
            version += 1
            people[user] = statuses.isEmpty ? nil : statuses
            return .change(version: version, user, statuses, hasChosen: false)
        }

        var everything: [Message] {
            let halves = [people.filter { $0.key.rawValue % 2 == 0 }, people.filter { $0.key.rawValue % 2 == 1 }]
            return halves.enumerated().map { .part(version: version, index: $0, count: 2, $1) }
        }
    }

    /// Nodes, and a way between them that loses what it likes.
    private struct World {
        var nodes = ["a", "b", "c"].map { Node(name: $0) }
        var random: HostileText
        var loss: Int
        /// How many in a hundred come a second time, and so many of them after what was said later.
        var doubles = 0
        var late: [(message: Message, sender: Int, receiver: Int)] = []

        mutating func send(_ message: Message, from sender: Int, at now: ContinuousClock.Instant) {
            for receiver in nodes.indices where receiver != sender {
                if Int.random(in: 0..<100, using: &random) < loss { continue }
                deliver(message, from: sender, to: receiver, at: now)
                guard Int.random(in: 0..<100, using: &random) < doubles else { continue }
                late.append((message, sender, receiver))
                if Bool.random(using: &random) { deliverLate(at: now) }
            }
        }

        mutating func deliver(_ message: Message, from sender: Int, to receiver: Int, at now: ContinuousClock.Instant) {
            let outcome = nodes[receiver].others.hear(
                message, from: nodes[sender].name, own: nodes[receiver].name, at: now)
            if let asks = outcome.asks { send(.asks(asks), from: receiver, at: now) }
            if outcome.isAsked { for part in nodes[receiver].everything { send(part, from: receiver, at: now) } }
        }

        mutating func deliverLate(at now: ContinuousClock.Instant) {
            let coming = late
            late = []
            for (message, sender, receiver) in coming { deliver(message, from: sender, to: receiver, at: now) }
        }

        mutating func beat(at now: ContinuousClock.Instant) {
            for index in nodes.indices { send(.beat(version: nodes[index].version), from: index, at: now) }
        }

        var agrees: Bool {
            nodes.allSatisfy { node in
                (0..<6 as Range<Int64>).allSatisfy { number in
                    let user = UserID(rawValue: number)
                    let elsewhere = nodes.filter { $0.name != node.name }.flatMap { $0.people[user] ?? [] }
                    return node.others.devices(of: user).map(\.rawValue).sorted() == elsewhere.map(\.rawValue).sorted()
                }
            }
        }
    }

    @Test("whatever is lost on the way, all know the same once something comes through", arguments: [0, 10, 50, 90])
    func anyLoss(percent: Int) {
        for seed in 0..<200 as Range<UInt64> {
            var world = World(random: HostileText(seed: seed), loss: percent)
            var now = Self.moment(0)
            for _ in 0..<60 {
                now += .milliseconds(100)
                let sender = Int.random(in: 0..<3, using: &world.random)
                let user = UserID(rawValue: Int64.random(in: 0..<6, using: &world.random))
                let statuses = Array(
                    [Presence.Status.online, .idle, .dnd].prefix(Int.random(in: 0...3, using: &world.random)))
                world.send(world.nodes[sender].change(user, statuses), from: sender, at: now)
                if Int.random(in: 0..<10, using: &world.random) == 0 { world.beat(at: now) }
            }
            world.deliverLate(at: now)
            world.loss = 0
            for _ in 0..<2 { world.beat(at: now) }
            #expect(world.agrees, "seed \(seed), \(percent) % lost")
        }
    }

    @Test("whatever comes twice or late by a second way, all know the same", arguments: [10, 50, 100])
    func doubled(percent: Int) {
        for seed in 0..<200 as Range<UInt64> {
            var world = World(random: HostileText(seed: seed), loss: Int(seed % 3) * 20)
            world.doubles = percent
            var now = Self.moment(0)
            for _ in 0..<40 {
                now += .milliseconds(100)
                let sender = Int.random(in: 0..<3, using: &world.random)
                let user = UserID(rawValue: Int64.random(in: 0..<6, using: &world.random))
                let statuses = Array(
                    [Presence.Status.online, .idle, .dnd].prefix(Int.random(in: 0...3, using: &world.random)))
                world.send(world.nodes[sender].change(user, statuses), from: sender, at: now)
                if Int.random(in: 0..<10, using: &world.random) == 0 { world.beat(at: now) }
            }
            world.deliverLate(at: now)
            (world.loss, world.doubles) = (0, 0)
            for _ in 0..<2 { world.beat(at: now) }
            #expect(world.agrees, "seed \(seed), \(percent) % doubled")
        }
    }

    @Test("what was told of everybody and comes late, and again, takes nothing back")
    func lateParts() {
        var others = OtherNodes()
        let parts = [
            Message.part(version: 1, index: 0, count: 2, [Self.alice: [.online]]),
            .part(version: 1, index: 1, count: 2, [:]),
        ]
        for part in [parts[0], parts[0], parts[1], parts[1]] {
            _ = others.hear(part, from: "b", own: "a", at: Self.moment(0))
        }
        let change = Message.change(version: 2, Self.bob, [.online], hasChosen: false)
        _ = others.hear(change, from: "b", own: "a", at: Self.moment(0))
        for part in parts {
            #expect(others.hear(part, from: "b", own: "a", at: Self.moment(0)) == .init())
        }
        #expect(others.devices(of: Self.bob) == [.online] && others.devices(of: Self.alice) == [.online])
        #expect(others.hear(.beat(version: 2), from: "b", own: "a", at: Self.moment(1)) == .init())
    }
}
