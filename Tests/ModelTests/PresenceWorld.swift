import Kernel

@testable import Community

/// What is broken on purpose.
enum PresenceSabotage: CaseIterable, Sendable {
    /// What was lost is not asked for.
    case neverAsks
    /// A node that does not say that it ends is waited for without end.
    case nobodyExpires
    /// Two seconds of silence are the end.
    case hasty
}

/// Nodes that tell each other who is connected to them, over a bus that loses, doubles, delays and changes the order; nodes that die
/// without a word, and nodes that sleep. What they know of each other is the program's own.
struct PresenceWorld {
    typealias Message = OtherNodes.Message

    private static let nodeCount = 3
    private static let users = (1...4).map { UserID(rawValue: $0) }
    private static let seconds = 45
    private static let begin = ContinuousClock.now
    private static let tick = Duration.milliseconds(500)
    /// In ticks: what is noticed as sleep. What is shorter is a pause like others.
    private static let shortestSleep = 12

    private struct Node {
        let name: String
        var version: Int64 = 0
        var devices: [UserID: [Presence.Status]] = [:]
        /// By which change those came who are there.
        var cameAt: [UserID: Int64] = [:]
        var others = OtherNodes()
        /// While it sleeps, nothing is heard nor said.
        var sleepsUntil = 0
        /// What waits to be heard.
        var mailbox: [(sender: String, message: Message)] = []
        /// By node and user: who is known to be there, and has been since.
        var known: [String: Set<UserID>] = [:]
        /// In ticks of its own waking time.
        var awake = 0
        var heardAt: [String: Int] = [:]
    }

    private var chance: Chance
    private let sabotage: PresenceSabotage?
    private var nodes: [Node]
    private var late: [(due: Int, receiver: Int, sender: String, message: Message)] = []
    private var time = 0
    private var nameCount = 0
    /// How many in a hundred messages are lost.
    private var loss: Int
    private var isResting = false

    /// - Throws: `Breach`.
    static func play(_ seed: UInt64, _ sabotage: PresenceSabotage? = nil) throws {
        var world = PresenceWorld(seed, sabotage)
        for _ in 0..<seconds * 2 { try world.step() }
        try world.rest()
    }

    private init(_ seed: UInt64, _ sabotage: PresenceSabotage?) {
        chance = Chance(seed: seed)
        self.sabotage = sabotage
        loss = [0, 10, 40][chance.below(3)]
        nodes = []
        for _ in 0..<Self.nodeCount { nodes.append(newcomer()) }
    }

    private mutating func newcomer() -> Node {
        nameCount += 1
        return Node(name: "n\(nameCount)")
    }

    private var now: ContinuousClock.Instant { Self.begin + Self.tick * time }

    // MARK: What happens

    private mutating func step() throws {
        time += 1
        let node = chance.below(nodes.count)
        if nodes[node].sleepsUntil <= time {
            switch chance.below(100) {
            case 0..<30: change(node)
            case 30: die(node)
            case 31: end(node)
            case 32: nodes[node].sleepsUntil = time + Self.shortestSleep + chance.below(90)
            default: break
            }
        }
        try advance()
    }

    /// Half a second.
    private mutating func advance() throws {
        let (due, rest) = (late.filter { $0.due <= time }, late.filter { $0.due > time })
        late = rest
        for letter in due { nodes[letter.receiver].mailbox.append((letter.sender, letter.message)) }
        for node in nodes.indices where nodes[node].sleepsUntil <= time {
            nodes[node].awake += 1
            // Whoever wakes may look who is gone before anything is heard.
            let looksFirst = chance.happens(50)
            if looksFirst { try beat(node) }
            try listen(node)
            if !looksFirst { try beat(node) }
        }
    }

    private mutating func rest() throws {
        isResting = true
        loss = 0
        for node in nodes.indices { nodes[node].sleepsUntil = min(nodes[node].sleepsUntil, time + Self.shortestSleep) }
        for _ in 0..<100 {
            time += 1
            try advance()
        }
        for node in nodes {
            for user in Self.users {
                let elsewhere = nodes.filter { $0.name != node.name }.flatMap { $0.devices[user] ?? [] }
                let known = node.others.devices(of: user)
                guard known.map(\.rawValue).sorted() == elsewhere.map(\.rawValue).sorted() else {
                    throw Breach("\(node.name) knows \(known) of \(user), and there are \(elsewhere)")
                }
            }
        }
    }

    // MARK: Devices and nodes

    private mutating func change(_ node: Int) {
        guard let user = chance.one(of: Self.users) else { return }
        let statuses = Array([Presence.Status.online, .idle, .dnd].prefix(chance.below(4)))
        nodes[node].version += 1
        nodes[node].devices[user] = statuses.isEmpty ? nil : statuses
        if statuses.isEmpty {
            nodes[node].cameAt[user] = nil
            forget(user, at: nodes[node].name)
        } else if nodes[node].cameAt[user] == nil {
            nodes[node].cameAt[user] = nodes[node].version
        }
        send(.change(version: nodes[node].version, user, statuses, hasChosen: false), from: node)
    }

    private mutating func forget(_ user: UserID, at name: String) {
        for node in nodes.indices { nodes[node].known[name]?.remove(user) }
    }

    /// Another one takes its place, with nobody connected.
    private mutating func die(_ node: Int) {
        for user in Self.users { forget(user, at: nodes[node].name) }
        late.removeAll { $0.receiver == node }
        nodes[node] = newcomer()
        introduce(node)
    }

    private mutating func end(_ node: Int) {
        for user in Self.users { forget(user, at: nodes[node].name) }
        send(.ends, from: node)
        die(node)
    }

    private mutating func introduce(_ node: Int) {
        send(.asks(nil), from: node)
        tellEverything(node)
    }

    private mutating func tellEverything(_ node: Int) {
        let people = nodes[node].devices
        for half in 0..<2 {
            let part = people.filter { $0.key.rawValue % 2 == half }
            send(.part(version: nodes[node].version, index: half, count: 2, part), from: node)
        }
    }

    // MARK: The bus

    private mutating func send(_ message: Message, from sender: Int) {
        let name = nodes[sender].name
        for receiver in nodes.indices where receiver != sender {
            if chance.happens(loss) { continue }
            for _ in 0..<(chance.happens(loss / 4) ? 2 : 1) {
                if !isResting, chance.happens(loss / 2) {
                    late.append((time + chance.below(20), receiver, name, message))
                } else {
                    nodes[receiver].mailbox.append((name, message))
                }
            }
        }
    }

    private mutating func listen(_ node: Int) throws {
        while !nodes[node].mailbox.isEmpty {
            let (sender, message) = nodes[node].mailbox.removeFirst()
            let outcome = nodes[node].others.hear(message, from: sender, own: nodes[node].name, at: now)
            nodes[node].heardAt[sender] = nodes[node].awake
            if let asks = outcome.asks, sabotage != .neverAsks { send(.asks(asks), from: node) }
            if outcome.isAsked { tellEverything(node) }
            if case .beat(let version) = message, outcome.asks == nil { note(version, of: sender, by: node) }
            try judge(sender, by: node)
        }
    }

    private mutating func beat(_ node: Int) throws {
        guard time.isMultiple(of: 2) || nodes[node].sleepsUntil == time else { return }
        send(.beat(version: nodes[node].version), from: node)
        guard sabotage != .nobodyExpires else { return }
        let haste: Duration = sabotage == .hasty ? OtherNodes.silence - .seconds(2) : .zero
        _ = nodes[node].others.expire(at: now + haste)
        for sender in nodes.indices where sender != node { try judge(nodes[sender].name, by: node) }
    }

    // MARK: Whether it holds

    /// A beat that asks for nothing tells that everything is known up to there.
    private mutating func note(_ version: Int64, of sender: String, by node: Int) {
        guard let there = nodes.first(where: { $0.name == sender }) else { return }
        nodes[node].known[sender] = Set(there.cameAt.filter { $0.value <= version }.keys)
    }

    /// Who was known to be on a node, has been since, and whose node was heard within half a minute, is there.
    private mutating func judge(_ sender: String, by node: Int) throws {
        let silence = nodes[node].awake - (nodes[node].heardAt[sender] ?? -1000)
        for user in nodes[node].known[sender] ?? []
        where nodes[node].others.counts(of: user, at: Self.begin)[sender] == nil {
            guard silence >= 60 else {
                throw Breach("\(nodes[node].name) takes \(user) for gone, who is at \(sender), at \(now - Self.begin)")
            }
            nodes[node].known[sender]?.remove(user)
        }
    }
}
