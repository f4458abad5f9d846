import Community
import Database
import Events
import Features
import Kernel

/// Answering a message with an emoji.
struct Reactions: Sendable {
    let parts: Parts
    let auditLog: AuditLog

    // MARK: Emoji

    /// The emoji that a path names: one of Unicode, a `:shortcode:`, or a custom one as `name:id`.
    /// - Throws: `.invalidInput`, `.emojiNotFound`.
    static func emoji(_ text: String, for user: UserID, in place: Place, _ tx: Transaction) throws -> String {
        let text = text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
        if UnicodeEmoji.isOne(text) { return UnicodeEmoji.key(text) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0].isEmpty, parts[2].isEmpty {
            guard let emoji = UnicodeEmoji.emoji(forShortcode: String(parts[1])) else {
                throw APIError.invalidInput("emoji", "is no shortcode that is known here")
            }
            return UnicodeEmoji.key(emoji)
        }
        guard let last = parts.last, parts.count >= 2, let id = try? EmojiID(parsing: last) else {
            throw APIError.invalidInput("emoji", "must be an emoji, a :shortcode: or name:id")
        }
        guard let emoji = try EmojiStore.emoji(id, tx) else { throw APIError.emojiNotFound }
        if emoji.server != place.channel.server {
            guard try MemberStore.isMember(user, of: emoji.server, tx) else { throw APIError.emojiNotFound }
            try place.require(.messagesUseExternalEmojis)
        }
        return emoji.reactionName
    }

    /// What the emoji is stored as; one that was deleted or renamed since can still be read and taken back.
    private static func stored(
        _ text: String, on message: MessageID, for user: UserID, in place: Place, _ tx: Transaction
    ) throws -> String {
        let kinds = try ReactionStore.kinds(of: message, tx)
        let key = UnicodeEmoji.key(text)
        if let known = kinds.first(where: { $0 == text || UnicodeEmoji.key($0) == key }) { return known }
        return try emoji(text, for: user, in: place, tx)
    }

    // MARK: Reacting

    /// Reacts; doing so twice is no error. A new kind takes `messages.add_reactions`, joining others does not.
    /// - Throws: `.permissionDenied`, `.messageNotFound`, `.emojiNotFound`, `.invalidInput` for one kind too many.
    func add(_ text: String, to id: MessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write(.same(channel.rawValue)) { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Messages.requireExisting(id, in: place, tx)
            try place.permissions.requireVoice()
            try Threads.requireOpen(place)
            try Relationships.requireTalking(place, caller.user, tx)
            let emoji = try Self.stored(text, on: id, for: caller.user, in: place, tx)
            let kinds = try ReactionStore.kinds(of: id, tx)
            if !kinds.contains(emoji) {
                try place.require(.messagesAddReactions)
                let maximum = caller.tier.limits.reactionKinds
                guard kinds.count < maximum else {
                    throw APIError.invalidInput("emoji", "the message has \(maximum) kinds already, which is the limit")
                }
            }
            guard try ReactionStore.insert(emoji, to: id, by: caller.user, tx) else { return }
            try MessageStore.setReacted(true, id, tx)
            Self.tell(.messageReactionAdd, emoji, id, place, caller.user, tx)
        }
    }

    private static func tell(
        _ kind: EventKind<ReactionEvent>, _ emoji: String, _ message: MessageID, _ place: Place, _ user: UserID,
        _ tx: Transaction
    ) {
        tx.emit(
            kind,
            ReactionEvent(
                message: message, channel: place.channel.id, server: place.channel.server, user: user, emoji: emoji),
            about: .message(message), to: place.messageAudience)
    }

    /// Takes a reaction back; somebody else's takes `messages.manage`.
    func remove(
        _ text: String, of user: UserID, from id: MessageID, in channel: ChannelID, by caller: Caller
    ) async throws {
        try await parts.database.write(.same(channel.rawValue)) { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Messages.requireExisting(id, in: place, tx)
            if user != caller.user { try place.require(.messagesManage) }
            let emoji = try Self.stored(text, on: id, for: caller.user, in: place, tx)
            guard try ReactionStore.delete(emoji, from: id, by: user, tx) else { return }
            if try ReactionStore.kinds(of: id, tx).isEmpty { try MessageStore.setReacted(false, id, tx) }
            Self.tell(.messageReactionRemove, emoji, id, place, user, tx)
            if user != caller.user, let server = place.channel.server {
                try auditLog.record(
                    .reactionRemove, .message(id, in: channel), in: server, by: caller,
                    changes: [
                        "channel_id": .string(channel.description), "user_id": .string(user.description),
                        "emoji": AuditChanges.change(from: .string(emoji), to: .null),
                    ], tx)
            }
        }
    }

    func removeAll(from id: MessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await parts.database.write(.same(channel.rawValue)) { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Messages.requireExisting(id, in: place, tx)
            try place.require(.messagesManage)
            let counts = try ReactionStore.counts(of: [id], for: nil, tx)[id] ?? []
            guard !counts.isEmpty else { return }
            try ReactionStore.deleteAll(from: [id], tx)
            try MessageStore.setReacted(false, id, tx)
            tx.emit(
                .messageReactionRemoveAll,
                ReactionsClearedEvent(message: id, channel: channel, server: place.channel.server),
                about: .message(id), to: place.messageAudience)
            if let server = place.channel.server {
                let before = counts.map { ($0.emoji, JSON.integer(Int64($0.count))) }
                try auditLog.record(
                    .reactionsClear, .message(id, in: channel), in: server, by: caller,
                    changes: [
                        "channel_id": .string(channel.description),
                        "reactions": AuditChanges.change(from: .object(Dictionary(before) { $1 }), to: .null),
                    ], tx)
            }
        }
    }

    // MARK: Reading

    func counts(of id: MessageID, in channel: ChannelID, for caller: Caller) async throws -> [ReactionCount] {
        try await parts.database.read { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Messages.requireExisting(id, in: place, tx)
            return try ReactionStore.counts(of: [id], for: caller.user, tx)[id] ?? []
        }
    }

    func reactors(
        _ text: String, of id: MessageID, in channel: ChannelID, after: UserID?, limit: Int, for caller: Caller
    ) async throws -> [Reactor] {
        try await parts.database.read { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Messages.requireExisting(id, in: place, tx)
            let emoji = try Self.stored(text, on: id, for: caller.user, in: place, tx)
            return try ReactionStore.reactors(of: id, emoji, after: after, limit: limit, tx)
        }
    }
}
