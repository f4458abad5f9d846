import Community
import Database
import Events
import Features
import Kernel

/// Conversations beside a channel. A thread is a channel that is seen and written in by whoever sees and writes in its
/// parent, so nobody's sight changes with it.
package struct Threads: Sendable {
    static let maximumActive = 1000
    /// As far as the messages of a deleted thread are counted for the audit log.
    private static let maximumCounted = 10_000
    /// Archived ones are read, searched and counted, too.
    static let cap = Cap(
        "threads, archived ones with them", per: .channel, 10_000, .refused(field: "channel_id"))
    static let memberCap = Cap(
        "members", per: .thread, 1000, .refused(field: "add_members"), "who writes beyond it does not join")
    static let autoArchiveChoices_min = [60, 1440, 4320, 10_080]

    let parts: Parts
    let auditLog: AuditLog

    struct Draft: Sendable {
        let name: String
        let message: MessageID?
        let autoArchive_min: Int
    }

    struct Change: Sendable {
        let name: String?
        let isArchived: Bool?
        let isLocked: Bool?
        let autoArchive_min: Int?
        let slowmode_s: Int?
        let joining: [UserID]
        let leaving: [UserID]
    }

    struct Page: Sendable {
        let archived: Bool
        let before: ChannelID?
        let limit: Int
    }

    // MARK: Opening

    /// Opens a thread, on a message or on its own.
    /// - Throws: `.permissionDenied` without `messages.create_threads` and `messages.send`, since a name is something said;
    ///   `.rateLimited` in slow mode, `.messageNotFound`, `.alreadyExists` for a message
    ///   that has one.
    func create(_ draft: Draft, in parent: ChannelID, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let place = try Channels.place(parent, for: caller.user, tx)
            guard let server = place.channel.server, place.channel.type.takesThreads else {
                throw APIError.invalidInput("channel_id", "takes no threads")
            }
            try place.require(.messagesCreateThreads)
            try place.require(.messagesSend)
            guard try ThreadStore.activeCount(of: parent, tx) < Self.maximumActive else {
                throw APIError.invalidInput("channel_id", "has \(Self.maximumActive) threads, which is the limit")
            }
            try Self.cap.requireRoom(try ThreadStore.count(of: parent, tx))
            if let message = draft.message {
                try place.require(.messagesRead)
                let message = try Messages.required(message, in: place, for: nil, tx)
                guard message.details.thread == nil else { throw APIError.alreadyExists }
            }
            try SlowMode.check(place, caller, tx)
            let thread = Channel(
                id: parts.ids.next(), server: server, name: draft.name, type: .thread, topic: nil, position: 0,
                category: nil, nsfw: place.channel.nsfw, slowmode_s: 0, createdAt: tx.now, lastMessage: nil,
                owner: caller.user,
                thread: ThreadState(
                    parent: parent, message: draft.message, isArchived: false, isLocked: false,
                    autoArchive_min: draft.autoArchive_min, memberCount: 1))
            try ThreadStore.insert(thread, tx)
            _ = try ThreadStore.add(caller.user, to: thread.id, tx)
            tx.emit(.threadCreate, thread, about: .thread(thread.id), to: .channel(parent))
            if let message = draft.message {
                try MessageStore.setThread(thread.id, of: message, tx)
                try Messages.tellChanged(message, in: place, tx)
            }
            return thread
        }
    }

    // MARK: Reading

    func list(_ parent: ChannelID, _ page: Page, for caller: Caller) async throws -> [Channel] {
        try await parts.database.read { tx in
            _ = try Channels.place(parent, for: caller.user, tx)
            return try ThreadStore.threads(
                of: parent, archived: page.archived, before: page.before, limit: page.limit, tx
            ).compactMap { try ChannelStore.channel($0, tx) }
        }
    }

    private static func required(_ id: ChannelID, for user: UserID, _ tx: Transaction) throws -> Place {
        let place = try Channels.place(id, for: user, tx)
        guard place.channel.thread != nil else { throw APIError.channelNotFound }
        return place
    }

    func read(_ id: ChannelID, for caller: Caller) async throws -> Channel {
        try await parts.database.read { tx in try Self.required(id, for: caller.user, tx).channel }
    }

    func members(of id: ChannelID, for caller: Caller) async throws -> [UserID] {
        try await parts.database.read { tx in
            _ = try Self.required(id, for: caller.user, tx)
            return try ThreadStore.members(of: id, tx)
        }
    }

    /// - Throws: `.permissionDenied` in a locked thread for those who do not moderate it.
    static func requireOpen(_ place: Place) throws(APIError) {
        if place.channel.thread?.isLocked == true { try place.require(.messagesManage) }
    }

    // MARK: Changing

    /// Changes a thread. Its owner and moderators name and archive it, moderators lock it, everyone joins and leaves.
    func change(_ id: ChannelID, _ change: Change, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            let old = place.channel
            guard var state = old.thread, let server = old.server else { throw APIError.channelNotFound }
            if change.isLocked != nil || change.slowmode_s != nil { try place.require(.messagesManage) }
            try Self.requireOpen(place)
            let touches = change.name != nil || change.isArchived != nil || change.autoArchive_min != nil
            if touches, old.owner != caller.user { try place.require(.messagesManage) }
            if touches { try place.require(.messagesSend) }
            if !change.joining.isEmpty || change.leaving.contains(where: { $0 != caller.user }) {
                try place.permissions.requireVoice()
            }
            state.isArchived = change.isArchived ?? state.isArchived
            state.isLocked = change.isLocked ?? state.isLocked
            state.autoArchive_min = change.autoArchive_min ?? state.autoArchive_min
            var new = old
            new.name = change.name ?? old.name
            new.slowmode_s = change.slowmode_s ?? old.slowmode_s
            new.thread = state
            let changes = AuditChanges.between(old, new)
            if !changes.isEmpty {
                try ThreadStore.update(new, tx)
                tx.emit(.threadUpdate, new, about: .thread(id), to: place.audience)
                try auditLog.record(
                    .threadUpdate, .thread(id, in: state.parent), in: server, by: caller, changes: changes, tx)
            }
            try changeMembers(change, place, by: caller, tx)
            return try Self.required(id, for: caller.user, tx).channel
        }
    }

    private func changeMembers(_ change: Change, _ place: Place, by caller: Caller, _ tx: Transaction) throws {
        guard let id = place.channel.server, let server = try ServerStore.server(id, tx) else { return }
        for user in change.joining {
            if user != caller.user {
                try place.require(.messagesSend)
                guard try MemberStore.isMember(user, of: id, tx),
                    try Channels.permissions(of: user, in: place.channel.id, of: server, tx).contains(.channelsView)
                else { throw APIError.memberNotFound }
                try Relationships.requireUnblocked(caller.user, user, tx)
            }
            if try !ThreadStore.isMember(user, of: place.channel.id, tx) {
                try Self.memberCap.requireRoom(try ThreadStore.memberCount(of: place.channel.id, tx))
            }
            let read = place.channel.lastMessage ?? MessageID(earliestAt: place.channel.createdAt)
            if try Self.join(user, place, read: read, tx) { try record(.threadMemberAdd, user, place, by: caller, tx) }
        }
        for user in change.leaving {
            if user != caller.user, place.channel.owner != caller.user { try place.require(.messagesManage) }
            guard try ThreadStore.remove(user, from: place.channel.id, tx) else { continue }
            try Self.tellMember(user, place, isMember: false, tx)
            try record(.threadMemberRemove, user, place, by: caller, tx)
        }
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
        guard try ThreadStore.memberCount(of: place.channel.id, tx) < memberCap.maximum,
            try ThreadStore.add(user, to: place.channel.id, tx)
        else { return false }
        try tellMember(user, place, isMember: true, tx)
        try ReadStates.begin(user, in: place, at: read, tx)
        return true
    }

    /// Who writes in a thread is in it, and so is whom they name there, but for those who have nothing to do with them.
    static func join(by message: Message, _ place: Place, _ tx: Transaction) throws {
        guard message.details.webhook == nil else { return }
        try join(message.author, place, read: message.id, tx)
        try bringIn(message.details.mentions, with: message, place, tx)
    }

    static func bringIn(_ mentions: Mentions, with message: Message, _ place: Place, _ tx: Transaction) throws {
        guard message.details.webhook == nil else { return }
        let before = MessageID(rawValue: message.id.rawValue - 1)
        for user in mentions.users where try !RelationshipStore.isBlocked(between: user, and: message.author, tx) {
            try join(user, place, read: before, tx)
        }
    }

    private static func tellMember(_ user: UserID, _ place: Place, isMember: Bool, _ tx: Transaction) throws {
        let count = try ChannelStore.channel(place.channel.id, tx)?.thread?.memberCount ?? 0
        tx.emit(
            .threadMemberUpdate,
            ThreadMemberEvent(
                thread: place.channel.id, server: place.channel.server, user: user, isMember: isMember,
                memberCount: count),
            about: .thread(place.channel.id), to: place.audience)
    }

    /// Its owner deletes a thread in which nobody else has written, one who has `messages.manage` any.
    func delete(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            guard let server = place.channel.server, let state = place.channel.thread else { return }
            try place.permissions.requireVoice()
            if try place.channel.owner != caller.user || MessageStore.hasOthers(than: caller.user, in: id, tx) {
                try place.require(.messagesManage)
            }
            try Self.requireOpen(place)
            let count = try MessageStore.count(in: id, limit: Self.maximumCounted, tx)
            tx.emit(.threadDelete, ChannelDeletedEvent(id: id, server: server), to: place.audience)
            try ChannelStore.markDeleted(id, parts.features, tx)
            if let message = state.message, try MessageStore.exists(message, in: state.parent, tx) {
                // Whoever sees the thread sees the channel that it is in.
                let parent = try Channels.place(state.parent, for: caller.user, tx)
                try MessageStore.setThread(nil, of: message, tx)
                try Messages.tellChanged(message, in: parent, tx)
            }
            try auditLog.record(
                .threadDelete, .thread(id, in: state.parent), in: server, by: caller,
                changes: AuditChanges.between(place.channel, nil)
                    .merging(["message_count": .integer(Int64(count))]) { $1 }, tx)
        }
    }

    /// Archives threads in which nothing was said for long.
    /// - Returns: whether there may be more.
    package func archiveIdle() async throws -> Bool {
        let idle = try await parts.database.read { tx in try ThreadStore.idle(limit: 100, tx) }
        try await SetAside(parts: parts).each(of: .thread, idle, named: \.description) { id in
            try await parts.database.write { tx in
                // Somebody may have spoken meanwhile.
                guard try ThreadStore.isIdle(id, tx) else { return }
                guard var thread = try ChannelStore.channel(id, tx), thread.thread != nil else {
                    // Its channel is being removed.
                    return try ThreadStore.touch(id, tx)
                }
                thread.thread?.isArchived = true
                try ThreadStore.update(thread, tx)
                tx.emit(
                    .threadUpdate, thread, about: .thread(id), to: try Place.unattended(thread, tx).audience)
            }
        }
        return idle.count == 100
    }
}

/// THREAD_MEMBER_UPDATE: somebody joined a thread or left it.
struct ThreadMemberEvent: JSONObjectEncodable {
    let thread: ChannelID
    let server: ServerID?
    let user: UserID
    let isMember: Bool
    let memberCount: Int

    static let shape = JSONShape<ThreadMemberEvent>(
        "ThreadMemberEvent",
        .field("thread_id", \.thread), .field("server_id", \.server), .field("user_id", \.user),
        .field("member", \.isMember), .field("member_count", \.memberCount))
}
