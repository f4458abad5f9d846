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
    /// Silenced for a while: may look on, and nothing else.
    public let isTimedOut: Bool
    /// New, and has not yet agreed to the rules or answered what every new member is asked: may look on, and nothing else.
    public let isPending: Bool

    public init(
        user: UserID, isOwner: Bool, everyone: RolePermissions, roles: [RolePermissions], isTimedOut: Bool = false,
        isPending: Bool = false
    ) {
        self.user = user
        self.isOwner = isOwner
        self.everyone = everyone
        self.roles = roles
        self.isTimedOut = isTimedOut
        self.isPending = isPending
    }

    /// Why somebody may only look on, if so.
    var silence: PermissionReason? {
        if isTimedOut { .timedOut } else if isPending { .pending } else { nil }
    }

    /// The owner stands above every role.
    public var rank: Int { isOwner ? .max : roles.map(\.position).max() ?? everyone.position }

    func grantingRoles(of permission: Permission) -> [RoleID] {
        ([everyone] + roles).filter { $0.permissions.contains(permission) }.map(\.id)
    }
}

/// What decided a permission.
public enum PermissionReason: Hashable, Sendable {
    case owner
    case administrator(RoleID)
    case role(RoleID)
    case overwrite(PermissionOverwrite.Subject)
    case channelNotVisible
    case timedOut
    case pending
    case notGranted
}

/// A step on the way to a decision: who says it, and what they say.
public struct PermissionStep: Hashable, Sendable {
    public let reason: PermissionReason
    public let grants: Bool
}

/// What somebody may do in a server or in one of its channels, and why.
public struct EffectivePermissions: Sendable {
    public let granted: PermissionSet
    private let holder: PermissionHolder
    /// What counts in the channel; nil for the whole server and in private channels.
    public let overwrites: [PermissionOverwrite]?
    private var isHidden = false

    private init(
        granted: PermissionSet, holder: PermissionHolder, overwrites: [PermissionOverwrite]?, isHidden: Bool = false
    ) {
        self.granted = granted
        self.holder = holder
        self.overwrites = overwrites
        self.isHidden = isHidden
    }

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
        let effective = overwrites.inForce(above: category)
        return EffectivePermissions(
            granted: PermissionRules.channelPermissions(of: holder, overwrites: effective), holder: holder,
            overwrites: effective)
    }

    /// The same for everyone, without roles: in private channels.
    public static func fixed(_ permissions: PermissionSet, for user: UserID) -> EffectivePermissions {
        let everyone = RolePermissions(id: RoleID(rawValue: 0), position: 0, permissions: permissions)
        return EffectivePermissions(
            granted: permissions,
            holder: PermissionHolder(user: user, isOwner: false, everyone: everyone, roles: []), overwrites: nil)
    }

    public func contains(_ permission: Permission) -> Bool { granted.contains(permission) }

    /// Whether the member has a permission, be it only once a timeout is over. What somebody sees does not change with the clock.
    public func keeps(_ permission: Permission) -> Bool {
        if contains(permission) { return true }
        guard isSilenced, let overwrites, contains(.channelsView) else { return false }
        return PermissionRules.grants(to: holder, overwrites: overwrites).contains(permission)
    }

    /// The same member in a place that they can't see, such as a private thread of a channel that they see.
    public var hidden: EffectivePermissions {
        EffectivePermissions(granted: [], holder: holder, overwrites: overwrites, isHidden: true)
    }

    /// Whose permissions these are.
    public var user: UserID { holder.user }

    /// Whether the member is timed out or pending and has nothing that stands above it.
    public var isSilenced: Bool { holder.silence != nil && !PermissionRules.passes(holder) }

    /// For what takes no permission of its own but speaks or acts on others, which somebody who is silenced does not.
    /// - Throws: `Permission denied`.
    public func requireVoice() throws(APIError) {
        if isSilenced { throw APIError(.permissionDenied) }
    }

    /// - Throws: `Permission denied`, which names the missing permission beside the message.
    public func require(_ permission: Permission) throws(APIError) {
        guard contains(permission) else { throw .permissionDenied(permission) }
    }

    /// The step of the algebra that decided `permission`.
    public func reason(for permission: Permission) -> PermissionReason {
        steps(for: permission).last?.reason ?? .notGranted
    }

    /// Everything that had a say in `permission`, in the order in which it counts: the last step decides.
    public func steps(for permission: Permission) -> [PermissionStep] {
        if holder.isOwner { return [PermissionStep(reason: .owner, grants: true)] }
        if let role = PermissionRules.administratorRole(of: holder) {
            return [PermissionStep(reason: .administrator(role), grants: true)]
        }
        var steps = holder.grantingRoles(of: permission).map { PermissionStep(reason: .role($0), grants: true) }
        if let overwrites {
            steps += PermissionRules.overwriteSteps(for: permission, of: holder, overwrites)
            if !contains(.channelsView), permission != .channelsView || isHidden {
                steps.append(PermissionStep(reason: .channelNotVisible, grants: false))
            }
        }
        if let silence = holder.silence, !PermissionSet.inTimeout.contains(permission) {
            steps.append(PermissionStep(reason: silence, grants: false))
        }
        return steps
    }
}

/// The permission algebra (contract: REST, Permissions): pure, and the only place that decides.
public enum PermissionRules {
    static func administratorRole(of holder: PermissionHolder) -> RoleID? {
        ([holder.everyone] + holder.roles).first { $0.permissions.contains(.administrator) }?.id
    }

    static func serverPermissions(of holder: PermissionHolder) -> PermissionSet {
        if passes(holder) { return .all }
        let granted = holder.roles.reduce(holder.everyone.permissions) { $0.union($1.permissions) }
        return holder.silence == nil ? granted : granted.intersection(.inTimeout)
    }

    /// Whether neither roles nor overwrites matter.
    static func passes(_ holder: PermissionHolder) -> Bool {
        holder.isOwner || administratorRole(of: holder) != nil
    }

    static func channelPermissions(
        of holder: PermissionHolder, overwrites: [PermissionOverwrite]
    ) -> PermissionSet {
        let granted = grants(to: holder, overwrites: overwrites)
        if passes(holder) { return granted }
        guard granted.contains(.channelsView) else { return [] }
        return holder.silence == nil ? granted : granted.intersection(.inTimeout)
    }

    /// What roles and overwrites give somebody in a channel, be it with or without sight of it, and for the time after a
    /// silence, too.
    static func grants(to holder: PermissionHolder, overwrites: [PermissionOverwrite]) -> PermissionSet {
        if passes(holder) { return .all }
        let base = holder.roles.reduce(holder.everyone.permissions) { $0.union($1.permissions) }
        return layers(of: holder, overwrites).reduce(base) { $0.subtracting($1.deny).union($1.allow) }
    }

    /// What somebody gains in a channel when other overwrites come into force there. To whom a channel is shown, that
    /// gains `channels.view` by it, and not what their roles gave them all along.
    public static func gains(
        of holder: PermissionHolder, from before: [PermissionOverwrite], to after: [PermissionOverwrite]
    ) -> PermissionSet {
        grants(to: holder, overwrites: after).subtracting(grants(to: holder, overwrites: before))
            .subtracting(.serverWide)
    }

    /// What the overwrites say of a permission, layer by layer; within a layer allow wins over deny and so comes last.
    static func overwriteSteps(
        for permission: Permission, of holder: PermissionHolder, _ overwrites: [PermissionOverwrite]
    ) -> [PermissionStep] {
        layers(of: holder, overwrites).flatMap { layer in
            layer.members.filter { $0.deny.contains(permission) }.map {
                PermissionStep(reason: .overwrite($0.subject), grants: false)
            }
                + layer.members.filter { $0.allow.contains(permission) }.map {
                    PermissionStep(reason: .overwrite($0.subject), grants: true)
                }
        }
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
