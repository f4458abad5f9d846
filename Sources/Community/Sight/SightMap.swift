import Database
import Events
import Kernel

/// What decides who sees which channels and events of a server, at one moment.
struct SightMap {
    /// What decides in one place, which is the same in many.
    struct Terms: Hashable {
        let rules: PlaceRules
        /// Nil for the server as a whole.
        let overwrites: [PermissionOverwrite]?

        /// Whether everybody sees the same by both.
        fileprivate func agree(with other: Terms) -> Bool {
            rules == other.rules && (overwrites == nil) == (other.overwrites == nil)
        }

        fileprivate func sight(of holder: PermissionHolder) -> PlaceSight {
            PlaceSight(overwrites.map { .inChannel(holder, overwrites: $0) } ?? .inServer(holder))
        }
    }

    let server: Server
    let channels: [ChannelID: Channel]
    let events: [ScheduledEventID: ScheduledEvent]
    private let roles: Standings.RoleTable?
    private let terms: [ChannelID: Terms]
    private let serverTerms: Terms

    init(of server: Server, _ tx: Transaction) throws {
        try self.init(
            of: server, roles: RoleStore.roles(of: server.id, tx), channels: ChannelStore.channels(of: server.id, tx),
            events: ScheduledEventStore.open(in: server.id, tx))
    }

    init(of server: Server, roles: [Role], channels: [Channel], events: [ScheduledEvent]) {
        self.server = server
        self.channels = Dictionary(uniqueKeysWithValues: channels.map { ($0.id, $0) })
        self.events = Dictionary(uniqueKeysWithValues: events.map { ($0.id, $0) })
        self.roles = Standings.RoleTable(roles)
        let overwrites = channels.overwritesByChannel
        // Most channels have the same ones in force, or none.
        var known: [[PermissionOverwrite]: Terms] = [:]
        func terms(by inForce: [PermissionOverwrite]) -> Terms {
            let rules = { PlaceRules(in: server, roles: roles, overwrites: inForce, deciding: .sight) }
            let terms = known[inForce] ?? Terms(rules: rules(), overwrites: inForce)
            known[inForce] = terms
            return terms
        }
        self.terms = channels.reduce(into: [:]) { $0[$1.id] = terms(by: $1.inForce(overwrites)) }
        serverTerms = Terms(rules: PlaceRules(in: server, roles: roles, deciding: .sight), overwrites: nil)
    }

    fileprivate func terms(of channel: ChannelID) -> Terms? { terms[channel] }

    fileprivate func terms(of event: ScheduledEventID) -> Terms? {
        events[event].flatMap { $0.place.channel.map { terms[$0] } ?? serverTerms }
    }

    fileprivate func holder(_ kind: Standings.Kind) -> PermissionHolder? { roles.map { kind.holder(in: server, $0) } }

    func rules(of event: ScheduledEventID) -> [PlaceRules] { terms(of: event).map { [$0.rules] } ?? [] }

    func sees(_ event: ScheduledEventID, _ kind: Standings.Kind) -> Bool {
        guard let terms = terms(of: event), let holder = holder(kind) else { return false }
        return terms.sight(of: holder).contains(.events)
    }
}

/// A server before and after a change: where somebody may see something else than before, and who does.
struct SightChanges {
    /// Channels and events in which the same decides, before as well as after.
    private struct Ground: Hashable {
        let before: SightMap.Terms?
        let after: SightMap.Terms?

        var isChanged: Bool {
            guard let before, let after else { return before != nil || after != nil }
            return !before.agree(with: after)
        }
    }

    /// What members stand to lose and to gain together.
    struct Difference: Hashable {
        fileprivate(set) var lost: Set<Audience> = []
        fileprivate(set) var gained: Set<Audience> = []
        fileprivate(set) var lostEvents: Set<ScheduledEventID> = []
        fileprivate(set) var gainedEvents: Set<ScheduledEventID> = []
    }

    /// Of one ground.
    private struct Move: Hashable {
        let lost: PlaceSight
        let gained: PlaceSight
    }

    private let before: SightMap
    private let after: SightMap
    private var grounds: [Ground] = []
    private var channels: [Ground: [Channel]] = [:]
    private var events: [Ground: [ScheduledEventID]] = [:]

    init(from before: SightMap, to after: SightMap) { self.init(from: before, to: after) { $0.isChanged } }

    /// For people who themselves change.
    init(everywhereIn map: SightMap) { self.init(from: map, to: map) { _ in true } }

    private init(from before: SightMap, to after: SightMap, where isAskedAbout: (Ground) -> Bool) {
        self.before = before
        self.after = after
        let all = before.channels.merging(after.channels) { _, newer in newer }
        for channel in all.values {
            let ground = Ground(before: before.terms(of: channel.id), after: after.terms(of: channel.id))
            if isAskedAbout(ground) { channels[ground, default: []].append(channel) }
        }
        for event in Set(before.events.keys).union(after.events.keys) {
            let ground = Ground(before: before.terms(of: event), after: after.terms(of: event))
            if isAskedAbout(ground) { events[ground, default: []].append(event) }
        }
        grounds = Array(Set(channels.keys).union(events.keys))
    }

    var isEmpty: Bool { grounds.isEmpty }

    /// All that decides there.
    var rules: [PlaceRules] { grounds.flatMap { [$0.before, $0.after].compactMap(\.self).map(\.rules) } }

    /// Members by what they lose and gain; those for whom nothing changes are left out.
    func differences(among kinds: [Standings.Kind]) -> [Difference: Crowd] {
        differences(among: kinds.map { ($0, $0) })
    }

    /// - Parameter kinds: how members stood, and how they stand.
    func differences(among kinds: [(old: Standings.Kind, new: Standings.Kind)]) -> [Difference: Crowd] {
        // First by grounds, of which there are few: to name what is lost and gained takes much longer.
        var crowds: [[Move]: Crowd] = [:]
        for (kind, later) in kinds {
            let (old, new) = (before.holder(kind), after.holder(later))
            let moves = grounds.map { move(in: $0, old, new) }
            if moves.contains(where: { !$0.lost.isEmpty || !$0.gained.isEmpty }) {
                crowds[moves] = crowds[moves].map { $0.union(kind.members) } ?? kind.members
            }
        }
        return crowds.reduce(into: [:]) { differences, entry in
            let difference = difference(of: entry.key)
            differences[difference] = differences[difference].map { $0.union(entry.value) } ?? entry.value
        }
    }

    private func move(in ground: Ground, _ old: PermissionHolder?, _ new: PermissionHolder?) -> Move {
        let (before, after) = (Self.sight(of: old, by: ground.before), Self.sight(of: new, by: ground.after))
        return Move(lost: before.subtracting(after), gained: after.subtracting(before))
    }

    private static func sight(of holder: PermissionHolder?, by terms: SightMap.Terms?) -> PlaceSight {
        guard let holder, let terms else { return [] }
        return terms.sight(of: holder)
    }

    private func difference(of moves: [Move]) -> Difference {
        var difference = Difference()
        for (ground, move) in zip(grounds, moves) {
            for channel in channels[ground] ?? [] {
                difference.lost.formUnion(move.lost.audiences(of: channel))
                difference.gained.formUnion(move.gained.audiences(of: channel))
            }
            if move.lost.contains(.events) { difference.lostEvents.formUnion(events[ground] ?? []) }
            if move.gained.contains(.events) { difference.gainedEvents.formUnion(events[ground] ?? []) }
        }
        return difference
    }
}
