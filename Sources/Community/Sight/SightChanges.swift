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

    /// Of one ground.
    private struct Move: Hashable {
        let lost: PlaceSight
        let gained: PlaceSight
    }

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

    /// Members by what they lose and gain; those for whom nothing changes are left out.
    func differences(among kinds: [Standings.Kind]) -> [Difference: Crowd] {
        differences(among: kinds.map { ($0, $0) })
    }

    /// - Parameter kinds: how members stood, and how they stand.
    func differences(among kinds: [(old: Standings.Kind, new: Standings.Kind)]) -> [Difference: Crowd] {
        // First by grounds, of which there are few: to name what is lost and gained takes much longer.
        var crowds: [[Move]: [Crowd]] = [:]
        for kind in kinds {
            let (old, new) = (before.holder(kind.old), after.holder(kind.new))
            let moves = grounds.map { ground in
                let (seen, sees) = (
                    Self.sight(of: old, by: ground.terms.before), Self.sight(of: new, by: ground.terms.after)
                )
                return Move(lost: seen.subtracting(sees), gained: sees.subtracting(seen))
            }
            if moves.contains(where: { !$0.lost.isEmpty || !$0.gained.isEmpty }) {
                crowds[moves, default: []].append(kind.new.members)
            }
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
                difference.lost.formUnion(move.lost.audiences(of: channel))
                difference.gained.formUnion(move.gained.audiences(of: channel))
            }
            if move.lost.contains(.events) { difference.lostEvents.formUnion(ground.events) }
            if move.gained.contains(.events) { difference.gainedEvents.formUnion(ground.events) }
        }
        return difference
    }
}
