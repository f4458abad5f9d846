import Bus
import Kernel
import NIOConcurrencyHelpers

/// Who is connected to other nodes. Each node tells the others of its own people, knows of everybody, and tells its own sessions
/// by itself: so nothing is told twice, or by a node that knows less.
extension Presences {
    /// So many people are told of in one message.
    private static let part = 500

    /// Says something to all other nodes, if there are any.
    func send(_ message: OtherNodes.Message) {
        if let node { node.bus.publish(message.bytes(from: node.name), to: .presence) }
    }

    func hearOthers() {
        node?.bus.subscribe(to: .presence) { [weak self] news in
            switch news {
            case .connected: self?.introduce()
            case .message(let bytes): if let letter = OtherNodes.Message.read(bytes) { self?.hear(letter) }
            }
        }
    }

    /// Somebody listens, or listens again: what was said meanwhile is lost, both ways.
    private func introduce() {
        send(.asks(nil))
        tellEverything()
    }

    private func hear(_ letter: (node: String, message: OtherNodes.Message)) {
        // A pool between the nodes and PostgreSQL hands everybody their own words, too.
        guard let node, letter.node != node.name else { return }
        let outcome = state.withLockedValue { state in
            let outcome = state.others.hear(letter.message, from: letter.node, own: node.name, at: .now)
            if let user = outcome.chosen { state.people[user]?.choice = nil }
            for user in outcome.changed where !state.others.devices(of: user).isEmpty {
                state.people[user, default: Person()].isElsewhere = true
            }
            return outcome
        }
        if let asked = outcome.asks { send(.asks(asked)) }
        if outcome.isAsked { tellEverything() }
        if !outcome.doubtful.isEmpty { changes.add(.doubt(outcome.doubtful)) }
        for user in outcome.changed { changes.add(.of(user)) }
        if let user = outcome.chosen { changes.add(.again(user)) }
    }

    private func tellEverything() {
        // Within the lock, so that no change overtakes what it comes after.
        state.withLockedValue { state in
            let people = state.people.compactMap { user, person in
                person.devices.isEmpty ? nil : (user, Array(person.devices.values))
            }
            let count = max(1, (people.count + Self.part - 1) / Self.part)
            for index in 0..<count {
                let some = people[index * Self.part..<min((index + 1) * Self.part, people.count)]
                send(
                    .part(
                        version: state.version, index: index, count: count,
                        Dictionary(some.map { ($0.0, $0.1) }, uniquingKeysWith: { $1 })))
            }
        }
    }

    /// What has changed of somebody.
    enum SharedChange {
        case devices
        /// What they have chosen to be shown as, or who may know it: it is told again.
        case choice
    }

    /// Tells the others of somebody's devices here, after a change. To be called within the lock of the state.
    func share(_ change: SharedChange, of user: UserID, _ state: inout State) {
        guard node != nil else { return }
        state.version += 1
        let devices = state.people[user].map { Array($0.devices.values) } ?? []
        send(.change(version: state.version, user, devices, hasChosen: change == .choice))
    }

    /// Says that this node is there, and forgets those that are not. To be called each second.
    package func beat() {
        guard node != nil else { return }
        let gone = state.withLockedValue { state in
            send(.beat(version: state.version))
            // Again and again, since it may be lost.
            if state.isLeaving { send(.leaves) }
            return state.others.expire(at: .now)
        }
        for user in gone { changes.add(.of(user)) }
    }

    /// Says that this node ends, and that nobody should be sent here any more.
    package func leave() {
        state.withLockedValue { $0.isLeaving = true }
        send(.leaves)
    }

    /// People are about to be sent to other nodes: who goes from here has not gone, as long as they come there soon.
    package func handOver() { state.withLockedValue { $0.isHandingOver = true } }

    /// How many of the other nodes with these names are there, and have not said that they end.
    package func staying(among names: Set<String>) -> Int {
        state.withLockedValue { $0.others.staying(at: .now).intersection(names).count }
    }

    /// How many devices somebody has on other nodes of which something was heard lately: who comes from a node that is
    /// gone must not be kept out by what they had there.
    package func devicesElsewhere(of user: UserID) -> Int {
        guard node != nil else { return 0 }
        return state.withLockedValue { $0.others.counts(of: user, at: .now).values.reduce(0, +) }
    }

    /// How many of somebody's devices here may stay, if they may have so many: nodes whose names come first keep theirs.
    package func room(for user: UserID, having count: Int, of limit: Int) -> Int {
        guard let node else { return limit }
        let others = state.withLockedValue { $0.others.counts(of: user, at: .now) }
        return max(0, limit - others.filter { $0.key < node.name }.values.reduce(0, +))
    }

    /// Whether everything is known of who is connected to the nodes with these names.
    func isHeard(_ names: Set<String>) -> Bool {
        guard let node else { return true }
        return state.withLockedValue { names.subtracting([node.name]).isSubset(of: $0.others.heard(at: .now)) }
    }
}
