import Database
import Events
import Kernel

/// What decides who sees which channels and events of a server, at one moment.
struct SightMap {
    /// What decides in one place. They are the same where everybody sees the same by them.
    struct Terms: Hashable {
        let rules: PlaceRules
        /// Nil for the server as a whole.
        private let overwrites: [PermissionOverwrite]?
        /// What else they say is not looked at.
        private let asked: PermissionSet

        fileprivate init(_ asked: Asked, in server: Server, _ roles: [Role]) {
            rules = PlaceRules(
                in: server, roles: roles, overwrites: asked.overwrites ?? [], deciding: asked.permissions)
            overwrites = asked.overwrites
            self.asked = asked.permissions
        }

        static func == (one: Terms, other: Terms) -> Bool {
            one.rules == other.rules && one.asked == other.asked
                && (one.overwrites == nil) == (other.overwrites == nil)
        }

        func hash(into hasher: inout Hasher) { hasher.combine(rules) }

        func sight(of holder: PermissionHolder) -> PlaceSight {
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
        let withEvents = Set(events.compactMap(\.place.channel))
        // Most channels have the same ones in force, or none.
        var known: [Asked: Terms] = [:]
        func terms(_ asked: Asked) -> Terms {
            let terms = known[asked] ?? Terms(asked, in: server, roles)
            known[asked] = terms
            return terms
        }
        self.terms = channels.reduce(into: [:]) { result, channel in
            result[channel.id] = terms(
                Asked(about: channel, hasEvents: withEvents.contains(channel.id), channel.inForce(overwrites)))
        }
        serverTerms = terms(Asked(permissions: [.eventsView, .administrator], overwrites: nil))
    }

    /// What is asked about a place: who may do what on which something there hangs.
    fileprivate struct Asked: Hashable {
        let permissions: PermissionSet
        let overwrites: [PermissionOverwrite]?

        init(permissions: PermissionSet, overwrites: [PermissionOverwrite]?) {
            self.permissions = permissions
            self.overwrites = overwrites
        }

        init(about channel: Channel, hasEvents: Bool, _ overwrites: [PermissionOverwrite]) {
            var permissions: PermissionSet = [.channelsView, .messagesRead, .administrator]
            if channel.type.takesPrivateThreads { permissions.formUnion([.threadsManage]) }
            if hasEvents { permissions.formUnion([.eventsView]) }
            self.init(permissions: permissions, overwrites: overwrites)
        }
    }

    func terms(of channel: ChannelID) -> Terms? { terms[channel] }

    func terms(of event: ScheduledEventID) -> Terms? {
        events[event].flatMap { $0.place.channel.map { terms[$0] } ?? serverTerms }
    }

    func holder(_ kind: Standings.Kind) -> PermissionHolder? { roles.map { kind.holder(in: server, $0) } }

    func rules(of event: ScheduledEventID) -> [PlaceRules] { terms(of: event).map { [$0.rules] } ?? [] }

    func sees(_ event: ScheduledEventID, _ kind: Standings.Kind) -> Bool {
        guard let terms = terms(of: event), let holder = holder(kind) else { return false }
        return terms.sight(of: holder).contains(.events)
    }
}
