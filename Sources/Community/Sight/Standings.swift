import Kernel

/// Members of a server, put together where neither roles nor overwrites tell one from another: there are far fewer ways to
/// stand in a server than members.
struct Standings {
    /// One of each kind.
    private(set) var holders: [PermissionHolder] = []
    /// Which of the kinds a member is.
    private(set) var groupOf: [UserID: Int] = [:]

    private struct Kind: Hashable {
        let roles: [RoleID]
        /// For the owner, and for those whom an overwrite names.
        let person: UserID?
    }

    /// - Parameter overwrites: all that will be asked about.
    init(
        of members: [(user: UserID, roles: [RoleID])], in server: Server, roles: [Role],
        overwrites: some Sequence<PermissionOverwrite>
    ) {
        let rules = Dictionary(uniqueKeysWithValues: roles.map { ($0.id, $0.rules) })
        guard let everyone = roles.first(where: \.isDefault)?.rules else { return }
        let named = Set(
            overwrites.compactMap { overwrite -> UserID? in
                if case .member(let user) = overwrite.subject { user } else { nil }
            })
        var known: [Kind: Int] = [:]
        for member in members {
            let isSpecial = member.user == server.owner || named.contains(member.user)
            let kind = Kind(roles: member.roles, person: isSpecial ? member.user : nil)
            if let group = known[kind] {
                groupOf[member.user] = group
                continue
            }
            known[kind] = holders.count
            groupOf[member.user] = holders.count
            holders.append(
                PermissionHolder(
                    user: member.user, isOwner: member.user == server.owner, everyone: everyone,
                    roles: member.roles.compactMap { rules[$0] }))
        }
    }
}
