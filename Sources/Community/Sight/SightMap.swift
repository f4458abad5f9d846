import Events
import Kernel

/// What the members of a server see of some of its channels, worked out for all of them at once: members who have the same
/// roles see the same, so there are far fewer answers than members.
struct SightMap {
    /// The different things that members see.
    let groups: [Set<Audience>]
    /// Which of the groups a member belongs to.
    let groupOf: [UserID: Int]

    init(
        of members: [(user: UserID, roles: [RoleID])], in server: Server, roles: [Role], channels: [Channel],
        overwrites: [ChannelID: [PermissionOverwrite]]
    ) {
        let standings = Standings(of: members, in: server, roles: roles, overwrites: overwrites.values.joined())
        groups = standings.holders.map { holder in
            Set(channels.flatMap { Channels.place($0, holder, overwrites).visibleAudiences })
        }
        groupOf = standings.groupOf
    }
}
