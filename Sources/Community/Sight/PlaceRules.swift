import Kernel

/// What decides in one place of a server who has which of some permissions, without all that has no say in it: what an overwrite
/// of @everyone has decided no role's permissions do, and what everybody has nobody is given.
///
/// Where these are the same before and after a change, nobody gains or loses anything there.
struct PlaceRules: Hashable {
    /// What a role or an overwrite says.
    struct Say: Hashable {
        var grants: PermissionSet = []
        var denies: PermissionSet = []
        var allows: PermissionSet = []
        /// Whether nothing else counts.
        var passes = false

        static let nothing = Say()
    }

    private let owner: UserID
    private let everyone: PermissionSet
    private let passesEveryone: Bool
    /// Without those that say nothing.
    let roles: [RoleID: Say]
    let persons: [UserID: Say]

    /// - Parameters:
    ///   - overwrites: those in force; none for the server as a whole.
    ///   - mask: the permissions that are asked about.
    init(
        in server: Server, roles: [Role], overwrites: [PermissionOverwrite] = [], deciding mask: PermissionSet = .all
    ) {
        owner = server.owner
        let general = roles.first(where: \.isDefault)
        let base = general?.permissions ?? []
        var said: [PermissionOverwrite.Subject: PermissionOverwrite] = [:]
        for overwrite in overwrites { said[overwrite.subject] = overwrite }
        let first = general.flatMap { said[.role($0.id)] }
        let decided = (first?.allow ?? []).union(first?.deny ?? [])
        let everyone = base.subtracting(decided).union(first?.allow ?? []).intersection(mask)
        self.everyone = everyone
        passesEveryone = base.contains(.administrator)
        let open = mask.subtracting(decided).subtracting(everyone)
        var says: [RoleID: Say] = [:]
        for role in roles where !role.isDefault {
            let own = said[.role(role.id)]
            let say = Say(
                grants: role.permissions.intersection(open), denies: own?.deny.intersection(mask) ?? [],
                allows: own?.allow.intersection(mask) ?? [], passes: role.permissions.contains(.administrator))
            if say != .nothing { says[role.id] = say }
        }
        self.roles = says
        var persons: [UserID: Say] = [:]
        for overwrite in overwrites {
            guard case .member(let user) = overwrite.subject else { continue }
            let say = Say(denies: overwrite.deny.intersection(mask), allows: overwrite.allow.intersection(mask))
            if say != .nothing { persons[user] = say }
        }
        self.persons = persons
    }
}
