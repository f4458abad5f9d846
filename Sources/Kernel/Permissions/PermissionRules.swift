/// Changes what a role or a member may do in one channel or category.
public struct PermissionOverwrite: Hashable, Sendable {
    public enum Subject: Hashable, Sendable {
        case role(RoleID)
        case member(UserID)
    }

    public let subject: Subject
    public let allow: PermissionSet
    public let deny: PermissionSet

    public init(_ subject: Subject, allow: PermissionSet = [], deny: PermissionSet = []) {
        self.subject = subject
        self.allow = allow
        self.deny = deny
    }
}

/// A role, as far as permissions go.
public struct RolePermissions: Hashable, Sendable {
    public let id: RoleID
    /// Higher acts on lower; @everyone is 0.
    public let position: Int
    public let permissions: PermissionSet

    public init(id: RoleID, position: Int, permissions: PermissionSet) {
        self.id = id
        self.position = position
        self.permissions = permissions
    }
}

/// Somebody who asks, as far as permissions go.
public struct PermissionHolder: Sendable {
    public let user: UserID
    public let isOwner: Bool
    public let everyone: RolePermissions
    /// The member's roles besides @everyone.
    public let roles: [RolePermissions]

    public init(user: UserID, isOwner: Bool, everyone: RolePermissions, roles: [RolePermissions]) {
        self.user = user
        self.isOwner = isOwner
        self.everyone = everyone
        self.roles = roles
    }

    /// The owner stands above every role.
    public var rank: Int { isOwner ? .max : roles.map(\.position).max() ?? everyone.position }
}

/// What decided a permission.
public enum PermissionReason: Hashable, Sendable {
    case owner
    case administrator(RoleID)
    case role(RoleID)
    case overwrite(PermissionOverwrite.Subject)
    case channelNotVisible
    case notGranted
}

/// What somebody may do in a server or in one of its channels, and why.
public struct EffectivePermissions: Sendable {
    public let granted: PermissionSet
    private let holder: PermissionHolder
    private let overwrites: [PermissionOverwrite]?

    /// The permissions in the whole server.
    public static func inServer(_ holder: PermissionHolder) -> EffectivePermissions {
        EffectivePermissions(
            granted: PermissionRules.serverPermissions(of: holder), holder: holder, overwrites: nil)
    }

    /// The permissions in a channel.
    /// - Parameters:
    ///   - overwrites: the channel's own.
    ///   - category: those of its category, which count where the channel has none of its own.
    public static func inChannel(
        _ holder: PermissionHolder, overwrites: [PermissionOverwrite], category: [PermissionOverwrite] = []
    ) -> EffectivePermissions {
        let effective = overwrites.isEmpty ? category : overwrites
        return EffectivePermissions(
            granted: PermissionRules.channelPermissions(of: holder, overwrites: effective), holder: holder,
            overwrites: effective)
    }

    public func contains(_ permission: Permission) -> Bool { granted.contains(permission) }

    /// - Throws: `Permission denied`, which names the missing permission beside the message.
    public func require(_ permission: Permission) throws(APIError) {
        guard contains(permission) else { throw .permissionDenied(permission) }
    }

    /// The step of the algebra that decided `permission`.
    public func reason(for permission: Permission) -> PermissionReason {
        if holder.isOwner { return .owner }
        if let role = PermissionRules.administratorRole(of: holder) { return .administrator(role) }
        if let overwrites {
            if !contains(.channelsView), permission != .channelsView { return .channelNotVisible }
            if let subject = PermissionRules.decidingOverwrite(for: permission, of: holder, overwrites) {
                return .overwrite(subject)
            }
        }
        let granting = ([holder.everyone] + holder.roles).first { $0.permissions.contains(permission) }
        return granting.map { .role($0.id) } ?? .notGranted
    }
}

/// The permission algebra (contract: REST, Permissions): pure, and the only place that decides.
public enum PermissionRules {
    static func administratorRole(of holder: PermissionHolder) -> RoleID? {
        ([holder.everyone] + holder.roles).first { $0.permissions.contains(.administrator) }?.id
    }

    static func serverPermissions(of holder: PermissionHolder) -> PermissionSet {
        if holder.isOwner || administratorRole(of: holder) != nil { return .all }
        return holder.roles.reduce(holder.everyone.permissions) { $0.union($1.permissions) }
    }

    static func channelPermissions(
        of holder: PermissionHolder, overwrites: [PermissionOverwrite]
    ) -> PermissionSet {
        let base = serverPermissions(of: holder)
        if base == .all { return base }
        let layers = layers(of: holder, overwrites)
        let granted = layers.reduce(base) { $0.subtracting($1.deny).union($1.allow) }
        return granted.contains(.channelsView) ? granted : []
    }

    /// The last layer that says anything of the permission wins; within it, allow wins over deny.
    static func decidingOverwrite(
        for permission: Permission, of holder: PermissionHolder, _ overwrites: [PermissionOverwrite]
    ) -> PermissionOverwrite.Subject? {
        for layer in layers(of: holder, overwrites).reversed() {
            if let allowing = layer.members.first(where: { $0.allow.contains(permission) }) { return allowing.subject }
            if let denying = layer.members.first(where: { $0.deny.contains(permission) }) { return denying.subject }
        }
        return nil
    }

    private struct Layer {
        let members: [PermissionOverwrite]
        var allow: PermissionSet { members.reduce([]) { $0.union($1.allow) } }
        var deny: PermissionSet { members.reduce([]) { $0.union($1.deny) } }
    }

    /// @everyone's overwrite, then all the roles' together, then the member's own.
    private static func layers(of holder: PermissionHolder, _ overwrites: [PermissionOverwrite]) -> [Layer] {
        let roles = Set(holder.roles.map { PermissionOverwrite.Subject.role($0.id) })
        return [
            Layer(members: overwrites.filter { $0.subject == .role(holder.everyone.id) }),
            Layer(members: overwrites.filter { roles.contains($0.subject) }),
            Layer(members: overwrites.filter { $0.subject == .member(holder.user) }),
        ]
    }

    /// Nobody acts on an equal or higher role.
    public static func canAct(_ actor: PermissionHolder, on target: PermissionHolder) -> Bool {
        !target.isOwner && actor.rank > target.rank
    }

    /// Nobody grants what they do not have.
    public static func canGrant(_ permissions: PermissionSet, _ actor: EffectivePermissions) -> Bool {
        actor.granted.isSuperset(of: permissions)
    }
}
