import Events
import Kernel

/// A server before and after a change: where somebody may see something else than before, and who does.
struct SightChanges {
    /// Channels and events in which the same decides, before as well as after.
    private struct Ground {
        /// Nil where there was nothing, or will be.
        struct Terms: Hashable {
            let before: SightMap.Terms?
            let after: SightMap.Terms?
        }

        let terms: Terms
        var channels: [Channel] = []
        var events: [ScheduledEventID] = []
    }

    /// What members stand to lose and to gain together.
    struct Difference: Hashable {
        fileprivate(set) var lost: Set<Audience> = []
        fileprivate(set) var gained: Set<Audience> = []
        fileprivate(set) var lostEvents: Set<ScheduledEventID> = []
        fileprivate(set) var gainedEvents: Set<ScheduledEventID> = []

        var isEmpty: Bool { lost.isEmpty && gained.isEmpty && lostEvents.isEmpty && gainedEvents.isEmpty }
    }

    /// What all who see a channel lose and gain of what is behind it, but for a few. They need not be named: the channel's audience
    /// is told.
    struct Common {
        let channel: Channel
        let difference: Difference
        let members: Crowd
        /// Who sees the channel before the change, and loses or gains something else.
        let except: Crowd
    }

    struct Found {
        /// Members by what they lose and gain; those for whom nothing changes are left out.
        let differences: [Difference: Crowd]
        /// To be told first: who comes to see the channel is told by a difference what they see there, and nobody may be told twice.
        var common: [Common] = []
    }

    /// What some see of one ground.
    private struct View {
        let before: PlaceSight
        let after: PlaceSight

        var move: Move { Move(lost: before.subtracting(after), gained: after.subtracting(before)) }
        var keepsChannel: Bool { before.contains(.channel) && after.contains(.channel) }
    }

    private struct Move: Hashable {
        let lost: PlaceSight
        let gained: PlaceSight

        /// Of what is behind a channel.
        var behind: Move { Move(lost: lost.intersection(.behind), gained: gained.intersection(.behind)) }
        var withoutBehind: Move { Move(lost: lost.subtracting(.behind), gained: gained.subtracting(.behind)) }
        var isNothing: Bool { lost.isEmpty && gained.isEmpty }
    }

    /// So few are named rather than told by a channel's audience.
    private static let few = 4

    private let before: SightMap
    private let after: SightMap
    private let grounds: [Ground]

    init(from before: SightMap, to after: SightMap) { self.init(from: before, to: after) { $0.before != $0.after } }

    /// For people who themselves change.
    init(everywhereIn map: SightMap) { self.init(from: map, to: map) { _ in true } }

    private init(from before: SightMap, to after: SightMap, where isAskedAbout: (Ground.Terms) -> Bool) {
        self.before = before
        self.after = after
        var grounds: [Ground.Terms: Ground] = [:]
        for channel in before.channels.merging(after.channels, uniquingKeysWith: { _, newer in newer }).values {
            let terms = Ground.Terms(before: before.terms(of: channel.id), after: after.terms(of: channel.id))
            if isAskedAbout(terms) { grounds[terms, default: Ground(terms: terms)].channels.append(channel) }
        }
        for event in Set(before.events.keys).union(after.events.keys) {
            let terms = Ground.Terms(before: before.terms(of: event), after: after.terms(of: event))
            if isAskedAbout(terms) { grounds[terms, default: Ground(terms: terms)].events.append(event) }
        }
        self.grounds = Array(grounds.values)
    }

    var isEmpty: Bool { grounds.isEmpty }

    /// All that decides there.
    var rules: [PlaceRules] { grounds.flatMap { [$0.terms.before, $0.terms.after] }.compactMap { $0?.rules } }

    /// - Parameter kinds: of some members.
    func differences(among kinds: [Standings.Kind]) -> Found { differences(among: kinds.map { ($0, $0) }) }

    /// - Parameter kinds: how members stood, and how they stand.
    func differences(among kinds: [(old: Standings.Kind, new: Standings.Kind)]) -> Found {
        let moves = kinds.map { views($0.old, $0.new).map(\.move) }
        return Found(differences: differences(zip(kinds.lazy.map(\.new.members), moves)))
    }

    /// - Parameter kinds: of all members.
    func differences(amongAll kinds: [Standings.Kind]) -> Found {
        let views = kinds.map { self.views($0, $0) }
        var moves = views.map { $0.map(\.move) }
        var common: [Common] = []
        for place in grounds.indices {
            guard let move = commonMove(in: place, kinds, views) else { continue }
            let isTold = views.map { $0[place].keepsChannel && $0[place].move.behind == move }
            for kind in kinds.indices where isTold[kind] { moves[kind][place] = moves[kind][place].withoutBehind }
            let watching = kinds.indices.filter { views[$0][place].before.contains(.channel) }
            let members = Crowd(joining: watching.filter { isTold[$0] }.map { kinds[$0].members })
            let except = Crowd(joining: watching.filter { !isTold[$0] }.map { kinds[$0].members })
            for channel in grounds[place].channels {
                let difference = difference(of: move, in: channel)
                if !difference.isEmpty {
                    common.append(Common(channel: channel, difference: difference, members: members, except: except))
                }
            }
        }
        return Found(differences: differences(zip(kinds.lazy.map(\.members), moves)), common: common)
    }

    /// What nearly all lose and gain behind the channels of a ground who see them.
    /// - Returns: nil where it is as short to name those who do, or to tell all of the server.
    private func commonMove(in place: Int, _ kinds: [Standings.Kind], _ views: [[View]]) -> Move? {
        var counts: [Move: Int] = [:]
        var watching = 0
        for (kind, views) in zip(kinds, views) where views[place].before.contains(.channel) {
            let count = kind.members.count(in: after.server)
            watching += count
            if views[place].keepsChannel { counts[views[place].move.behind, default: 0] += count }
        }
        let found = counts.filter { !$0.key.isNothing }.max { $0.value < $1.value }
        guard let (move, count) = found, count > max(Self.few, grounds[place].channels.count) else { return nil }
        let except = watching - count
        let absent = after.server.memberCount - watching
        return except <= max(Self.few, count / 16) && absent + except > Self.few ? move : nil
    }

    private func views(_ old: Standings.Kind, _ new: Standings.Kind) -> [View] {
        let (old, new) = (before.holder(old), after.holder(new))
        return grounds.map { ground in
            View(
                before: Self.sight(of: old, by: ground.terms.before), after: Self.sight(of: new, by: ground.terms.after)
            )
        }
    }

    /// First by grounds, of which there are few: to name what is lost and gained takes much longer.
    private func differences(_ moves: some Sequence<(Crowd, [Move])>) -> [Difference: Crowd] {
        var crowds: [[Move]: [Crowd]] = [:]
        for (members, moves) in moves where !moves.allSatisfy(\.isNothing) {
            crowds[moves, default: []].append(members)
        }
        var joined: [Difference: [Crowd]] = [:]
        for (moves, crowds) in crowds {
            let difference = difference(of: moves)
            if !difference.isEmpty { joined[difference, default: []] += crowds }
        }
        return joined.mapValues(Crowd.init(joining:))
    }

    private static func sight(of holder: PermissionHolder?, by terms: SightMap.Terms?) -> PlaceSight {
        guard let holder, let terms else { return [] }
        return terms.sight(of: holder)
    }

    private func difference(of moves: [Move]) -> Difference {
        var difference = Difference()
        for (ground, move) in zip(grounds, moves) {
            for channel in ground.channels {
                let own = self.difference(of: move, in: channel)
                difference.lost.formUnion(own.lost)
                difference.gained.formUnion(own.gained)
            }
            if move.lost.contains(.events) { difference.lostEvents.formUnion(ground.events) }
            if move.gained.contains(.events) { difference.gainedEvents.formUnion(ground.events) }
        }
        return difference
    }

    private func difference(of move: Move, in channel: Channel) -> Difference {
        Difference(lost: Set(move.lost.audiences(of: channel)), gained: Set(move.gained.audiences(of: channel)))
    }
}
