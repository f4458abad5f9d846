import Database
import Events
import Features
import Kernel
import People

/// Communities: making, changing, handing over and leaving them.
package struct Servers: Sendable {
    let parts: Parts
    let accounts: Accounts
    let sight: Sight
    let auditLog: AuditLog
    let kept = KeptParts()

    package static let access: [ErrorKind] = [.invalidServerID, .serverNotFound, .accessDenied]

    struct Draft: Sendable {
        let name: String
        let description: String?
        let pattern: Pattern
    }

    /// What a new server is made after.
    enum Pattern: Sendable {
        case ready(ServerTemplate)
        /// The template of another server.
        case template(code: String)
    }

    struct Change: Sendable {
        let name: String?
        let description: Kernel.Change<String>
        let defaultChannel: Kernel.Change<ChannelID>
        let afkChannel: Kernel.Change<ChannelID>
        let afkTimeout_s: Int?
    }

    // MARK: Standing

    /// How a user stands in a server.
    /// - Throws: `.serverNotFound`; `.accessDenied` for one who is no member.
    package static func standing(of user: UserID, in id: ServerID, _ tx: Transaction) throws -> Standing {
        try standing(of: user, in: id, and: .known(()), tx).standing
    }

    /// - Parameter more: what is asked at the same time.
    static func standing<More>(
        of user: UserID, in id: ServerID, and more: Query<More>, _ tx: Transaction
    ) throws -> (standing: Standing, more: More) {
        let (grounds, more) = try tx.ask(StandingGrounds.query(user, in: id).and(more))
        return (try standing(of: user, by: grounds, tx), more)
    }

    static func standing(of user: UserID, by grounds: StandingGrounds, _ tx: Transaction) throws -> Standing {
        guard let server = grounds.server else { throw APIError.serverNotFound }
        guard grounds.isMember else { throw APIError.accessDenied }
        return Standing(server: server, holder: try holder(user, in: server, by: grounds.holding, tx))
    }

    package static func holder(_ user: UserID, in server: Server, _ tx: Transaction) throws -> PermissionHolder {
        try holder(user, in: server, by: tx.ask(HoldingGrounds.query(user, in: server.id)), tx)
    }

    private static func holder(
        _ user: UserID, in server: Server, by grounds: HoldingGrounds, _ tx: Transaction
    ) throws -> PermissionHolder {
        let pending = try grounds.demands.map {
            try Newcomers.pending(among: [user], in: server.id, demanding: $0, tx)
        }
        return try holder(user, in: server, grounds.roles, timeout: grounds.timeout, pending: pending ?? [], tx)
    }

    /// - Parameters:
    ///   - roles: @everyone and those that they have.
    ///   - pending: they themselves, where they have something to do first.
    static func holder(
        _ user: UserID, in server: Server, _ roles: [Role], timeout: Timestamp?, pending: Set<UserID>, _ tx: Transaction
    ) throws -> PermissionHolder {
        guard let everyone = roles.first(where: \.isDefault) else { throw APIError.internalServerError }
        return PermissionHolder(
            user: user, isOwner: server.owner == user, everyone: everyone.rules,
            roles: roles.filter { !$0.isDefault }.map(\.rules), isTimedOut: timeout.map { $0 > tx.now } ?? false,
            isPending: pending.contains(user))
    }

    /// The members who have a permission in the whole server, as an audience: the server itself when everyone has it.
    static func audience(
        of id: ServerID, having permission: Permission, _ tx: Transaction
    ) throws -> [Audience] {
        guard let server = try ServerStore.server(id, tx) else { return [] }
        let sufficient: PermissionSet = PermissionSet([permission, .administrator])
        let roles = try RoleStore.roles(of: id, tx).filter { !$0.permissions.isDisjoint(with: sufficient) }
        if roles.contains(where: \.isDefault) { return [.server(id)] }
        let holders = try MemberStore.holders(of: roles.map(\.id), in: id, within: .all, tx).map(\.user)
        return Set(holders + [server.owner]).sorted().map(Audience.user)
    }

    // MARK: Reading

    func list(for caller: Caller) async throws -> [Server] {
        try await parts.database.read { tx in try ServerStore.servers(of: caller.user, tx) }
    }

    func read(_ id: ServerID, for caller: Caller) async throws -> Server {
        try await parts.database.read { tx in try Self.standing(of: caller.user, in: id, tx).server }
    }

    /// What a member sees of a server.
    static func overview(of server: Server, for user: UserID, _ tx: Transaction) throws -> ServerOverview {
        let holder = try holder(user, in: server, tx)
        guard let member = try MemberStore.member(user, of: server.id, tx) else { throw APIError.accessDenied }
        let membership = Membership(
            standing: Standing(server: server, holder: holder), member: member,
            places: try Channels.visible(in: server.id, to: holder, tx), roles: try RoleStore.roles(of: server.id, tx))
        guard let overview = try overviews(of: [membership], KeptParts(), tx).first else { throw APIError.accessDenied }
        return overview
    }

    /// Everything in a server that a user can see, as audiences.
    static func audiences(in server: Server, of user: UserID, _ tx: Transaction) throws -> [Audience] {
        let places = try Channels.visible(in: server.id, to: try holder(user, in: server, tx), tx)
        return try [.server(server.id)] + places.flatMap(\.visibleAudiences)
            + ThreadMemberStore.audiences(of: user, in: [places], tx)
    }

    /// The same for all servers of a user.
    package static func audiences(
        of user: UserID, in memberships: [Membership], _ tx: Transaction
    ) throws -> Set<Audience> {
        var audiences = Set(try ThreadMemberStore.audiences(of: user, in: memberships.map(\.places), tx))
        for membership in memberships {
            audiences.insert(.server(membership.server.id))
            for place in membership.places { audiences.formUnion(place.visibleAudiences) }
        }
        return audiences
    }

    // MARK: Making and changing

    /// Makes a server owned by the caller: with @everyone and a few channels, or after a template.
    /// - Throws: `.resourceNotFound` for a template that is not there; `.invalidInput` when the caller is in as many servers as is allowed.
    func create(_ draft: Draft, by caller: Caller) async throws -> Server {
        try await parts.database.write { tx in
            let ready: ServerTemplate
            switch draft.pattern {
            case .ready(let template): ready = template
            case .template(let code):
                try parts.configuration.require(.templates)
                return try found(
                    draft.name, draft.description, after: try Templates.required(code, tx), by: caller, tx)
            }
            let id: ServerID = parts.ids.next()
            let channels = firstChannels(of: id, ready, tx.now)
            let server = Server(
                id: id, name: draft.name, description: draft.description, owner: caller.user, memberCount: 1,
                defaultChannel: channels.first { $0.type == .text }?.id, createdAt: tx.now)
            return try found(server, roles: [everyone(of: id)], channels: channels, tx)
        }
    }

    /// Makes a server with everything that is in it, of which its owner is told as of one thing.
    /// - Throws: `.invalidInput` when the owner is in as many servers as is allowed.
    func found(_ server: Server, roles: [Role], channels: [Channel], _ tx: Transaction) throws -> Server {
        try requireRoom(for: server.owner, tx)
        try ServerStore.insert(server, tx)
        for role in roles { try RoleStore.insert(role, tx) }
        for channel in channels {
            try ChannelStore.insert(channel, tx)
            try ChannelStore.add(channel.overwrites ?? [], to: channel.id, tx)
        }
        try MemberStore.insert(server.owner, in: server.id, tx)
        try ServerEvents.gained(server, by: server.owner, tx)
        return server
    }

    private func everyone(of server: ServerID) -> Role {
        Role(
            id: parts.ids.next(), server: server, name: "@everyone", color: nil, position: 0,
            permissions: .everyoneDefaults, hoist: false, mentionable: false, isDefault: true)
    }

    private func firstChannels(
        of server: ServerID, _ template: ServerTemplate, _ now: Timestamp
    ) -> [Channel] {
        let category: ChannelID = parts.ids.next()
        func channel(_ id: ChannelID, _ name: String, _ type: ChannelType, _ position: Int, in parent: ChannelID?)
            -> Channel
        {
            Channel(
                id: id, server: server, name: name, type: type, topic: nil, position: position, category: parent,
                nsfw: false, slowmode_s: 0, createdAt: now, lastMessage: nil)
        }
        return [channel(category, "Channels", .category, 0, in: nil)]
            + template.channels.enumerated().map { index, item in
                channel(parts.ids.next(), item.name, item.type, index + 1, in: category)
            }
    }

    /// - Throws: `.invalidInput` when one more server would be too many.
    func requireRoom(for user: UserID, _ tx: Transaction) throws {
        let tier = try UserStore.required(user, tx).tier
        guard let maximum = parts.configuration.serverCount(of: tier) else { return }
        guard try MemberStore.serverCount(of: user, tx) < maximum else {
            throw APIError.invalidInput("server", "you are in \(maximum) servers already, which is the limit")
        }
    }

    func change(_ id: ServerID, _ change: Change, by caller: Caller) async throws -> Server {
        try await parts.database.write { tx in
            let standing = try Self.standing(of: caller.user, in: id, tx)
            try standing.permissions.require(.serverManage)
            let old = standing.server
            var new = old
            new.name = change.name ?? old.name
            new.description = change.description.applied(to: old.description)
            new.defaultChannel = change.defaultChannel.applied(to: old.defaultChannel)
            if let channel = new.defaultChannel, channel != old.defaultChannel {
                _ = try Self.own(channel, of: id, for: caller, tx)
            }
            new.afkChannel = change.afkChannel.applied(to: old.afkChannel)
            new.afkTimeout_s = change.afkTimeout_s ?? old.afkTimeout_s
            if let channel = new.afkChannel, channel != old.afkChannel {
                guard try Self.own(channel, of: id, for: caller, tx).type == .voice else {
                    throw APIError.invalidInput("afk_channel_id", "is no voice channel")
                }
            }
            let changes = AuditChanges.between(old, new)
            guard !changes.isEmpty else { return old }
            try ServerStore.update(new, tx)
            if new.name != old.name { try Discovery.faceChanges(new, parts.configuration, tx) }
            ServerEvents.changed(new, tx)
            try auditLog.record(.serverUpdate, .server(id), in: id, by: caller, changes: changes, tx)
            return new
        }
    }

    /// A channel of a server that the caller sees.
    private static func own(
        _ channel: ChannelID, of server: ServerID, for caller: Caller, _ tx: Transaction
    ) throws -> Channel {
        guard try ChannelStore.channel(channel, tx)?.server == server else { throw APIError.channelNotFound }
        return try Channels.place(channel, for: caller.user, tx).channel
    }

    /// Only the owner deletes a server.
    func delete(_ id: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let standing = try Self.standing(of: caller.user, in: id, tx)
            guard standing.holder.isOwner else { throw APIError.permissionDenied(.administrator) }
            try ServerEvents.deleted(standing.server, tx)
            try ServerStore.markDeleted(id, parts.features, tx)
        }
    }

    /// Makes another member the owner.
    /// - Throws: `.permissionDenied`, `.invalidCredentials`, `.memberNotFound`.
    func transfer(
        _ id: ServerID, to user: UserID, password: Password?, by caller: Caller, from client: ClientInformation
    ) async throws -> Server {
        let standing = try await parts.database.read { tx in try Self.standing(of: caller.user, in: id, tx) }
        guard standing.holder.isOwner else { throw APIError.permissionDenied(.administrator) }
        try await accounts.confirm(password, of: caller, from: client)
        return try await parts.database.write { tx in
            let standing = try Self.standing(of: caller.user, in: id, tx)
            guard standing.holder.isOwner else { throw APIError.permissionDenied(.administrator) }
            guard try MemberStore.isMember(user, of: id, tx) else { throw APIError.memberNotFound }
            guard try !UserStore.required(user, tx).isBot else {
                throw APIError.invalidInput("user_id", "is a bot's, and bots own nothing")
            }
            var new = standing.server
            new.owner = user
            // The new owner sees everything, the old one what their roles let them.
            try sight.change(in: id, of: .users([caller.user, user]), tx) { try ServerStore.update(new, tx) }
            ServerEvents.changed(new, tx)
            try auditLog.record(
                .serverTransfer, .server(id), in: id, by: caller,
                changes: AuditChanges.between(standing.server, new), tx)
            return new
        }
    }

    // MARK: Members

    /// Lets a user in. The caller has checked that they may.
    /// - Throws: `.alreadyMember`.
    func join(_ server: Server, by user: UserID, _ tx: Transaction) throws {
        guard try !MemberStore.isMember(user, of: server.id, tx) else { throw APIError.alreadyMember }
        try Bans.requireNone(of: user, from: server.id, tx)
        try requireRoom(for: user, tx)
        try MemberStore.insert(user, in: server.id, tx)
        try Newcomers.arrive(user, in: server, tx)
        try ServerStore.changeMemberCount(of: server.id, by: 1, tx)
        guard let member = try MemberStore.member(user, of: server.id, tx),
            let joined = try ServerStore.server(server.id, tx)
        else { throw APIError.internalServerError }
        tx.emit(.guildMemberAdd, MemberEvent(server: server.id, member: member), to: .server(server.id))
        try ServerEvents.gained(joined, by: user, tx)
    }

    func leave(_ id: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let standing = try Self.standing(of: caller.user, in: id, tx)
            guard !standing.holder.isOwner else { throw APIError.ownerCannotLeave }
            try Self.remove(caller.user, from: standing.server, parts.features, tx)
        }
    }

    /// Takes a member out, who sees nothing of the server from here on and is in none of its threads. What they were put
    /// under stays.
    static func remove(_ user: UserID, from server: Server, _ features: FeatureList, _ tx: Transaction) throws {
        try ServerEvents.lost(server, by: user, tx)
        try features.memberLeaves(user, server.id, tx)
        try MemberStore.delete(user, from: server.id, tx)
        try ServerStore.changeMemberCount(of: server.id, by: -1, tx)
    }
}
