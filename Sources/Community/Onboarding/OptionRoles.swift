import Database
import Kernel

/// Which roles people may give to themselves by answering: none that moderates, in the whole server or in one channel, and
/// none that stands as high as who offers it.
struct OptionRoles {
    private let server: Server
    private let roles: [RoleID: Role]
    private let moderating: Set<RoleID>

    init(of server: Server, _ tx: Transaction) throws {
        self.server = server
        roles = Dictionary(uniqueKeysWithValues: try RoleStore.roles(of: server.id, tx).map { ($0.id, $0) })
        let powerful = roles.values.filter { !$0.permissions.isDisjoint(with: .moderating) }.map(\.id)
        let inChannels = try ChannelTree(of: server.id, tx).overwrites.values.joined().compactMap {
            overwrite -> RoleID? in
            guard case .role(let role) = overwrite.subject, !overwrite.allow.isDisjoint(with: .moderating) else {
                return nil
            }
            return role
        }
        moderating = Set(powerful + inChannels)
    }

    /// - Throws: `.roleNotFound`; `.invalidInput` for a role that is not to be given so; `.permissionDenied` for one that
    ///   allows what the caller may not do: who offers a role gives what it allows.
    func require(_ wanted: Set<RoleID>, by standing: Standing, _ tx: Transaction) throws {
        for id in wanted.sorted() {
            guard let role = roles[id] else { throw APIError.roleNotFound }
            guard isGivable(role, below: standing.holder.rank) else {
                throw APIError.invalidInput(
                    "role_ids", "must name roles below your own that moderate nothing")
            }
            try Roles.require(role.permissions, standing)
            try Roles.requireOverwrites(of: id, \.allow, by: standing, tx)
        }
    }

    /// Those of the roles that may still be given. Where the author has left, the server stands for what they offered.
    func givable(_ wanted: Set<RoleID>, byAuthor author: UserID?, _ tx: Transaction) throws -> Set<RoleID> {
        guard !wanted.isEmpty else { return [] }
        let isThere = try author.map { try MemberStore.isMember($0, of: server.id, tx) } ?? false
        let rank = isThere ? try author.map { try Servers.holder($0, in: server, tx).rank } ?? .max : .max
        return wanted.filter { id in roles[id].map { isGivable($0, below: rank) } ?? false }
    }

    private func isGivable(_ role: Role, below rank: Int) -> Bool {
        !role.isDefault && role.position < rank && !moderating.contains(role.id)
    }
}
