import Events
import Kernel

/// What the members of a server see of some of its channels and events, worked out for all of them at once: members who have the same
/// roles see the same, so there are far fewer answers than members.
struct SightMap {
    struct Group {
        let audiences: Set<Audience>
        let events: Set<ScheduledEventID>
    }

    /// The different things that members see.
    let groups: [Group]
    /// Which of the groups a member belongs to.
    let groupOf: [UserID: Int]

    init(
        of members: [(user: UserID, roles: [RoleID])], in server: Server, roles: [Role], channels: [Channel],
        overwrites: [ChannelID: [PermissionOverwrite]], events: [ScheduledEvent] = []
    ) {
        let standings = Standings(of: members, in: server, roles: roles, overwrites: overwrites.values.joined())
        groups = standings.holders.map { holder in
            let places = channels.map { Channels.place($0, holder, overwrites) }
            return Group(
                audiences: Set(places.flatMap(\.visibleAudiences)),
                events: Set(EventSight.visible(events, to: holder, in: places).map(\.id)))
        }
        groupOf = standings.groupOf
    }
}
