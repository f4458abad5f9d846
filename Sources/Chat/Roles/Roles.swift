import Database
import EventLog
import Kernel
import WebAPI

/// The roles of servers: making, changing, ordering and deleting them. Who has which is the business of `Members`.
///
/// Two rules hold everywhere: nobody acts on a role that is equal to or higher than their own, and nobody grants what they
/// do not have.
struct Roles: Sendable {
    static let maximumPerServer = 250

    let parts: Parts
    let sight: Sight
    let auditLog: AuditLog

    struct Draft: Sendable {
        let name: String
        let color: String?
        let permissions: PermissionChange
        let hoist: Bool
        let mentionable: Bool
    }

    struct Change: Sendable {
        let name: String?
        let color: Kernel.Change<String>
        let permissions: PermissionChange?
        let hoist: Bool?
        let mentionable: Bool?
        let position: Int?
    }

    /// A line of a reordering.
    struct Move: Sendable {
        let role: RoleID
        let position: Int
    }

    // MARK: Reading

    /// From the lowest, which is @everyone, to the highest.
    func list(_ server: ServerID, for caller: Caller) async throws -> [Role] {
        try await parts.database.read { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            return try RoleStore.roles(of: server, tx)
        }
    }

    // MARK: Making and changing

    /// Makes a role just above @everyone.
    /// - Throws: `.permissionDenied` for one who may not manage roles, has none above @everyone, or grants what they lack.
    func create(_ draft: Draft, in server: ServerID, by caller: Caller) async throws -> Role {
        try await parts.database.write { tx in
            let standing = try manager(caller, of: server, tx)
            let roles = try RoleStore.roles(of: server, tx)
            guard standing.holder.rank > 0 else { throw APIError(.permissionDenied) }
            guard roles.count < Self.maximumPerServer else {
                throw APIError.invalidInput(
                    "server", "has \(Self.maximumPerServer) roles already, which is the limit")
            }
            let permissions = draft.permissions.applied(to: [])
            try Self.require(permissions, standing)
            try RoleStore.makeRoom(in: server, tx)
            let role = Role(
                id: parts.ids.next(), server: server, name: draft.name, color: draft.color, position: 1,
                permissions: permissions, hoist: draft.hoist, mentionable: draft.mentionable, isDefault: false)
            try RoleStore.insert(role, tx)
            tx.emit("GUILD_ROLE_CREATE", RoleEvent(role: role), intent: .guilds, to: .server(server))
            try tellPositions(above: 1, in: server, tx)
            try auditLog.record(
                .roleCreate, .role(role.id), in: server, by: caller, changes: AuditChanges.between(nil, role), tx)
            return role
        }
    }

    /// - Throws: `.permissionDenied`, `.roleNotFound`.
    func change(_ id: RoleID, _ change: Change, in server: ServerID, by caller: Caller) async throws -> Role {
        try await parts.database.write { tx in
            let standing = try manager(caller, of: server, tx)
            let old = try Self.actable(id, of: server, by: standing, tx)
            var new = old
            // @everyone is called so for everyone; the rest of it can be changed.
            if let name = change.name, name != old.name {
                guard !old.isDefault else { throw APIError.invalidInput("name", "of the default role stays") }
                new.name = name
            }
            new.color = change.color.applied(to: old.color)
            new.hoist = change.hoist ?? old.hoist
            new.mentionable = change.mentionable ?? old.mentionable
            if let permissions = change.permissions { new.permissions = permissions.applied(to: old.permissions) }
            try Self.require(new.permissions.symmetricDifference(old.permissions), standing)
            try apply(new, insteadOf: old, tx)
            if let position = change.position, position != old.position {
                try move([Move(role: id, position: position)], in: server, by: standing, tx)
                guard let moved = try RoleStore.role(id, of: server, tx) else { throw APIError.roleNotFound }
                new = moved
            } else if new != old {
                tx.emit("GUILD_ROLE_UPDATE", RoleEvent(role: new), intent: .guilds, to: .server(server))
            }
            let changes = AuditChanges.between(old, new)
            if !changes.isEmpty {
                try auditLog.record(.roleUpdate, .role(id), in: server, by: caller, changes: changes, tx)
            }
            return new
        }
    }

    /// Nobody's sight is worked out again for a change that can't touch it.
    private func apply(_ new: Role, insteadOf old: Role, _ tx: Transaction) throws {
        let concernsSight = !new.permissions.symmetricDifference(old.permissions).isDisjoint(with: .sight)
        guard concernsSight else { return try RoleStore.update(new, tx) }
        try sight.change(in: new.server, of: new.isDefault ? .all : .having(new.id), tx) {
            try RoleStore.update(new, tx)
        }
    }

    /// Moves several roles at once, or none.
    func reorder(_ server: ServerID, _ moves: [Move], by caller: Caller) async throws -> [Role] {
        try await parts.database.write { tx in
            let standing = try manager(caller, of: server, tx)
            try move(moves, in: server, by: standing, tx)
            let positions = moves.map { ($0.role.description, JSON.integer(Int64($0.position))) }
            try auditLog.record(
                .roleUpdate, .server(server), in: server, by: caller,
                changes: ["positions": .object(Dictionary(positions) { $1 })], tx)
            return try RoleStore.roles(of: server, tx)
        }
    }

    private func move(_ moves: [Move], in server: ServerID, by standing: Standing, _ tx: Transaction) throws {
        let roles = try RoleStore.roles(of: server, tx)
        let order = try RoleOrder.moved(
            roles.filter { !$0.isDefault }.map(\.id), Dictionary(moves.map { ($0.role, $0.position) }) { $1 })
        for (index, id) in order.enumerated() {
            guard var role = roles.first(where: { $0.id == id }), role.position != index + 1 else { continue }
            guard max(role.position, index + 1) < standing.holder.rank else { throw APIError(.permissionDenied) }
            role.position = index + 1
            try RoleStore.setPosition(role.position, of: id, tx)
            tx.emit("GUILD_ROLE_UPDATE", RoleEvent(role: role), intent: .guilds, to: .server(server))
        }
    }

    /// - Throws: `.permissionDenied`, `.roleNotFound`; `.invalidInput` for @everyone.
    func delete(_ id: RoleID, of server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let standing = try manager(caller, of: server, tx)
            let role = try Self.actable(id, of: server, by: standing, tx)
            guard !role.isDefault else { throw APIError.invalidInput("role_id", "the default role can't be deleted") }
            // Of all: a channel that loses its last overwrite takes those of its category.
            try sight.change(in: server, tx) { try RoleStore.delete(role, tx) }
            tx.emit(
                "GUILD_ROLE_DELETE", RoleDeletedEvent(server: server, role: id), intent: .guilds, to: .server(server))
            try tellPositions(above: role.position - 1, in: server, tx)
            try auditLog.record(
                .roleDelete, .role(id), in: server, by: caller, changes: AuditChanges.between(role, nil), tx)
        }
    }

    /// The roles whose positions have changed with another one's.
    private func tellPositions(above position: Int, in server: ServerID, _ tx: Transaction) throws {
        for moved in try RoleStore.roles(of: server, tx) where moved.position > position {
            tx.emit("GUILD_ROLE_UPDATE", RoleEvent(role: moved), intent: .guilds, to: .server(server))
        }
    }

    // MARK: Rules

    private func manager(_ caller: Caller, of server: ServerID, _ tx: Transaction) throws -> Standing {
        let standing = try Servers.standing(of: caller.user, in: server, tx)
        try standing.permissions.require(.rolesManage)
        return standing
    }

    /// A role that somebody may act on: one below their own highest.
    /// - Throws: `.roleNotFound`, `.permissionDenied`.
    static func actable(
        _ id: RoleID, of server: ServerID, by standing: Standing, _ tx: Transaction
    ) throws -> Role {
        guard let role = try RoleStore.role(id, of: server, tx) else { throw APIError.roleNotFound }
        guard role.position < standing.holder.rank else { throw APIError(.permissionDenied) }
        return role
    }

    /// - Throws: `.permissionDenied` with the first of the permissions that are not the caller's to give.
    static func require(_ permissions: PermissionSet, _ standing: Standing) throws(APIError) {
        if let missing = permissions.subtracting(standing.permissions.granted).permissions.first {
            throw .permissionDenied(missing)
        }
    }
}

/// The order of a server's roles above @everyone, which stand at 1, 2, 3 … without gaps.
enum RoleOrder {
    /// The roles with some of them at new positions; the others close up around them.
    /// - Throws: `.roleNotFound` for one that is none of these.
    static func moved(_ roles: [RoleID], _ positions: [RoleID: Int]) throws(APIError) -> [RoleID] {
        guard positions.keys.allSatisfy(roles.contains) else { throw .roleNotFound }
        var order = roles.filter { positions[$0] == nil }
        for (role, position) in positions.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            order.insert(role, at: min(max(position, 1) - 1, order.count))
        }
        return order
    }
}
