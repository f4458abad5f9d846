import Database
import Features
import Kernel

/// A server that somebody is in: how they stand there, and what they see of it.
package struct Membership: Sendable {
    package let standing: Standing
    package let member: Member
    /// The channels that they may view.
    package let places: [Place]
    let roles: [Role]

    package var server: Server { standing.server }
}

/// What was written of the channels and roles of servers for who has connected before.
struct KeptParts: Sendable {
    let channels = KeptJSON<Channel>(maximumWeight: 8 << 20)
    let roles = KeptJSON<Role>(maximumWeight: 4 << 20)
    private let sizes = (channels: KeptBytes(of: "channels"), roles: KeptBytes(of: "roles"))

    func recordSizes() {
        sizes.channels.record(channels.weight_bytes)
        sizes.roles.record(roles.weight_bytes)
    }
}

/// Tells in READY of the servers that somebody is in, which are read once for all who do.
package protocol ServerReader: Feature {
    func ready(in memberships: [Membership], for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON]
}

extension Servers {
    /// All servers that somebody is in, in the order of their ids. Each table is asked once for all of them.
    package static func memberships(
        of user: UserID, where isWanted: (ServerID) -> Bool = { _ in true }, _ tx: Transaction
    ) throws -> [Membership] {
        let servers = try ServerStore.servers(of: user, tx).filter { isWanted($0.id) }
        let ids = servers.map(\.id)
        let members = Dictionary(
            uniqueKeysWithValues: try MemberStore.memberships(of: user, tx).map { ($0.server, $0.member) })
        let roles = Dictionary(grouping: try RoleStore.roles(of: ids, tx), by: \.server)
        let channels = Dictionary(grouping: try ChannelStore.channels(of: ids, tx), by: \.server)
        return try servers.compactMap { server in
            try members[server.id].map { member in
                let roles = roles[server.id] ?? []
                let standing = Standing(server: server, holder: try holder(member, in: server, roles, tx))
                let places = Channels.visible(channels[server.id] ?? [], to: standing.holder)
                return Membership(standing: standing, member: member, places: places, roles: roles)
            }
        }
    }

    private static func holder(
        _ member: Member, in server: Server, _ roles: [Role], _ tx: Transaction
    ) throws -> PermissionHolder {
        let held = Set(member.roles)
        return try holder(
            member.user, in: server, roles.filter { $0.isDefault || held.contains($0.id) },
            timeout: member.timeoutUntil, pending: member.isPending ? [member.user] : [], tx)
    }

    /// What a member sees of each of some servers.
    /// - Parameter kept: what was written of them before.
    static func overviews(
        of memberships: [Membership], _ kept: KeptParts, _ tx: Transaction
    ) throws -> [ServerOverview] {
        let ids = memberships.map(\.server.id)
        let emojis = Dictionary(grouping: try EmojiStore.emojis(of: ids, tx), by: \.server)
        let stickers = Dictionary(grouping: try StickerStore.stickers(of: ids, tx), by: \.server)
        let events = Dictionary(grouping: try ScheduledEventStore.open(in: ids, tx), by: \.server)
        let voices = try Voice.states(
            seenIn: Dictionary(uniqueKeysWithValues: memberships.map { ($0.server.id, $0.places) }), tx)
        let guiding = try OnboardingStore.servers(ids, tx)
        return try memberships.map { membership in
            let (server, member) = (membership.server, membership.member)
            return ServerOverview(
                server: server, channels: kept.channels.encoded(membership.places.map(\.channel)),
                roles: kept.roles.encoded(membership.roles), member: member,
                emojis: emojis[server.id] ?? [], stickers: stickers[server.id] ?? [],
                onboarding: guiding.contains(server.id)
                    ? try Newcomers.progress(of: member.user, in: server, tx) : .nothing,
                events: EventSight.visible(
                    events[server.id] ?? [], to: membership.standing.holder, in: membership.places),
                voices: voices[server.id] ?? [])
        }
    }
}
