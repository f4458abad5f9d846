import Community
import Database
import Kernel
import People

/// Finds out what a device is told, at the moment at which it leaves: by then it may be read, deleted, out of sight, or unwanted.
struct PushNews {
    /// The name of what is told of where nobody else has caused it.
    static let server = "Aviary"

    let token: PushToken
    let preferences: NotificationPreferences

    /// - Returns: nil when there is nothing to tell them.
    static func payload(of push: QueuedPush, to token: PushToken, _ tx: Transaction) throws -> PushPayload? {
        let user = try UserStore.required(push.user, tx)
        guard user.isInUse, try !Presences.wantsQuiet(user.id, tx) else { return nil }
        let preferences = try NotificationSettings.preferences(of: user.id, tx)
        if let quiet = preferences.quietHours,
            quiet.contain(tx.now, in: try NotificationSettings.timeZone(of: user.id, tx))
        {
            return nil
        }
        let news = PushNews(token: token, preferences: preferences)
        switch push.subject {
        case .notification(let id): return try news.payload(of: id, tx)
        case .message(let id): return try news.payload(of: id, tx)
        }
    }

    // MARK: Notifications

    private func payload(of id: NotificationID, _ tx: Transaction) throws -> PushPayload? {
        guard let notification = try Notifications.unread(id, of: token.user, tx),
            try !isBlocked(notification.user, tx)
        else { return nil }
        guard let channel = notification.channel else {
            return try payload(of: notification, titled: Self.title(of: notification, tx), tx)
        }
        guard let place = try Channels.readable(channel, by: token.user, tx) else {
            // One's own note stays, whatever became of the message.
            return notification.kind == .reminder
                ? try payload(of: notification, titled: Self.server, tx) : nil
        }
        if notification.kind != .reminder {
            let attention = try NotificationSettings.attention(of: token.user, to: place.channel, tx)
            guard attention.tellsOfMentions, attention.pushes else { return nil }
        }
        guard let message = notification.message else {
            return try payload(of: notification, in: place, titled: Self.title(of: notification, tx), tx)
        }
        guard let message = try MessageStore.message(message, in: place.channel, tx) else {
            return notification.kind == .reminder
                ? try payload(of: notification, titled: Self.server, tx) : nil
        }
        return try payload(of: notification, in: place, message, tx)
    }

    private static func title(of notification: Notification, _ tx: Transaction) throws -> String {
        if let name = notification.serverName { return name }
        // Nobody else has caused it.
        guard notification.user != notification.owner else { return server }
        let face = try UserStore.faces(of: [notification.user], tx)[notification.user]
        return face.map { $0.displayName ?? $0.username } ?? notification.username
    }

    private func payload(
        of notification: Notification, in place: Place? = nil, titled title: String, _ tx: Transaction
    ) throws -> PushPayload {
        PushPayload(
            type: notification.kind.rawValue, notification: notification.id, title: shown(title),
            body: note(of: notification),
            server: notification.kind == .reminder && place == nil ? nil : notification.server,
            channel: place?.channel.id, unread: try unread(in: place, tx))
    }

    private func payload(
        of notification: Notification, in place: Place, _ message: Message, _ tx: Transaction
    ) throws -> PushPayload {
        var payload = try payload(of: message, in: place, type: notification.kind.rawValue, tx)
        payload.notification = notification.id
        if let note = note(of: notification) { payload.body = note }
        return payload
    }

    // MARK: Messages

    /// A message in which nobody is named: in private, to everyone, or where somebody wants to hear of everything.
    private func payload(of id: MessageID, _ tx: Transaction) throws -> PushPayload? {
        guard let channel = try MessageStore.channel(of: id, tx),
            let place = try Channels.readable(channel, by: token.user, tx),
            let message = try MessageStore.message(id, in: place.channel, tx),
            message.author != token.user, try !isBlocked(message.author, tx),
            try ReadStateStore.mark(of: token.user, in: channel, tx).map({ $0 < id }) ?? true,
            // Who is named has a notification, which is told instead.
            try !Notifications.isTold(token.user, of: id, tx)
        else { return nil }
        if place.channel.thread != nil {
            guard try ThreadMemberStore.isMember(token.user, of: channel, tx) else { return nil }
        }
        let attention = try NotificationSettings.attention(of: token.user, to: place.channel, tx)
        let isMeant = message.details.mentions.everyone && attention.tellsOfEveryone
        guard isMeant || attention.tellsOfEverything, attention.pushes else { return nil }
        return try payload(of: message, in: place, type: "message", tx)
    }

    private func payload(
        of message: Message, in place: Place, type: String, _ tx: Transaction
    ) throws -> PushPayload {
        let author = message.authorDisplayName ?? message.authorUsername
        let name = place.channel.name
        let title: String =
            switch place.channel.type {
            case .dm, .notes: author
            case .group: name.isEmpty ? author : "\(author) (\(name))"
            default: "\(author) (#\(name))"
            }
        return PushPayload(
            type: type, title: shown(title), body: try body(of: message, in: place, tx),
            server: place.channel.server, channel: place.channel.id, message: message.id,
            unread: try unread(in: place, tx))
    }

    /// Nil where there is no text, and where it is not to be seen by who looks at the device.
    private func body(of message: Message, in place: Place, _ tx: Transaction) throws -> String? {
        guard preferences.preview == .full, let content = message.content, try !Self.isForAdults(place.channel, tx)
        else { return nil }
        var words = PlainText(for: token.user, in: place.channel.server)
        let text = try words.text(content, longest: PushPayload.longestBody, tx)
        return text.isEmpty ? nil : text
    }

    // MARK: Rules

    static func isForAdults(_ channel: Channel, _ tx: Transaction) throws -> Bool {
        let parent = try channel.thread.flatMap { try ChannelStore.channel($0.parent, tx) }
        return (parent ?? channel).nsfw
    }

    private func isBlocked(_ user: UserID, _ tx: Transaction) throws -> Bool {
        try user != token.user && RelationshipStore.others(of: token.user, .blocked, tx).contains(user)
    }

    private func shown(_ title: String) -> String {
        preferences.preview == .none ? Self.server : title.beginning(.scalars(PushPayload.longestTitle))
    }

    /// One's own words, for oneself.
    private func note(of notification: Notification) -> String? {
        guard notification.kind == .reminder, preferences.preview == .full, let note = notification.note else {
            return nil
        }
        let line = note.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.beginning(.scalars(PushPayload.longestBody))
    }

    /// In the channel, or of all notifications.
    private func unread(in place: Place?, _ tx: Transaction) throws -> Int {
        guard let place else { return try Notifications.unreadCount(of: token.user, tx) }
        return try ReadStates.state(of: place, for: token.user, tx).unread
    }

    // MARK: What was told before

    /// Which of the newest pushes that a device was sent need not be shown any more.
    static func read(of pushes: [QueuedPush], by user: UserID, _ tx: Transaction) throws -> [QueuedPush] {
        try pushes.filter { push in
            switch push.subject {
            case .notification(let id): return try Notifications.unread(id, of: user, tx) == nil
            case .message(let id):
                guard let channel = try MessageStore.channel(of: id, tx) else { return true }
                return try ReadStateStore.mark(of: user, in: channel, tx).map { $0 >= id } ?? false
            }
        }
    }
}
