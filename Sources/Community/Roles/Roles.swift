import Database
import Events
import Features
import Kernel

/// The roles of servers: making, changing, ordering and deleting them. Who has which is the business of `Members`.
///
/// Two rules hold everywhere: nobody acts on a role that is equal to or higher than their own, and nobody grants what they
/// do not have.
package struct Roles: Sendable {
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
            let others = try positions(above: 1, in: server, tx)
            tx.emit(
                .guildRoleCreate, RoleEvent(server: server, role: role, positions: others), to: .server(server))
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
            var moved: [RoleID: Int] = [:]
            if let position = change.position, position != old.position {
                moved = try move([Move(role: id, position: position)], in: server, by: standing, tx)
                new.position = moved.removeValue(forKey: id) ?? old.position
            }
            if new != old {
                tx.emit(
                    .guildRoleUpdate, RoleEvent(server: server, role: new, positions: moved), to: .server(server))
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
            let old = Dictionary(uniqueKeysWithValues: try RoleStore.roles(of: server, tx).map { ($0.id, $0.position) })
            let moved = try move(moves, in: server, by: standing, tx)
            let roles = try RoleStore.roles(of: server, tx)
            guard let first = roles.first(where: { moved[$0.id] != nil }) else { return roles }
            tx.emit(
                .guildRoleUpdate,
                RoleEvent(server: server, role: first, positions: moved.filter { $0.key != first.id }),
                to: .server(server))
            // Those that were named; the others only made room.
            let named = moved.filter { id, _ in moves.contains { $0.role == id } }
            try auditLog.record(
                .roleUpdate, .server(server), in: server, by: caller,
                changes: [
                    "positions": .object(["before": old.filter { named[$0.key] != nil }.json, "after": named.json])
                ], tx)
            return roles
        }
    }

    /// - Returns: the roles that have another place now.
    private func move(
        _ moves: [Move], in server: ServerID, by standing: Standing, _ tx: Transaction
    ) throws -> [RoleID: Int] {
        var moved: [RoleID: Int] = [:]
        let roles = try RoleStore.roles(of: server, tx)
        let order = try RoleOrder.moved(
            roles.filter { !$0.isDefault }.map(\.id), Dictionary(moves.map { ($0.role, $0.position) }) { $1 })
        for (index, id) in order.enumerated() {
            guard let role = roles.first(where: { $0.id == id }), role.position != index + 1 else { continue }
            guard max(role.position, index + 1) < standing.holder.rank else { throw APIError(.permissionDenied) }
            try RoleStore.setPosition(index + 1, of: id, tx)
            moved[id] = index + 1
        }
        return moved
    }

    /// - Throws: `.permissionDenied`, `.roleNotFound`; `.invalidInput` for @everyone.
    func delete(_ id: RoleID, of server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let standing = try manager(caller, of: server, tx)
            let role = try Self.actable(id, of: server, by: standing, tx)
            guard !role.isDefault else { throw APIError.invalidInput("role_id", "the default role can't be deleted") }
            if standing.holder.roles.contains(where: { $0.id == id }) {
                try Self.requireOverwrites(of: id, \.deny, by: standing, tx)
            }
            let standalone = try keepingOwn(without: role, tx)
            // Of all: its overwrites go with it.
            try sight.change(in: server, tx) {
                for channel in standalone {
                    try ChannelStore.setOverwrites(channel.overwrites ?? [], of: channel.id, tx)
                }
                try RoleStore.delete(role, tx)
            }
            try RoleStore.take(role, tx)
            for channel in standalone { ChannelEvents.changed(channel, tx) }
            let others = try positions(above: role.position - 1, in: server, tx)
            tx.emit(
                .guildRoleDelete, RoleDeletedEvent(server: server, role: id, positions: others), to: .server(server))
            try auditLog.record(
                .roleDelete, .role(id), in: server, by: caller, changes: AuditChanges.between(role, nil), tx)
        }
    }

    /// The channels that would have those of their category when the last overwrite of their own goes with a role. They are
    /// given one that says nothing in its place.
    private func keepingOwn(without role: Role, _ tx: Transaction) throws -> [Channel] {
        guard let everyone = try RoleStore.roles(of: role.server, tx).first(where: \.isDefault) else { return [] }
        return try ChannelStore.channels(of: role.server, tx)
            .filter { $0.category != nil && $0.overwrites?.map(\.subject) == [.role(role.id)] }
            .map { channel in
                var channel = channel
                channel.overwrites = [PermissionOverwrite(.role(everyone.id))]
                return channel
            }
    }

    private func positions(above position: Int, in server: ServerID, _ tx: Transaction) throws -> [RoleID: Int] {
        let moved = try RoleStore.roles(of: server, tx).filter { $0.position > position }
        return Dictionary(uniqueKeysWithValues: moved.map { ($0.id, $0.position) })
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

    /// Who gives a role gives what overwrites allow it, and who gets rid of one of their own of what they deny it.
    /// - Throws: `.permissionDenied` with the first of these rights that the caller does not have in a channel.
    static func requireOverwrites(
        of role: RoleID, _ rights: KeyPath<PermissionOverwrite, PermissionSet>, by standing: Standing,
        _ tx: Transaction
    ) throws {
        guard !standing.permissions.contains(.administrator) else { return }
        let tree = try ChannelTree(of: standing.server.id, tx)
        for channel in tree.channels {
            let named = tree.inForce(in: channel).first { $0.subject == .role(role) }
            guard let wanted = named?[keyPath: rights], !wanted.isEmpty else { continue }
            let own = Channels.place(channel, standing.holder, tree.overwrites).permissions.granted
            if let missing = wanted.subtracting(own).permissions.first { throw APIError.permissionDenied(missing) }
        }
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
