import Community
import Database
import Events
import Features
import Kernel

/// Conversations beside a channel. A public thread is a channel that is seen and written in by whoever sees and writes in its
/// parent, so nobody's sight changes with it. A private one is there for its members alone, as far as they see the channel,
/// and for who manages threads.
package struct Threads: Sendable {
    /// As far as the messages of a deleted thread are counted for the audit log.
    private static let maximumCounted = 10_000
    static let activeCap = Cap("open threads", per: .server, 1000, .refused(field: "channel_id"))
    /// Archived ones are read, searched and counted, too.
    static let cap = Cap(
        "threads, archived ones with them", per: .channel, 10_000, .refused(field: "channel_id"))
    static let memberCap = Cap(
        "members", per: .thread, 1000, .refused(field: "add_members"), "who writes beyond it does not join")
    private static let defaultAutoArchive_min = 1440

    let parts: Parts
    let auditLog: AuditLog

    enum Visibility: String, CaseIterable, Sendable {
        case `public`
        case `private`
    }

    struct Draft: Sendable {
        let name: String
        let visibility: Visibility
        let isInvitable: Bool
        let message: MessageID?
        let autoArchive_min: Int?
    }

    struct Change: Sendable {
        let name: String?
        let isArchived: Bool?
        let isLocked: Bool?
        let isInvitable: Bool?
        let autoArchive_min: Int?
        let slowmode_s: Int?
        let joining: [UserID]
        let leaving: [UserID]
    }

    struct Page: Sendable {
        let archived: Bool
        let visibility: Visibility?
        let before: ChannelID?
        let limit: Int
    }

    // MARK: Opening

    /// Opens a thread, on a message or on its own.
    /// - Throws: `.permissionDenied` without `messages.create_threads`, or `messages.create_private_threads` for a private one,
    ///   and `messages.send`, since a name is something said; `.rateLimited` in slow mode, `.messageNotFound`,
    ///   `.alreadyExists` for a message that has one.
    func create(_ draft: Draft, in parent: ChannelID, by caller: Caller) async throws -> Channel {
        try await parts.database.write(.same(parent.rawValue)) { tx in
            let place = try Channels.place(parent, for: caller.user, tx)
            guard let server = place.channel.server else {
                throw APIError.invalidInput("channel_id", "takes no threads")
            }
            try Self.requireFitting(draft, place, tx)
            try Self.activeCap.requireRoom(try ThreadStore.activeCount(in: server, tx))
            try Self.cap.requireRoom(try ThreadStore.count(of: parent, tx))
            let pauses = try SlowMode.check(place, caller, tx)
            let thread = made(draft, in: place.channel, server, by: caller, tx)
            try ThreadStore.insert(thread, tx)
            _ = try ThreadStore.add(caller.user, to: thread, tx)
            try Self.tellMade(thread, by: caller.user, place, tx)
            if let message = draft.message {
                try MessageStore.setThread(thread.id, of: message, tx)
                try Messages.tellChanged(message, in: place, tx)
            }
            try SlowMode.begin(pauses, of: caller, tx)
            return try ThreadMemberStore.marked(thread, for: caller.user, tx)
        }
    }

    private static func requireFitting(_ draft: Draft, _ place: Place, _ tx: Transaction) throws {
        guard place.channel.type.takesThreads else {
            throw APIError.invalidInput("channel_id", "takes no threads")
        }
        switch draft.visibility {
        case .public: try place.require(.messagesCreateThreads)
        case .private:
            guard place.channel.type.takesPrivateThreads else {
                throw APIError.invalidInput("thread_type", "can't be private here")
            }
            guard draft.message == nil else {
                throw APIError.invalidInput("message_id", "stands where others see it, and the thread is private")
            }
            try place.require(.messagesCreatePrivateThreads)
        }
        try place.require(.messagesSend)
        if let message = draft.message {
            try place.require(.messagesRead)
            let message = try Messages.required(message, in: place, for: nil, tx)
            guard message.details.thread == nil else { throw APIError.alreadyExists }
        }
    }

    private func made(
        _ draft: Draft, in parent: Channel, _ server: ServerID, by caller: Caller, _ tx: Transaction
    ) -> Channel {
        Channel(
            id: parts.ids.next(), server: server, name: draft.name, type: .thread, topic: nil, position: 0,
            category: nil, nsfw: parent.nsfw, slowmode_s: 0, createdAt: tx.now, lastMessage: nil, owner: caller.user,
            thread: ThreadState(
                parent: parent.id, message: draft.message, isPrivate: draft.visibility == .private,
                isInvitable: draft.isInvitable, isArchived: false, isLocked: false,
                autoArchive_min: draft.autoArchive_min ?? parent.defaultAutoArchive_min ?? Self.defaultAutoArchive_min,
                memberCount: 1))
    }

    private static func tellMade(_ thread: Channel, by user: UserID, _ parent: Place, _ tx: Transaction) throws {
        if thread.thread?.isPrivate == true {
            tx.changeSight(
                SightChange(gained: Channels.threadAudiences(of: thread.id, parent.permissions)), of: [.user(user)])
        }
        tx.emit(
            .threadCreate, thread, about: .thread(thread.id), to: try Place.unattended(thread, tx).audience)
    }

    // MARK: Reading

    /// Those that the caller can see; how many others there are makes no difference.
    func list(_ parent: ChannelID, _ page: Page, for caller: Caller) async throws -> [Channel] {
        try await parts.database.read { tx in
            let place = try Channels.place(parent, for: caller.user, tx)
            let selection = ThreadMemberStore.Selection(
                parent: parent, isArchived: page.archived, before: page.before, limit: page.limit)
            var threads: [Channel] = []
            if page.visibility != .private { threads += try ThreadMemberStore.publicThreads(selection, tx) }
            if page.visibility != .public {
                threads +=
                    place.permissions.keeps(.threadsManage)
                    ? try ThreadMemberStore.privateThreads(selection, tx)
                    : try ThreadMemberStore.privateThreads(selection, joinedBy: caller.user, tx)
            }
            return try ThreadMemberStore.marked(
                Array(threads.sorted { $0.id > $1.id }.prefix(page.limit)), for: caller.user, tx)
        }
    }

    /// Those of a server that the caller can see, with their own memberships.
    func active(in server: ServerID, for caller: Caller) async throws -> ActiveThreads {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            let places = try Channels.visible(in: server, to: standing.holder, tx)
            let visible = Set(places.map(\.channel.id))
            let managed = Set(places.filter { $0.permissions.keeps(.threadsManage) }.map(\.channel.id))
            let threads = try ThreadMemberStore.active(in: server, tx).filter {
                $0.thread.map { visible.contains($0.parent) } ?? false
            }
            let joined = try ThreadMemberStore.joined(threads.map(\.id), by: caller.user, tx)
            let seen = threads.filter { thread in
                guard let state = thread.thread, state.isPrivate else { return true }
                return managed.contains(state.parent) || joined[thread.id] != nil
            }.prefix(Self.activeCap.maximum)
            return ActiveThreads(
                threads: seen.map { thread in
                    var thread = thread
                    thread.thread?.isJoined = joined[thread.id] != nil
                    return thread
                },
                members: seen.compactMap { thread in
                    joined[thread.id].map { OwnMembership(thread: thread.id, user: caller.user, joinedAt: $0) }
                })
        }
    }

    static func required(_ id: ChannelID, for user: UserID, _ tx: Transaction) throws -> Place {
        let place = try Channels.place(id, for: user, tx)
        guard place.channel.thread != nil else { throw APIError.channelNotFound }
        return place
    }

    func read(_ id: ChannelID, for caller: Caller) async throws -> Channel {
        try await parts.database.read { tx in
            try ThreadMemberStore.marked(try Self.required(id, for: caller.user, tx).channel, for: caller.user, tx)
        }
    }

    // MARK: Rules

    /// Who manages threads does all to any, who manages messages to public ones.
    static func requireModeration(_ place: Place) throws(APIError) {
        if place.permissions.contains(.threadsManage) { return }
        try place.require(place.channel.thread?.isPrivate == true ? .threadsManage : .messagesManage)
    }

    /// - Throws: `.permissionDenied` in a locked thread for those who do not moderate it.
    static func requireOpen(_ place: Place) throws(APIError) {
        if place.channel.thread?.isLocked == true { try requireModeration(place) }
    }

    // MARK: Changing

    /// Changes a thread. Its owner and moderators name and archive it, moderators lock it, everyone joins and leaves.
    func change(_ id: ChannelID, _ change: Change, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            try Self.require(change, place, caller)
            let old = place.channel
            var new = old
            new.name = change.name ?? old.name
            new.slowmode_s = change.slowmode_s ?? old.slowmode_s
            new.thread = old.thread.map { change.applied(to: $0, at: tx.now) }
            let changes = AuditChanges.between(old, new)
            if !changes.isEmpty, let server = old.server {
                if old.thread?.isArchived == true, new.thread?.isArchived == false {
                    try Self.activeCap.requireRoom(try ThreadStore.activeCount(in: server, tx))
                }
                try ThreadStore.update(new, tx)
                tx.emit(.threadUpdate, new, about: .thread(id), to: place.audience)
                try auditLog.record(.threadUpdate, .thread(id, in: id), in: server, by: caller, changes: changes, tx)
            }
            try changeMembers(change, place, by: caller, tx)
            let thread = try ChannelStore.channel(id, tx) ?? new
            return try ThreadMemberStore.marked(thread, for: caller.user, tx)
        }
    }

    private static func require(_ change: Change, _ place: Place, _ caller: Caller) throws(APIError) {
        if change.isLocked != nil || change.slowmode_s != nil { try requireModeration(place) }
        try requireOpen(place)
        if change.touches {
            if place.channel.owner != caller.user { try requireModeration(place) }
            try place.require(.messagesSend)
        }
        if !change.joining.isEmpty || change.leaving.contains(where: { $0 != caller.user }) {
            try place.permissions.requireVoice()
        }
    }

    private func changeMembers(_ change: Change, _ place: Place, by caller: Caller, _ tx: Transaction) throws {
        for user in change.joining {
            if user != caller.user {
                try requireBringing(place, caller, tx)
                guard try Self.seesParent(user, of: place, tx) else { throw APIError.memberNotFound }
            } else if place.channel.thread?.isPrivate == true,
                try !ThreadMemberStore.isMember(user, of: place.channel.id, tx)
            {
                try place.require(.threadsManage)
            }
            try add(user, place, by: caller, tx)
        }
        for user in change.leaving {
            if user != caller.user, place.channel.owner != caller.user { try Self.requireModeration(place) }
            try remove(user, place, by: caller, tx)
        }
    }

    /// Something is said in a thread: it is up again, unless it is locked, and its author is in it.
    static func said(_ message: Message, _ place: Place, _ tx: Transaction) throws {
        guard let state = place.channel.thread else { return }
        try ThreadStore.addMessage(to: message.channel, at: message.createdAt, tx)
        if state.isArchived, !state.isLocked { try reopen(place, tx) }
        try join(by: message, place, tx)
    }

    private static func reopen(_ place: Place, _ tx: Transaction) throws {
        guard let server = place.channel.server, var thread = try ChannelStore.channel(place.channel.id, tx) else {
            return
        }
        try activeCap.requireRoom(try ThreadStore.activeCount(in: server, tx))
        thread.thread?.isArchived = false
        thread.thread?.archivedAt = nil
        try ThreadStore.update(thread, tx)
        tx.emit(.threadUpdate, thread, about: .thread(thread.id), to: place.audience)
    }

    /// Its owner deletes a thread in which nobody else has written, one who moderates it any.
    func delete(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.required(id, for: caller.user, tx)
            guard let server = place.channel.server, let state = place.channel.thread else { return }
            try place.permissions.requireVoice()
            if try place.channel.owner != caller.user || MessageStore.hasOthers(than: caller.user, in: id, tx) {
                try Self.requireModeration(place)
            }
            try Self.requireOpen(place)
            let count = try MessageStore.count(in: id, limit: Self.maximumCounted, tx)
            try auditLog.record(
                .threadDelete, .thread(id, in: id), in: server, by: caller,
                changes: AuditChanges.between(place.channel, nil)
                    .merging(["message_count": .integer(Int64(count))]) { $1 }, tx)
            tx.emit(.threadDelete, ChannelDeletedEvent(id: id, server: server), to: place.audience)
            if state.isPrivate {
                for (lost, members) in try Channels.membersHearing(place, tx) where !lost.isEmpty {
                    tx.changeSight(SightChange(lost: lost), of: members.map(Audience.user))
                }
            }
            try ChannelStore.markDeleted(id, parts.features, tx)
            if let message = state.message, try MessageStore.exists(message, in: state.parent, tx) {
                // Whoever sees the thread sees the channel that it is in.
                let parent = try Channels.place(state.parent, for: caller.user, tx)
                try MessageStore.setThread(nil, of: message, tx)
                try Messages.tellChanged(message, in: parent, tx)
            }
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
                    return try ThreadStore.postpone(id, tx)
                }
                thread.thread?.isArchived = true
                thread.thread?.archivedAt = tx.now
                try ThreadStore.update(thread, tx)
                tx.emit(
                    .threadUpdate, thread, about: .thread(id), to: try Place.unattended(thread, tx).audience)
            }
        }
        return idle.count == 100
    }
}

extension Threads.Change {
    /// Whether it is the owner's or the moderators' to make.
    var touches: Bool { name != nil || isArchived != nil || isInvitable != nil || autoArchive_min != nil }

    func applied(to old: ThreadState, at moment: Timestamp) -> ThreadState {
        var new = old
        new.isArchived = isArchived ?? old.isArchived
        new.isLocked = isLocked ?? old.isLocked
        new.isInvitable = isInvitable ?? old.isInvitable
        new.autoArchive_min = autoArchive_min ?? old.autoArchive_min
        if new.isArchived != old.isArchived { new.archivedAt = new.isArchived ? moment : nil }
        return new
    }
}

/// The threads of a server that are not archived.
struct ActiveThreads: JSONObjectEncodable {
    let threads: [Channel]
    /// The reader's own.
    let members: [OwnMembership]

    static let shape = JSONShape<ActiveThreads>(
        "ActiveThreads", .field("threads", \.threads), .field("members", \.members))
}

struct OwnMembership: JSONObjectEncodable {
    let thread: ChannelID
    let user: UserID
    let joinedAt: Timestamp

    static let shape = JSONShape<OwnMembership>(
        "OwnThreadMembership",
        .field("thread_id", \.thread), .field("user_id", \.user), .field("joined_at", \.joinedAt))
}
