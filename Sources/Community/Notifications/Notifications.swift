import Database
import Events
import Features
import Kernel
import People

/// What a user may want to know of: mentions, replies, friend requests, invites, what moderators have done about them.
package struct Notifications: Sendable {
    /// The oldest of more than these are forgotten.
    static let maximumPerUser = 500
    /// Of these so many may be of one person's making, so that nobody pushes out what others have to say.
    static let maximumPerPair = 100
    /// So often in a day somebody is told of what the other one can do, undo and do again.
    private static let maximumPerPairAndDay = 10
    /// What is withdrawn at once when many lose sight of a channel; the rest is not listed to who can't see it.
    private static let maximumWithdrawn = 1000

    let parts: Parts

    struct Page: Sendable {
        let limit: Int
        let before: NotificationID?
        let unreadOnly: Bool
    }

    /// What a notification is about.
    package struct Subject: Sendable {
        package var server: ServerID?
        package var channel: ChannelID?
        package var message: MessageID?
        var inviteCode: String?
        var occasion: Notification.Occasion?

        package init(
            server: ServerID? = nil, channel: ChannelID? = nil, message: MessageID? = nil, inviteCode: String? = nil,
            occasion: Notification.Occasion? = nil
        ) {
            self.occasion = occasion
            self.server = server
            self.channel = channel
            self.message = message
            self.inviteCode = inviteCode
        }
    }

    /// Tells somebody, unless they have blocked the one who caused it.
    /// - Parameters:
    ///   - name: what a program calls itself that has no account.
    ///   - note: the word that the owner waits for.
    package func notify(
        _ owner: UserID, _ kind: Notification.Kind, from user: UserID, named name: String = "", note: String? = nil,
        about subject: Subject = Subject(), _ tx: Transaction
    ) throws {
        guard owner != user,
            try RelationshipStore.relationship(of: owner, with: user, tx)?.status != .blocked
        else { return }
        if kind.canBeUndone { guard try Self.mayTellAgain(owner, of: user, tx) else { return } }
        let name = try UserStore.faces(of: [user], tx)[user]?.username ?? name
        let notification = Notification(
            id: parts.ids.next(), owner: owner, kind: kind, user: user, username: name, server: subject.server,
            channel: subject.channel, message: subject.message, inviteCode: subject.inviteCode, measure: nil,
            note: note, isRead: false, createdAt: tx.now)
        try Self.add(notification, parts, tx)
    }

    /// Whether somebody has been told of a message.
    package static func isTold(_ owner: UserID, of message: MessageID, _ tx: Transaction) throws -> Bool {
        try NotificationStore.about(message, tx).contains { $0.owner == owner }
    }

    /// Tells somebody what moderators have done about them. To be called after it was done: who is put out of a server
    /// keeps nothing else that is of it. Nobody has to read the words of somebody whom they have blocked.
    /// - Parameter name: the owner's.
    func notify(
        _ owner: UserID, named name: String, of measure: Notification.Measure, in server: Server, by moderator: UserID,
        _ tx: Transaction
    ) throws {
        var measure = measure
        if try RelationshipStore.relationship(of: owner, with: moderator, tx)?.status == .blocked {
            measure.reason = nil
        }
        let notification = Notification(
            id: parts.ids.next(), owner: owner, kind: .moderation, user: owner, username: name,
            server: server.id, channel: nil, message: nil, inviteCode: nil, measure: measure, isRead: false,
            createdAt: tx.now)
        try Self.add(notification, parts, tx)
    }

    /// Tells somebody what nobody else has caused.
    /// - Parameter note: the owner's own words.
    package static func notify(
        _ owner: UserID, _ kind: Notification.Kind, about subject: Subject = Subject(), note: String? = nil,
        _ parts: Parts, _ tx: Transaction
    ) throws {
        let notification = Notification(
            id: parts.ids.next(), owner: owner, kind: kind, user: owner,
            username: try UserStore.required(owner, tx).username, server: subject.server, channel: subject.channel,
            message: subject.message, inviteCode: nil, measure: nil, note: note,
            occasion: subject.occasion, isRead: false, createdAt: tx.now)
        try add(notification, parts, tx)
    }

    /// Counts what one can do to the other again and again, for the same cause or without their doing.
    /// - Returns: false once it was done too often on a day: that is not told without end.
    package static func mayTellAgain(_ owner: UserID, of user: UserID, _ tx: Transaction) throws -> Bool {
        try NotificationStore.count(owner, from: user, day: day(of: tx.now), tx) <= maximumPerPairAndDay
    }

    private static func add(_ notification: Notification, _ parts: Parts, _ tx: Transaction) throws {
        try NotificationStore.insert(notification, tx)
        try NotificationStore.trim(notification.owner, from: notification.user, to: maximumPerPair, tx)
        try NotificationStore.trim(notification.owner, to: maximumPerUser, tx)
        try tell(.notificationCreate, notification, tx)
        try parts.features.isNotified(notification.owner, of: notification.id, parts, tx)
    }

    /// Tells the owner's devices, and those that come back later only while the owner can read what it is about.
    private static func tell(
        _ kind: EventKind<Notification>, _ notification: Notification, _ tx: Transaction
    ) throws {
        // Whoever was put out of a server is told of it outside.
        let server = notification.kind == .moderation ? nil : notification.server
        var subject = EventSubject.place(server.map(Audience.server))
        if let id = notification.channel, let channel = try ChannelStore.channel(id, tx) {
            subject = try Place.subject(of: channel, for: notification.owner, tx)
        }
        if notification.occasion != nil, let server {
            subject = EventSight.subject(in: server, notification.channel)
        }
        tx.emit(kind, notification, about: subject.and(notification.message), to: .user(notification.owner))
    }

    private static func day(of moment: Timestamp) -> Int64 { moment.seconds / 86_400 }

    /// Forgets what was counted on earlier days.
    /// - Returns: whether there may be more.
    package func forgetCounts() async throws -> Bool {
        try await parts.database.write { tx in
            try NotificationStore.forgetCounts(before: Self.day(of: tx.now) - 1, limit: 500, tx)
        }
    }

    // MARK: Withdrawing

    /// Messages that are gone notify nobody any more.
    static func withdraw(about messages: [MessageID], _ tx: Transaction) throws {
        guard !messages.isEmpty else { return }
        tellWithdrawn(try NotificationStore.delete(about: messages, tx), tx)
    }

    /// A message that was changed notifies only those whom it still speaks to.
    package static func withdraw(about message: MessageID, exceptOf owners: Set<UserID>, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.about(message, tx).filter { !owners.contains($0.owner) }, tx)
    }

    /// What lies behind a channel concerns nobody who can't see it any more.
    static func withdraw(from channel: ChannelID, for crowds: [Crowd], _ tx: Transaction) throws {
        let leading = try NotificationStore.leading(to: channel, limit: maximumWithdrawn, tx)
        try withdraw(leading.filter { notice in crowds.contains { $0.contains(notice.owner) } }, tx)
    }

    /// A channel that is gone notifies nobody.
    package static func withdraw(from channel: ChannelID, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.leading(to: channel, limit: maximumWithdrawn, tx), tx)
    }

    /// An event that is gone notifies nobody.
    static func withdraw(about event: ScheduledEventID, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.about(event, limit: maximumWithdrawn, tx), tx)
    }

    /// Who has left a private channel is not led there.
    package static func withdraw(of owner: UserID, in channel: ChannelID, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.leading(owner, to: channel, tx), tx)
    }

    /// Who has left a server is not told of what is in it.
    static func withdraw(of owner: UserID, in server: ServerID, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.of(owner, in: server, tx), tx)
    }

    /// Who may come again, or has, is not put out of a server any more.
    /// - Returns: whether they had been told that they were.
    @discardableResult
    static func withdrawExclusions(of owner: UserID, from server: ServerID, _ tx: Transaction) throws -> Bool {
        let exclusions = try NotificationStore.exclusions(of: owner, from: server, tx)
        try withdraw(exclusions, tx)
        return !exclusions.isEmpty
    }

    /// A code that opens nothing invites nobody.
    static func withdraw(invites codes: [String], _ tx: Transaction) throws {
        for code in codes { try withdraw(try NotificationStore.of(invite: code, tx), tx) }
    }

    /// What one has told the other of their friendship is past.
    static func withdrawFriendship(of owner: UserID, from user: UserID, _ tx: Transaction) throws {
        let told = try NotificationStore.caused(by: user, with: owner, tx).filter { $0.kind?.isOfFriendship == true }
        try withdraw(told.map { ($0.id, $0.owner) }, tx)
    }

    /// Nothing that one has caused concerns the other any more.
    static func withdrawAll(of owner: UserID, from user: UserID, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.caused(by: user, with: owner, tx).map { ($0.id, $0.owner) }, tx)
    }

    /// Nothing that somebody has caused concerns anybody any more.
    static func withdrawAll(from user: UserID, _ tx: Transaction) throws {
        try withdraw(try NotificationStore.caused(by: user, tx), tx)
    }

    private static func withdraw(_ withdrawn: [(id: NotificationID, owner: UserID)], _ tx: Transaction) throws {
        for (id, _) in withdrawn { try NotificationStore.delete(id, tx) }
        tellWithdrawn(withdrawn, tx)
    }

    private static func tellWithdrawn(_ withdrawn: [(id: NotificationID, owner: UserID)], _ tx: Transaction) {
        for (id, owner) in withdrawn {
            tx.emit(.notificationDelete, NotificationDeletedEvent(id: id), to: .user(owner))
        }
    }

    // MARK: Reading

    /// - Returns: nil also for one that was read.
    package static func unread(
        _ id: NotificationID, of owner: UserID, _ tx: Transaction
    ) throws -> Notification? {
        try NotificationStore.notification(id, of: owner, tx).flatMap { $0.isRead ? nil : $0 }
    }

    /// All that somebody has not read, the newest first.
    package static func unread(of owner: UserID, _ tx: Transaction) throws -> [Notification] {
        try NotificationStore.notifications(
            of: owner, before: nil, limit: maximumPerUser, unreadOnly: true, tx)
    }

    package static func unreadCount(of owner: UserID, _ tx: Transaction) throws -> Int {
        try NotificationStore.unreadCount(of: owner, tx)
    }

    /// Newest first, without those about channels that the user can't see any more.
    func list(_ page: Page, of caller: Caller) async throws -> [Notification] {
        try await parts.database.read { tx in
            let notifications = try NotificationStore.notifications(
                of: caller.user, before: page.before, limit: page.limit, unreadOnly: page.unreadOnly, tx)
            var readers = ReadableChannels(user: caller.user)
            return try notifications.filter { notification in
                guard notification.occasion == nil else { return try Self.isStillPlanned(notification, tx) }
                return try notification.channel.map { try readers.canRead($0, tx) } ?? true
            }
        }
    }

    /// Whether the owner still sees the event that they were told of.
    private static func isStillPlanned(_ notification: Notification, _ tx: Transaction) throws -> Bool {
        guard let occasion = notification.occasion,
            let event = try ScheduledEventStore.event(occasion.id, tx)
        else { return false }
        return try EventSight.sees(notification.owner, event, tx)
    }

    /// - Throws: `.notificationNotFound`.
    func markRead(_ id: NotificationID, by caller: Caller) async throws -> Notification {
        try await parts.database.write { tx in
            guard var notification = try NotificationStore.notification(id, of: caller.user, tx) else {
                throw APIError.notificationNotFound
            }
            guard !notification.isRead else { return notification }
            notification.isRead = true
            try NotificationStore.markRead(id, tx)
            try Self.tell(.notificationUpdate, notification, tx)
            return notification
        }
    }

    func markAllRead(by caller: Caller) async throws {
        try await parts.database.write { tx in
            try Self.tellRead(try NotificationStore.markAllRead(of: caller.user, tx), of: caller.user, tx)
        }
    }

    /// Who has read what was said to them in a channel needs not be told of it.
    package static func markRead(
        of owner: UserID, in channel: ChannelID, upTo message: MessageID, _ tx: Transaction
    ) throws {
        try tellRead(try NotificationStore.markRead(of: owner, in: channel, upTo: message, tx), of: owner, tx)
    }

    /// The same for all channels of a server.
    package static func markRead(of owner: UserID, in server: ServerID, _ tx: Transaction) throws {
        try tellRead(try NotificationStore.markRead(of: owner, in: server, tx), of: owner, tx)
    }

    private static func tellRead(_ ids: [NotificationID], of owner: UserID, _ tx: Transaction) throws {
        for id in ids {
            guard let notification = try NotificationStore.notification(id, of: owner, tx) else { continue }
            try tell(.notificationUpdate, notification, tx)
        }
    }
}

/// Remembers, within one transaction, which channels somebody can read now.
package struct ReadableChannels {
    package let user: UserID
    private var known: [ChannelID: Bool] = [:]

    package init(user: UserID) { self.user = user }

    package mutating func canRead(_ channel: ChannelID, _ tx: Transaction) throws -> Bool {
        if let known = known[channel] { return known }
        let canRead = try Channels.readable(channel, by: user, tx) != nil
        known[channel] = canRead
        return canRead
    }
}
