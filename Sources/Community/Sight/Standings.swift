import Database
import Kernel

/// Members of a server, put together where nothing that has a say tells one from another: there are far fewer ways to stand in a
/// server than members, and those whom nothing tells from @everyone are not even read.
struct Standings {
    /// Whose standings are asked for.
    enum Scope {
        case all
        case having(RoleID)
        /// Who is no member counts for nothing.
        case users([UserID])
    }

    /// Members who stand alike.
    struct Kind {
        let members: Crowd
        /// Of roles that say the same, the first one stands for the others.
        private let roles: [RoleID]
        /// The owner, and those whom an overwrite names, stand alone.
        private let person: UserID?

        init(members: Crowd, roles: [RoleID], person: UserID? = nil) {
            self.members = members
            self.roles = roles
            self.person = person
        }

        /// One of them, by a server's roles.
        func holder(in server: Server, _ table: RoleTable) -> PermissionHolder {
            PermissionHolder(
                user: person ?? UserID(rawValue: 0), isOwner: person == server.owner, everyone: table.everyone,
                roles: roles.compactMap { table.others[$0] })
        }
    }

    /// What the roles of a server give, by their ids.
    struct RoleTable {
        let everyone: RolePermissions
        let others: [RoleID: RolePermissions]

        /// - Returns: nil for a server that is going, and has none.
        init?(_ roles: [Role]) {
            guard let everyone = roles.first(where: \.isDefault)?.rules else { return nil }
            self.everyone = everyone
            others = Dictionary(uniqueKeysWithValues: roles.filter { !$0.isDefault }.map { ($0.id, $0.rules) })
        }
    }

    let kinds: [Kind]

    /// - Parameter rules: of all places that will be asked about, before and after a change.
    init(of scope: Scope, in server: Server, owners: Set<UserID>, by rules: [PlaceRules], _ tx: Transaction) throws {
        let representatives = Self.representatives(of: rules)
        var gathering = Gathering()
        let entries = try MemberStore.holders(of: representatives.keys.sorted(), in: server.id, within: scope, tx)
        for (user, role) in entries {
            if let role = representatives[role] { gathering.give(role, to: user) }
        }
        let persons = rules.reduce(into: owners) { $0.formUnion($1.persons.keys) }
        let scoped = try Self.members(of: scope, in: server.id, tx)
        let present = try scoped?.intersection(persons) ?? Set(MemberStore.members(among: persons, of: server.id, tx))
        kinds = gathering.kinds(apart: present, of: scoped)
    }

    /// Those that are in a scope; nil for all.
    private static func members(of scope: Scope, in server: ServerID, _ tx: Transaction) throws -> Set<UserID>? {
        switch scope {
        case .all: nil
        case .having(let role): Set(try MemberStore.holders(of: role, tx))
        case .users(let users): Set(try MemberStore.members(among: users, of: server, tx))
        }
    }

    /// For each role that has a say somewhere the first one that says the same everywhere.
    static func representatives(of rules: [PlaceRules]) -> [RoleID: RoleID] {
        let different = Set(rules)
        let roles = different.reduce(into: Set<RoleID>()) { $0.formUnion($1.roles.keys) }
        var first: [[PlaceRules.Say]: RoleID] = [:]
        var result: [RoleID: RoleID] = [:]
        let places = Array(different)
        for role in roles.sorted() {
            let says = places.map { $0.roles[role] ?? .nothing }
            let representative = first[says] ?? role
            first[says] = representative
            result[role] = representative
        }
        return result
    }

    /// Puts people together who have the same roles, one role after the other.
    private struct Gathering {
        private struct Step: Hashable {
            let kind: Int
            let role: RoleID
        }

        /// The first is that of nobody's roles.
        private var roles: [Set<RoleID>] = [[]]
        private var known: [Set<RoleID>: Int] = [[]: 0]
        private var steps: [Step: Int] = [:]
        private var kindOf: [UserID: Int] = [:]

        mutating func give(_ role: RoleID, to user: UserID) {
            let step = Step(kind: kindOf[user] ?? 0, role: role)
            if let next = steps[step] {
                kindOf[user] = next
                return
            }
            let together = roles[step.kind].union([role])
            let next = known[together] ?? roles.count
            if next == roles.count {
                roles.append(together)
                known[together] = next
            }
            steps[step] = next
            kindOf[user] = next
        }

        /// - Parameters:
        ///   - persons: who stand alone.
        ///   - scoped: all of whom kinds are made; nil for everybody in the server.
        consuming func kinds(apart persons: Set<UserID>, of scoped: Set<UserID>?) -> [Kind] {
            var result = persons.sorted().map { person in
                Kind(members: .only([person]), roles: roles[kindOf[person] ?? 0].sorted(), person: person)
            }
            for person in persons { kindOf[person] = nil }
            var groups = Array(repeating: Set<UserID>(), count: roles.count)
            for (user, kind) in kindOf { groups[kind].insert(user) }
            for (kind, users) in groups.enumerated() where !users.isEmpty {
                result.append(Kind(members: .only(users), roles: roles[kind].sorted()))
            }
            let special = persons.union(kindOf.keys)
            result.append(Kind(members: scoped.map { .only($0.subtracting(special)) } ?? .allBut(special), roles: []))
            return result
        }
    }
}
