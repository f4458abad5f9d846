import Community
import Database
import Events
import Features
import Kernel

/// Who is in a thread: of a private one that decides who sees it.
extension Threads {
    func members(
        of id: ChannelID, after user: UserID?, limit: Int, for caller: Caller
    ) async throws -> [ThreadMember] {
        try await parts.database.read { tx in
            _ = try Self.required(id, for: caller.user, tx)
            return try ThreadMemberStore.members(of: id, after: user, limit: limit, tx)
        }
    }

    /// - Throws: `.permissionDenied` for a private one that the caller merely sees, and in a locked one.
    func join(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            guard try !ThreadMemberStore.isMember(caller.user, of: id, tx) else { return }
            try place.permissions.requireVoice()
            try Self.requireOpen(place)
            if place.channel.thread?.isPrivate == true { try place.require(.threadsManage) }
            try add(caller.user, place, by: caller, tx)
        }
    }

    /// That one is not in it is no error.
    func leave(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            try remove(caller.user, try Self.required(id, for: caller.user, tx), by: caller, tx)
        }
    }

    /// - Throws: `.permissionDenied` for who may not bring others; `.invalidInput` for somebody who can't see the channel, and
    ///   for one too many; `.cannotMessageUser` where one has blocked the other.
    func add(_ user: UserID, to id: ChannelID, by caller: Caller) async throws {
        guard user != caller.user else { return try await join(id, by: caller) }
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            try requireBringing(place, caller, tx)
            guard try Self.seesParent(user, of: place, tx) else {
                throw APIError.invalidInput("user_id", "is nobody who sees the channel")
            }
            try add(user, place, by: caller, tx)
        }
    }

    /// Who is not in it is passed over.
    /// - Throws: `.permissionDenied`.
    func remove(_ user: UserID, from id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            try requireRemoving(user, place, caller)
            try remove(user, place, by: caller, tx)
        }
    }

    // MARK: Rules

    /// Any member brings others into an open or invitable thread, its owner and who manages threads into any.
    static func mayBring(_ place: Place, _ user: UserID, _ tx: Transaction) throws -> Bool {
        guard let thread = place.channel.thread else { return false }
        if place.channel.owner == user || place.permissions.contains(.threadsManage) { return true }
        return try (!thread.isPrivate || thread.isInvitable)
            && ThreadMemberStore.isMember(user, of: place.channel.id, tx)
    }

    func requireBringing(_ place: Place, _ caller: Caller, _ tx: Transaction) throws {
        try place.permissions.requireVoice()
        try Self.requireOpen(place)
        try place.require(.messagesSend)
        if try !Self.mayBring(place, caller.user, tx) { try place.require(.threadsManage) }
    }

    private func requireRemoving(_ user: UserID, _ place: Place, _ caller: Caller) throws(APIError) {
        guard user != caller.user else { return }
        try place.permissions.requireVoice()
        try Self.requireOpen(place)
        guard place.channel.owner != caller.user else { return }
        try Self.requireModeration(place)
    }

    /// Whether somebody sees the channel that a thread is in.
    static func seesParent(_ user: UserID, of place: Place, _ tx: Transaction) throws -> Bool {
        guard let id = place.channel.server, let parent = place.channel.thread?.parent,
            let server = try ServerStore.server(id, tx), try MemberStore.isMember(user, of: id, tx)
        else { return false }
        return try Channels.permissions(of: user, in: parent, of: server, tx).contains(.channelsView)
    }

    // MARK: Joining and leaving

    func add(_ user: UserID, _ place: Place, by caller: Caller, _ tx: Transaction) throws {
        if user != caller.user { try Relationships.requireUnblocked(caller.user, user, tx) }
        if try !ThreadMemberStore.isMember(user, of: place.channel.id, tx) {
            try Self.memberCap.requireRoom(try ThreadStore.memberCount(of: place.channel.id, tx))
        }
        let read = place.channel.lastMessage ?? MessageID(earliestAt: place.channel.createdAt)
        if try Self.join(user, place, read: read, tx) { try record(.threadMemberAdd, user, place, by: caller, tx) }
    }

    func remove(_ user: UserID, _ place: Place, by caller: Caller, _ tx: Transaction) throws {
        guard try ThreadStore.remove(user, from: place.channel.id, tx) else { return }
        try record(.threadMemberRemove, user, place, by: caller, tx)
        try Self.tellLeft(user, place.channel, tx)
    }

    /// What somebody does about their own place in a thread is nobody else's business.
    private func record(
        _ action: AuditAction, _ user: UserID, _ place: Place, by caller: Caller, _ tx: Transaction
    ) throws {
        guard user != caller.user, let server = place.channel.server else { return }
        let isMember = action == .threadMemberAdd
        try auditLog.record(
            action, .thread(place.channel.id, in: place.channel.id), in: server, by: caller,
            changes: [
                "user_id": .string(user.description),
                "member": AuditChanges.change(from: .bool(!isMember), to: .bool(isMember)),
            ], tx)
    }

    /// - Parameter read: up to where it is no news to them.
    /// - Returns: false when they were in it already, or when it is full.
    @discardableResult
    static func join(_ user: UserID, _ place: Place, read: MessageID, _ tx: Transaction) throws -> Bool {
        guard try !ThreadMemberStore.isMember(user, of: place.channel.id, tx),
            try ThreadStore.memberCount(of: place.channel.id, tx) < memberCap.maximum,
            let id = place.channel.server, let server = try ServerStore.server(id, tx)
        else { return false }
        let before = try Channels.permissions(of: user, in: place.channel.id, of: server, tx)
        guard try ThreadStore.add(user, to: place.channel, tx) else { return false }
        let thread = try ChannelStore.channel(place.channel.id, tx) ?? place.channel
        if thread.thread?.isPrivate == true { try tellGained(thread, user, in: server, from: before, tx) }
        tellJoined(user, thread, tx)
        tx.emit(
            .threadMembersUpdate,
            ThreadMembersEvent(
                thread: thread.id, server: thread.server, memberCount: thread.thread?.memberCount ?? 0,
                added: try ThreadMemberStore.members(
                    of: thread.id, after: UserID(rawValue: user.rawValue - 1), limit: 1, tx),
                removed: []),
            about: .thread(thread.id), to: try Place.unattended(thread, tx).audience)
        try ReadStates.begin(user, in: try Channels.place(thread.id, for: user, tx), at: read, tx)
        return true
    }

    private static func tellJoined(_ user: UserID, _ thread: Channel, _ tx: Transaction) {
        guard let state = thread.thread else { return }
        let event = ThreadMemberEvent(
            thread: thread.id, server: thread.server, user: user, isMember: true, memberCount: state.memberCount)
        tx.emit(
            .threadMemberUpdate, event,
            about: .thread(thread.id, seenIn: .channel(state.isPrivate ? thread.id : state.parent)), to: .user(user))
    }

    /// They hear of a private thread from here on, and are told what it is unless they saw it all along.
    private static func tellGained(
        _ thread: Channel, _ user: UserID, in server: Server, from before: EffectivePermissions, _ tx: Transaction
    ) throws {
        let now = try Channels.permissions(of: user, in: thread.id, of: server, tx)
        tx.changeSight(SightChange(gained: Channels.threadAudiences(of: thread.id, now)), of: [.user(user)])
        guard !before.contains(.channelsView) else { return }
        tx.emit(.threadCreate, thread, about: .thread(thread.id, seenIn: .channel(thread.id)), to: .user(user))
    }

    /// To be called after they have left.
    private static func tellLeft(_ user: UserID, _ old: Channel, _ tx: Transaction) throws {
        guard let thread = try ChannelStore.channel(old.id, tx), let state = thread.thread else { return }
        let event = ThreadMemberEvent(
            thread: thread.id, server: thread.server, user: user, isMember: false, memberCount: state.memberCount)
        let place = state.isPrivate ? Audience.privateThreads(of: state.parent) : .channel(state.parent)
        tx.emit(.threadMemberUpdate, event, about: .thread(thread.id, seenIn: place), to: .user(user))
        if state.isPrivate { try tellLost(user, thread, tx) }
        tellMembersLeft([user], thread, tx)
    }

    private static func tellMembersLeft(_ users: [UserID], _ thread: Channel, _ tx: Transaction) {
        guard let state = thread.thread else { return }
        let audience: [Audience] =
            state.isPrivate ? [.channel(thread.id), .privateThreads(of: state.parent)] : [.channel(state.parent)]
        tx.emit(
            .threadMembersUpdate,
            ThreadMembersEvent(
                thread: thread.id, server: thread.server, memberCount: state.memberCount, added: [], removed: users),
            about: .thread(thread.id), to: audience)
    }

    /// They hear no more of a private thread that they have left, and are led there by nothing unless they see it by right. Who
    /// did not see the channel has heard nothing of it already: to lose it once more would say that they had until now.
    private static func tellLost(_ user: UserID, _ thread: Channel, _ tx: Transaction) throws {
        guard let id = thread.server, let server = try ServerStore.server(id, tx), let parent = thread.thread?.parent
        else { return }
        let inChannel = try Channels.permissions(of: user, in: parent, of: server, tx)
        let lost = Channels.threadAudiences(of: thread.id, inChannel)
        if !lost.isEmpty { tx.changeSight(SightChange(lost: lost), of: [.user(user)]) }
        if inChannel.keeps(.threadsManage) { return }
        if !lost.isEmpty {
            tx.emit(.threadDelete, ChannelDeletedEvent(id: thread.id, server: thread.server), to: .user(user))
        }
        try Notifications.withdraw(of: user, in: thread.id, tx)
    }

    /// Somebody leaves a server, and its threads with it: they see nothing of it any more.
    static func part(_ user: UserID, from server: ServerID, _ tx: Transaction) throws {
        for thread in try ThreadMemberStore.threads(of: user, in: server, tx) {
            guard try ThreadStore.remove(user, from: thread.id, tx) else { continue }
            guard thread.thread?.isArchived == false, let left = try ChannelStore.channel(thread.id, tx) else {
                continue
            }
            tellMembersLeft([user], left, tx)
        }
    }

    // MARK: By what is said

    /// Who writes in a thread is in it, and so is whom they name there, but for those who have nothing to do with them.
    static func join(by message: Message, _ place: Place, _ tx: Transaction) throws {
        guard message.details.webhook == nil else { return }
        try join(message.author, place, read: message.id, tx)
        try bringIn(message.details.mentions, with: message, place, tx)
    }

    static func bringIn(_ mentions: Mentions, with message: Message, _ place: Place, _ tx: Transaction) throws {
        guard message.details.webhook == nil, !mentions.users.isEmpty,
            try mayBring(place, message.author, tx)
        else { return }
        let before = MessageID(rawValue: message.id.rawValue - 1)
        for user in mentions.users
        where try !RelationshipStore.isBlocked(between: user, and: message.author, tx)
            && seesParent(user, of: place, tx)
        {
            try join(user, place, read: before, tx)
        }
    }

    /// Those of some people who can read what is said in a private thread, or will because they are named there: the others are
    /// not spoken to.
    static func reachable(_ users: [UserID], from place: Place, _ tx: Transaction) throws -> [UserID] {
        guard let parent = place.channel.thread?.parent, let id = place.channel.server,
            let server = try ServerStore.server(id, tx)
        else { return [] }
        let author = place.permissions.user
        let isIn = try ThreadMemberStore.isMember(author, of: place.channel.id, tx)
        // Who writes joins, and brings others as a member then.
        let brings = try mayBring(place, author, tx) || !isIn && place.channel.thread?.isInvitable == true
        var room = memberCap.maximum - (try ThreadStore.memberCount(of: place.channel.id, tx)) - (isIn ? 0 : 1)
        return try users.filter { user in
            if try Channels.permissions(of: user, in: place.channel.id, of: server, tx).contains(.messagesRead) {
                return true
            }
            guard brings, room > 0,
                try Channels.permissions(of: user, in: parent, of: server, tx).contains(.messagesRead),
                try !RelationshipStore.isBlocked(between: user, and: author, tx)
            else { return false }
            room -= 1
            return true
        }
    }
}
