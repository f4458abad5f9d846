import Kernel

@testable import Events
@testable import Gateway

/// What is broken on purpose, so that it is seen that it would be noticed.
enum LogSabotage: CaseIterable, Sendable {
    /// What the bus brings is delivered, and nothing is read.
    case busIsTruth
    /// What is handed over is delivered, whatever is missing before it.
    case gapsPassedBy
    /// The relay remembers how far it came, instead of taking what it has placed.
    case relayPassesBy
    /// Nobody looks without having been told.
    case noPoll
    /// A leader that has lost its lock goes on.
    case noFence
    /// Whoever begins does not wait for what is on its way.
    case unsettledStart
    /// What is typed is told before the log is known that its sender knew.
    case noHorizon
}

/// Several nodes on one database, with clients that come and go; what happens next is chance.
struct LogWorld {
    private static let nodeCount = 3
    private static let userCount = 3
    private static let clientCount = 4
    private static let steps = 70
    /// Whose audience everybody is in.
    private static let home = Audience(id: 50)
    private static let rooms = [Audience(id: 100), Audience(id: 101), Audience(id: 102)]

    /// A transaction.
    private struct Writing {
        let node: Int
        let sayings: [Saying]
        /// What each user sees then.
        let sight: [Set<Audience>]?
        var waiting: [ModelDatabase.Waiting] = []
    }

    private enum Word {
        /// There is something new, up to a position.
        case look(Int64)
        case events([UInt8])
        case ring
        case typing(tag: Int, Audience, horizon: Int64)
    }

    private var chance: Chance
    private let sabotage: LogSabotage?
    private(set) var database: ModelDatabase
    /// Nil while it is down.
    private var nodes: [ModelNode?]
    private(set) var clients: [ModelClient]
    private var writings: [Writing] = []
    private var words: [(node: Int, word: Word)] = []
    private(set) var history = LogHistory()
    /// Whether the bus is one by which events are handed over.
    private let handsOver: Bool
    /// At the end nothing is lost, and everything is done that is to be done.
    private var isResting = false

    init(seed: UInt64, sabotage: LogSabotage? = nil) {
        chance = Chance(seed: seed)
        self.sabotage = sabotage
        handsOver = chance.happens(50)
        let sight = (0..<Self.userCount).map { user -> Set<Audience> in
            [.user(UserID(rawValue: Int64(user + 1))), Self.home, Self.rooms[user % Self.rooms.count]]
        }
        history.sight = sight
        database = ModelDatabase(sight: sight)
        nodes = (0..<Self.nodeCount).map { _ in ModelNode(after: 0) }
        clients = (0..<Self.clientCount).map { ModelClient(user: $0 % Self.userCount) }
    }

    /// - Throws: `Breach`.
    static func play(_ seed: UInt64, _ sabotage: LogSabotage? = nil) throws {
        var world = LogWorld(seed: seed, sabotage: sabotage)
        for _ in 0..<steps { world.step() }
        world.rest()
        try LogVerdict(world.database, world.history, world.clients).judge()
    }

    // MARK: Chance

    private var living: [Int] { nodes.indices.filter { nodes[$0] != nil } }

    private mutating func step() {
        guard let node = chance.one(of: living) else { return start() }
        switch chance.below(116) {
        case 0..<14: begin(on: node)
        case 14..<22: number()
        case 22..<34: end()
        case 34..<42: beginMove(on: node)
        case 42..<50: endMove()
        case 50..<54: lead(node)
        case 54..<66: deliverWord()
        case 66..<71: poll(node)
        case 71..<82: nodes[node]?.read(database, limit: 1 + chance.below(3))
        case 82..<92: drain(node, limit: 1 + chance.below(4))
        case 92..<106: act(chance.below(clients.count))
        case 106..<110: type(on: node)
        case 110: place(on: node)
        case 111: crash(node)
        case 112: start()
        case 113: terminate()
        case 114: overflow(node)
        default: hangUp(chance.below(clients.count))
        }
    }

    /// Everything that is under way comes to its end.
    private mutating func rest() {
        isResting = true
        for _ in 0..<30 {
            start()
            while !writings.isEmpty {
                number()
                end()
            }
            while !database.moves.isEmpty { endMove() }
            for node in nodes.indices {
                lead(node)
                poll(node)
                beginMove(on: node)
            }
            while !database.moves.isEmpty { endMove() }
            while !words.isEmpty { deliverWord() }
            for node in nodes.indices {
                while nodes[node]?.isAwake == true { nodes[node]?.read(database, limit: 100) }
                drain(node, limit: .max)
            }
            for client in clients.indices { act(client) }
            if isAtRest { return }
        }
    }

    private var isAtRest: Bool {
        let end = database.newestPosition
        return database.outbox.isEmpty && nodes.allSatisfy { $0?.tail == end && $0?.isQuiet == true }
            && clients.allSatisfy { $0.isLive && $0.socket.isEmpty }
    }

    // MARK: Writers

    private mutating func begin(on node: Int) {
        if chance.happens(70) {
            guard let room = chance.one(of: Self.rooms) else { return }
            let sayings = (0...chance.below(2)).map { _ in
                // Some hear of it in two ways.
                Saying(
                    tag: history.begins(), audiences: chance.happens(20) ? [room, Self.rooms[0]] : [room], change: nil)
            }
            writings.append(Writing(node: node, sayings: sayings, sight: nil))
        } else if !writings.contains(where: { $0.sight != nil }), let room = chance.one(of: Self.rooms) {
            // Those who change the same wait for each other.
            writings.append(changeSight(of: room, node))
        }
    }

    private mutating func changeSight(of room: Audience, _ node: Int) -> Writing {
        var sight = database.sight
        let gains = chance.happens(50)
        let concerned = sight.indices.filter { sight[$0].contains(room) != gains }
        let some = chance.happens(50) ? concerned : chance.one(of: concerned).map { [$0] } ?? []
        for user in some { if gains { sight[user].insert(room) } else { sight[user].remove(room) } }
        let own = { (user: Int) in Audience.user(UserID(rawValue: Int64(user + 1))) }
        let except = sight.indices.filter { !some.contains($0) }.map(own)
        let change = SightChange(
            gained: gains ? [room] : [], lost: gains ? [] : [room], except: some.count == 1 ? [] : except)
        let saying = Saying(
            tag: history.begins(), audiences: some.count == 1 ? some.map(own) : [Self.home], change: change)
        return Writing(node: node, sayings: [saying], sight: sight)
    }

    /// Takes numbers for what was said, shortly before the commit.
    private mutating func number() {
        guard !writings.isEmpty else { return }
        let index = chance.below(writings.count)
        guard writings[index].waiting.isEmpty else { return }
        let sayings = writings[index].sayings
        writings[index].waiting = sayings.map { .init(number: database.number(), saying: $0) }
    }

    private mutating func end() {
        guard !writings.isEmpty else { return }
        let index = chance.below(writings.count)
        guard !writings[index].waiting.isEmpty else { return }
        if chance.happens(8) { writings.remove(at: index) } else { commit(at: index) }
    }

    private mutating func commit(at index: Int) {
        let writing = writings.remove(at: index)
        if let sight = writing.sight { database.sight = sight }
        database.commit(writing.waiting)
        history.commits(writing.sayings.map(\.tag))
        guard let node = nodes[writing.node] else { return }
        if node.session == nil { publish(.ring, from: writing.node) } else { nodes[writing.node]?.isRung = true }
    }

    // MARK: The bus

    private mutating func publish(_ word: Word, from sender: Int) {
        for node in living where node != sender {
            if !isResting, chance.happens(25) { continue }
            words.append((node, word))
            if chance.happens(10) { words.append((node, word)) }
        }
    }

    private mutating func deliverWord() {
        guard !words.isEmpty else { return }
        let (node, word) = words.remove(at: chance.below(words.count))
        switch word {
        case .look(let position): if position > nodes[node]?.tail ?? 0 { look(node) }
        case .events(let bytes): if let batch = EventBatch(bytes) { take(batch, on: node) }
        case .ring: nodes[node]?.isRung = true
        case .typing(let tag, let audience, let horizon):
            nodes[node]?.publishTyping(tag, to: audience, knowing: horizon)
        }
    }

    private mutating func look(_ node: Int) { if sabotage != .busIsTruth { nodes[node]?.isAwake = true } }

    private mutating func take(_ batch: EventBatch, on node: Int) {
        if sabotage == .busIsTruth || sabotage == .gapsPassedBy {
            nodes[node]?.publishNew(batch)
        } else {
            nodes[node]?.take(batch)
        }
    }

    private mutating func poll(_ node: Int) {
        guard sabotage != .noPoll else { return }
        nodes[node]?.isRung = true
        look(node)
    }

    private mutating func type(on node: Int) {
        guard let room = chance.one(of: Self.rooms), database.isSettled else { return }
        let horizon = sabotage == .noHorizon ? 0 : database.newestPosition
        let tag = history.types(to: room, knowing: database.newestPosition)
        nodes[node]?.publishTyping(tag, to: room, knowing: horizon)
        publish(.typing(tag: tag, room, horizon: horizon), from: node)
    }

    // MARK: Leaders

    private mutating func lead(_ node: Int) {
        guard nodes[node]?.session == nil, database.leader == nil else { return }
        let session = database.session()
        if database.lead(session) {
            nodes[node]?.session = session
            nodes[node]?.isRung = true
        }
    }

    private mutating func beginMove(on node: Int) {
        guard let session = nodes[node]?.session, nodes[node]?.isRung == true else { return }
        let limit = isResting ? 1000 : 1 + chance.below(4)
        let passes = sabotage == .relayPassesBy
        if sabotage == .noFence {
            let begins = database.beginMoveWithoutFence(session, of: node, limit: limit, leads: true, passing: false)
            if !begins { nodes[node]?.isRung = false }
        } else if database.leader != session {
            // Its connection is gone.
            nodes[node]?.session = nil
        } else if !database.beginMove(session, of: node, limit: limit, leads: true, passing: passes) {
            nodes[node]?.isRung = !database.moves.isEmpty
        }
    }

    private mutating func endMove() {
        guard !database.moves.isEmpty else { return }
        let index = chance.below(database.moves.count)
        if !database.moves[index].leads, chance.happens(20) { return database.undoMove(at: index) }
        let (move, batch) = database.commitMove(at: index)
        guard move.leads else { return }
        take(batch, on: move.node)
        if handsOver { for message in batch.messages { publish(.events(message), from: move.node) } }
        publish(.look(batch.events.last?.position ?? 0), from: move.node)
    }

    /// Somebody who needs what was said to be in the log gives it its positions.
    private mutating func place(on node: Int) {
        _ = database.beginMove(
            database.session(), of: node, limit: 1000, leads: false, passing: sabotage == .relayPassesBy)
    }

    /// The connection of the leader is ended, which it does not know yet.
    private mutating func terminate() { if let leader = database.leader { end(leader) } }

    private mutating func end(_ session: Int) {
        if sabotage == .noFence { database.endWithoutFence(session) } else { database.end(session) }
    }

    // MARK: Nodes

    private mutating func crash(_ node: Int) {
        if let session = nodes[node]?.session { database.end(session) }
        for move in database.moves where move.node == node { database.end(move.session) }
        nodes[node] = nil
        words.removeAll { $0.node == node }
        for index in writings.indices.reversed() where writings[index].node == node {
            // Whether a commit came through is not known to whoever died of it.
            if !writings[index].waiting.isEmpty, chance.happens(50) {
                commit(at: index)
            } else {
                writings.remove(at: index)
            }
        }
        for client in clients.indices where clients[client].node == node { clients[client].hangUp() }
    }

    private mutating func start() {
        for node in nodes.indices where nodes[node] == nil { nodes[node] = ModelNode(after: database.newestPosition) }
    }

    private mutating func drain(_ node: Int, limit: Int) {
        for (client, frames) in nodes[node]?.drain(limit: limit) ?? [] { clients[client].send(frames) }
    }

    private mutating func overflow(_ node: Int) {
        nodes[node]?.overflow()
        for client in clients.indices where clients[client].node == node { hangUp(client) }
    }

    // MARK: Clients

    private mutating func hangUp(_ client: Int) {
        if let node = clients[client].node, let slot = clients[client].slot { nodes[node]?.disconnect(slot) }
        clients[client].hangUp()
    }

    private mutating func act(_ client: Int) {
        switch clients[client].phase {
        case .away: connect(client)
        case .asking(let node, let slot, let moment, let start):
            if let place = start.map({ replay(client, after: $0) }) ?? identify(client) {
                clients[client].phase = .placed(node: node, slot: slot, moment: moment, place)
            }
        case .placed(let node, let slot, let moment, let place):
            if let frames = nodes[node]?.attach(slot, at: place, clients[client].identity, since: moment) {
                clients[client].send(frames)
                clients[client].phase = .live(node: node, slot: slot)
            } else {
                clients[client].phase = .asking(node: node, slot: slot, moment: moment, after: place.position)
            }
        case .live: clients[client].read(limit: isResting ? .max : 1 + chance.below(5))
        }
    }

    private mutating func connect(_ client: Int) {
        guard let node = chance.one(of: living), let slot = nodes[node]?.connect(client) else { return }
        let after = chance.happens(10) ? nil : clients[client].s
        clients[client].phase = .asking(
            node: node, slot: slot, moment: nodes[node]?.delivery.now ?? 0, after: after)
    }

    /// Whether nothing is on its way that belongs to the position.
    private mutating func settles() -> Bool {
        if database.isSettled || sabotage == .unsettledStart { return true }
        // Nobody else gives positions meanwhile.
        guard database.moves.isEmpty, chance.happens(50) else { return false }
        place(on: 0)
        while !database.moves.isEmpty { _ = database.commitMove(at: 0) }
        return database.isSettled
    }

    private mutating func identify(_ client: Int) -> Place? {
        guard settles() else { return nil }
        clients[client].send([.ready(s: database.newestPosition)] as [ModelClient.Frame])
        return Place(position: database.newestPosition, audiences: database.sight[clients[client].user])
    }

    private mutating func replay(_ client: Int, after start: Int64) -> Place? {
        guard settles() else { return nil }
        let (end, sight) = (database.newestPosition, database.sight[clients[client].user])
        let events = database.events(after: start)
        let past = SightHistory(
            current: sight, changes: events.filter { $0.name == .sight }.reversed(), start: start, end: end)
        clients[client].send([.replay(after: start, through: end)] as [ModelClient.Frame])
        clients[client].send(
            events.filter { event in
                !event.name.isInternal && event.audiences.contains(where: sight.contains) && !past.heard(event).isEmpty
            }.map { .dispatch(s: $0.position, tag: database.tags[$0.position] ?? -1) } as [ModelClient.Frame])
        return Place(position: end, audiences: sight)
    }
}
