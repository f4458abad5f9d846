/// What happened in which order, and who could see it then: the log as one who sees everything was told it.
struct Timeline: Sendable {
    enum Sight: Sendable {
        case seen
        case unseen
        /// Among the events of the change itself, between which others' may stand.
        case changing
    }

    /// A message, or a deletion.
    struct Item: Hashable, Sendable {
        let position: Int64
        let channel: String
        let occurrence: Occurrence
    }

    /// From a position on, until the next one.
    private struct Turn {
        let position: Int64
        let sight: Sight
    }

    let items: [Item]
    /// The position at which each message was deleted.
    let deletions: [String: Int64]
    private var turns: [String: [String: [Turn]]] = [:]

    /// - Parameters:
    ///   - owners: the accounts of those who see everything. One that had to resume lacks what was taken back meanwhile.
    ///   - guests: what they themselves were told of their sight.
    ///   - scene: who and what was there at the start.
    init(owners: [Account], guests: [Account], scene: Stage) {
        let log = Self.log(of: owners)
        var items: [Item] = []
        var deletions: [String: Int64] = [:]
        for heard in log {
            switch heard.occurrence {
            case .message(_, let channel, _):
                items.append(Item(position: heard.position, channel: channel, occurrence: heard.occurrence))
            case .deletion(let id, let channel):
                items.append(Item(position: heard.position, channel: channel, occurrence: heard.occurrence))
                deletions[id] = heard.position
            default: break
            }
        }
        self.items = items
        self.deletions = deletions
        for guest in scene.guests {
            let told = guests.filter { $0.viewer == guest }.flatMap(\.heard)
            turns[guest] = Self.turns(of: guest, in: scene, log, told: told)
        }
    }

    /// Everything that any of them heard, in order; where they differ, the first is believed.
    private static func log(of owners: [Account]) -> [Heard] {
        var positions: [Occurrence: Int64] = [:]
        var log: Set<Heard> = []
        for heard in owners.lazy.flatMap(\.heard) {
            switch heard.occurrence {
            case .message, .deletion:
                guard
                    positions.updateValue(positions[heard.occurrence] ?? heard.position, forKey: heard.occurrence)
                        == nil
                else { continue }
            case .typing: continue
            default: break
            }
            log.insert(heard)
        }
        return log.sorted { $0.position < $1.position }
    }

    /// At a position of the log; the owner (nil) sees everything.
    func sight(of viewer: String?, in channel: String, at position: Int64) -> Sight {
        guard let viewer else { return .seen }
        let turns = turns[viewer]?[channel] ?? []
        var (low, high) = (0, turns.count)
        while low < high {
            let middle = (low + high) / 2
            if turns[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? .unseen : turns[low - 1].sight
    }

    /// All that it was between two positions.
    func sights(of viewer: String?, in channel: String, from first: Int64, through last: Int64) -> Set<Sight> {
        guard let viewer else { return [.seen] }
        let between = (turns[viewer]?[channel] ?? []).filter { $0.position > first && $0.position <= last }
        return Set(between.map(\.sight) + [sight(of: viewer, in: channel, at: first)])
    }

    private static func turns(
        of guest: String, in scene: Stage, _ log: [Heard], told: [Heard]
    ) -> [String: [Turn]] {
        var (isMember, roles) = (true, Set<String>())
        var overwrites: [String: Occurrence.Overwrites] = [:]
        func sees(_ channel: String) -> Bool {
            let (own, overwrites) = (roles.union([scene.everyone]), overwrites[channel] ?? .init())
            return isMember && (overwrites.denied.isDisjoint(with: own) || !overwrites.allowed.isDisjoint(with: own))
        }
        var turns = Dictionary(uniqueKeysWithValues: scene.channels.map { ($0, [Turn(position: 0, sight: .seen)]) })
        let changes = log.filter(\.occurrence.isChange)
        let records = log.filter(\.occurrence.isRecord).map(\.position)
        let ends = (log + told).filter(\.occurrence.endsChange)
        for (index, change) in changes.enumerated() {
            let before = scene.channels.filter(sees)
            switch change.occurrence {
            case .joined(guest): (isMember, roles) = (true, [])
            case .left(guest): (isMember, roles) = (false, [])
            case .roles(guest, let new): roles = new
            case .overwrites(let channel, let new): overwrites[channel] = new
            default: continue
            }
            let after = scene.channels.filter(sees)
            let next = index + 1 < changes.count ? changes[index + 1].position : .max
            let last = ends.map(\.position).filter { $0 > change.position && $0 < min(next, change.position + reach) }
                .max()
            let earliest = max(
                index > 0 ? changes[index - 1].position : 0, change.position - reach,
                records.last { $0 < change.position } ?? 0)
            for channel in scene.channels where before.contains(channel) != after.contains(channel) {
                // Whom it concerns may be told before the others.
                let first = told.lazy.filter {
                    $0.position > earliest && $0.position < change.position
                        && $0.occurrence == .told(id: change.occurrence.isOfServer ? scene.server : channel)
                }.map(\.position).min()
                turns[channel]?.append(Turn(position: first ?? change.position, sight: .changing))
                turns[channel]?.append(
                    Turn(
                        position: (last ?? change.position) + 1,
                        sight: after.contains(channel) ? .seen : .unseen))
            }
        }
        return turns
    }

    /// Within so many positions of a change its last event is looked for.
    private static let reach: Int64 = 64
}

extension Occurrence {
    fileprivate var isChange: Bool {
        switch self {
        case .joined, .left, .roles, .overwrites: true
        default: false
        }
    }

    /// Whether it is the server that comes into sight or goes out of it.
    fileprivate var isOfServer: Bool {
        switch self {
        case .joined, .left: true
        default: false
        }
    }

    fileprivate var isRecord: Bool {
        if case .recorded = self { true } else { false }
    }

    fileprivate var endsChange: Bool {
        switch self {
        case .recorded, .told: true
        default: false
        }
    }
}

/// Who and what was there when everybody began to listen.
struct Stage: Sendable {
    let server: String
    /// The role that everybody has.
    let everyone: String
    let channels: [String]
    /// Whose sight changes.
    let guests: [String]
}
