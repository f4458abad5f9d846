import Kernel

/// What other nodes have told of who is connected to them. Each tells of its own people alone; what is lost on the way is noticed
/// by the number that each change has, and asked for.
struct OtherNodes: Sendable {
    /// Each node says so often that it is there.
    static let beat = Duration.seconds(1)
    /// A node that was not heard for so long may have people of whom nothing is known.
    static let suspicion = Duration.seconds(5)
    /// The people of a node that says nothing are not there any more after so long: ten seconds until it counts as gone, and
    /// twenty in which they come back elsewhere.
    static let silence = Duration.seconds(30)
    /// The same of a node that has said that it ends.
    static let farewell = Duration.seconds(20)
    /// As many as there are numbers for nodes.
    static let maximumCount = 1024

    typealias Statuses = [Presence.Status]

    enum Message: Sendable, Equatable {
        /// It is there, and has told of so many changes.
        case beat(version: Int64)
        /// All devices that somebody has there; none when they have gone.
        case change(version: Int64, UserID, Statuses, hasChosen: Bool)
        /// A part of all that it knows, as it was after so many changes.
        case part(version: Int64, index: Int, count: Int, [UserID: Statuses])
        /// It wants to know all, from one node or from each.
        case asks(String?)
        /// It sends its people elsewhere.
        case leaves
        /// It has none any more.
        case ends
    }

    /// What follows from a message.
    struct Outcome: Equatable {
        /// Whose devices are others than before.
        var changed: Set<UserID> = []
        /// Of whom more than the devices may have been missed.
        var doubtful: Set<UserID> = []
        /// Who has chosen to be shown as something else.
        var chosen: UserID?
        /// Who has to be asked for everything, since something was lost.
        var asks: String?
        /// Whether everything is asked for.
        var isAsked = false
    }

    private struct Filling: Sendable {
        let version: Int64
        var nextIndex: Int
        var people: [UserID: Statuses]
    }

    private struct Node: Sendable {
        var heardAt: ContinuousClock.Instant
        var isLeaving = false
        /// From when on it was listened to in vain.
        var awaitedSince: ContinuousClock.Instant
        var endsAt: ContinuousClock.Instant?
        /// Nil until everything was told once.
        var version: Int64?
        var people: [UserID: Statuses] = [:]
        /// Whose change came before another one that is older: that one says nothing of them any more.
        var ahead: [UserID: Int64] = [:]
        var filling: Filling?

        init(heardAt: ContinuousClock.Instant) {
            self.heardAt = heardAt
            awaitedSince = heardAt
        }
    }

    private var nodes: [String: Node] = [:]
    /// When it was last looked who is gone.
    private var lookedAt: ContinuousClock.Instant?

    func devices(of user: UserID) -> Statuses { nodes.values.flatMap { $0.people[user] ?? [] } }

    /// How many devices somebody has on each node that was heard lately and does not end.
    func counts(of user: UserID, at now: ContinuousClock.Instant) -> [String: Int] {
        nodes.filter { now - $0.value.heardAt < Self.suspicion && $0.value.endsAt == nil }
            .compactMapValues { $0.people[user]?.count }
    }

    /// The nodes of whose people everything is known.
    func heard(at now: ContinuousClock.Instant) -> Set<String> {
        Set(nodes.filter { now - $0.value.heardAt < Self.suspicion && $0.value.version != nil }.keys)
    }

    /// Those of them to which people can be sent.
    func staying(at now: ContinuousClock.Instant) -> Set<String> {
        heard(at: now).filter { name in nodes[name].map { !$0.isLeaving && $0.endsAt == nil } == true }
    }

    /// Forgets nodes that are gone. To be called with each beat.
    /// - Returns: whose devices went with them.
    mutating func expire(at now: ContinuousClock.Instant) -> Set<UserID> {
        if let lookedAt, now - lookedAt >= Self.suspicion { overslept(now - lookedAt, until: now) }
        lookedAt = now
        let gone = nodes.filter {
            now - $0.value.awaitedSince >= Self.silence || $0.value.endsAt.map { now >= $0 } == true
        }
        for name in gone.keys { nodes[name] = nil }
        return Set(gone.values.flatMap(\.people.keys))
    }

    /// Who slept can't tell who was silent meanwhile: what was said waits to be heard.
    private mutating func overslept(_ time: Duration, until now: ContinuousClock.Instant) {
        nodes = nodes.mapValues { node in
            var node = node
            node.awaitedSince = min(now, node.awaitedSince + time)
            node.endsAt = node.endsAt.map { $0 + time }
            return node
        }
    }

    mutating func hear(
        _ message: Message, from name: String, own: String, at now: ContinuousClock.Instant
    ) -> Outcome {
        guard nodes[name] != nil || nodes.count < Self.maximumCount else { return Outcome() }
        var node = nodes[name] ?? Node(heardAt: now)
        (node.heardAt, node.awaitedSince) = (now, now)
        var outcome = Outcome()
        switch message {
        case .beat(let version): if node.version != version { outcome.asks = name }
        case .change(let version, let user, let statuses, let hasChosen):
            if hasChosen { outcome.chosen = user }
            // What came before everything was known is in that, or told again.
            if let known = node.version, version <= known { break }
            if node.version.map({ version == $0 + 1 }) == true {
                node.version = version
            } else {
                outcome.asks = name
            }
            guard version > node.ahead[user] ?? .min else { break }
            node.ahead[user] = node.version == version ? nil : version
            if Self.set(statuses, of: user, &node.people) { outcome.changed = [user] }
        case .part(let version, let index, let count, let people):
            (outcome.changed, outcome.doubtful) = Self.fill(&node, version, index, count, people)
        case .asks(let wanted): outcome.isAsked = wanted == nil || wanted == own
        case .leaves: node.isLeaving = true
        case .ends: node.endsAt = now + Self.farewell
        }
        nodes[name] = node
        return outcome
    }

    private static func set(_ statuses: Statuses, of user: UserID, _ people: inout [UserID: Statuses]) -> Bool {
        let old = people[user]
        people[user] = statuses.isEmpty ? nil : statuses
        return old != people[user]
    }

    /// The parts come one after another, with nothing between them; one that is missing is noticed by the next beat.
    private static func fill(
        _ node: inout Node, _ version: Int64, _ index: Int, _ count: Int, _ people: [UserID: Statuses]
    ) -> (changed: Set<UserID>, doubtful: Set<UserID>) {
        // What comes late, by a slower way, is known already.
        if let known = node.version, version < known { return ([], []) }
        if index == 0 { node.filling = Filling(version: version, nextIndex: 0, people: [:]) }
        guard var filling = node.filling, filling.version == version, filling.nextIndex == index else {
            node.filling = nil
            return ([], [])
        }
        filling.people.merge(people) { $1 }
        filling.nextIndex += 1
        guard filling.nextIndex == count else {
            node.filling = filling
            return ([], [])
        }
        let (old, known) = (node.people, node.version)
        node.people = filling.people
        // Of these something newer is known.
        node.ahead = node.ahead.filter { $0.value > version }
        for user in node.ahead.keys { node.people[user] = old[user] }
        node.filling = nil
        node.version = version
        let all = Set(old.keys).union(node.people.keys)
        return (all.filter { old[$0] != node.people[$0] }, known == version ? [] : all)
    }
}
