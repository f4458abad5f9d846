import EventLog
import Kernel

/// What the members of a server see of some of its channels, worked out for all of them at once: members who have the same
/// roles see the same, so there are far fewer answers than members.
struct SightMap {
    /// The different things that members see.
    private(set) var groups: [Set<Audience>] = []
    /// Which of the groups a member belongs to.
    private(set) var groupOf: [UserID: Int] = [:]

    /// What decides what a member sees.
    private struct Standing: Hashable {
        let roles: [RoleID]
        /// For the owner, and for those whom an overwrite names.
        let person: UserID?
    }

    init(
        of members: [(user: UserID, roles: [RoleID])], in server: Server, roles: [Role], channels: [Channel],
        overwrites: [ChannelID: [PermissionOverwrite]]
    ) {
        let rules = Dictionary(uniqueKeysWithValues: roles.map { ($0.id, $0.rules) })
        guard let everyone = roles.first(where: \.isDefault)?.rules else { return }
        let named = Set(
            overwrites.values.joined().compactMap { overwrite -> UserID? in
                if case .member(let user) = overwrite.subject { user } else { nil }
            })
        var known: [Standing: Int] = [:]
        for member in members {
            let isSpecial = member.user == server.owner || named.contains(member.user)
            let standing = Standing(roles: member.roles, person: isSpecial ? member.user : nil)
            if let group = known[standing] {
                groupOf[member.user] = group
                continue
            }
            let holder = PermissionHolder(
                user: member.user, isOwner: member.user == server.owner, everyone: everyone,
                roles: member.roles.compactMap { rules[$0] })
            let seen = channels.flatMap { Channels.place($0, holder, overwrites).visibleAudiences }
            known[standing] = groups.count
            groupOf[member.user] = groups.count
            groups.append(Set(seen))
        }
    }
}
