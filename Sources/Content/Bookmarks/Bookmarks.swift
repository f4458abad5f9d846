import Community
import Database
import Events
import Features
import Kernel

/// Messages that a user saved for later.
package struct Bookmarks: Sendable {
    static let maximum = 1000

    let parts: Parts

    /// The newest messages first, without those that the user can't read any more.
    func list(limit: Int, before: MessageID?, of caller: Caller) async throws -> [Bookmark] {
        try await parts.database.read { tx in
            var readable = ReadableChannels(user: caller.user)
            return try BookmarkStore.bookmarks(of: caller.user, tx).filter {
                $0.message < before ?? MessageID(rawValue: .max)
            }
            .filter { try readable.canRead($0.channel, tx) }.prefix(limit)
            .compactMap { saved in
                guard let channel = try ChannelStore.channel(saved.channel, tx),
                    let message = try MessageStore.message(saved.message, in: channel, for: caller.user, tx)
                else { return nil }
                return Bookmark(message: message, label: saved.label, savedAt: saved.savedAt)
            }
        }
    }

    /// Saves a message that the caller can read; twice is no error, and may give it another label.
    /// - Throws: `.messageNotFound`, `.accessDenied`, `.invalidInput` for one too many.
    func add(_ id: MessageID, label: String?, by caller: Caller) async throws {
        try await parts.database.write { tx in
            guard let channel = try MessageStore.channel(of: id, tx) else { throw APIError.messageNotFound }
            _ = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            let saved = try BookmarkStore.bookmarks(of: caller.user, tx)
            let old = saved.first { $0.message == id }
            if let old, old.label == label { return }
            guard old != nil || saved.count < Self.maximum else {
                throw APIError.invalidInput("message_id", "is one too many: there can be \(Self.maximum) bookmarks")
            }
            try BookmarkStore.set(label, on: id, in: channel, of: caller.user, tx)
            let place = try Channels.place(channel, for: caller.user, tx)
            tx.emit(
                .messageBookmarkAdd,
                BookmarkEvent(
                    message: id, channel: channel, server: place.channel.server, label: label,
                    savedAt: old?.savedAt ?? tx.now),
                about: place.subject.and(id), to: .user(caller.user))
        }
    }

    /// That there was none is no error.
    func remove(_ id: MessageID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            guard let channel = try BookmarkStore.delete(id, of: caller.user, tx) else { return }
            tx.emit(
                .messageBookmarkRemove, BookmarkRemovedEvent(message: id, channel: channel), to: .user(caller.user))
        }
    }
}

struct Bookmark: JSONObjectEncodable {
    let message: Message
    let label: String?
    let savedAt: Timestamp

    static let shape = JSONShape<Bookmark>(
        "Bookmark", .field("message", \.message), .field("label", \.label), .field("saved_at", \.savedAt))
}

/// MESSAGE_BOOKMARK_ADD.
struct BookmarkEvent: JSONObjectEncodable {
    let message: MessageID
    let channel: ChannelID
    let server: ServerID?
    let label: String?
    let savedAt: Timestamp

    static let shape = JSONShape<BookmarkEvent>(
        "BookmarkEvent",
        .field("message_id", \.message), .field("channel_id", \.channel), .field("server_id", \.server),
        .field("label", \.label), .field("created_at", \.savedAt))
}

/// MESSAGE_BOOKMARK_REMOVE.
struct BookmarkRemovedEvent: JSONObjectEncodable {
    let message: MessageID
    let channel: ChannelID

    static let shape = JSONShape<BookmarkRemovedEvent>(
        "BookmarkRemovedEvent", .field("message_id", \.message), .field("channel_id", \.channel))
}

enum BookmarkStore {
    static func set(
        _ label: String?, on message: MessageID, in channel: ChannelID, of user: UserID, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO bookmarks (user_id, message_id, channel_id, created_at, label) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id, message_id) DO UPDATE SET label = excluded.label
            """, [user, message, channel, tx.now, label])
    }

    /// - Returns: the message's channel; nil when there was no bookmark.
    static func delete(_ message: MessageID, of user: UserID, _ tx: Transaction) throws -> ChannelID? {
        try tx.first(
            "DELETE FROM bookmarks WHERE user_id = $1 AND message_id = $2 RETURNING channel_id", [user, message]
        ) { $0.id(0) }
    }

    static func bookmarks(
        of user: UserID, _ tx: Transaction
    ) throws -> [(message: MessageID, channel: ChannelID, label: String?, savedAt: Timestamp)] {
        try tx.all(
            """
            SELECT message_id, channel_id, label, created_at FROM bookmarks WHERE user_id = $1
            ORDER BY message_id DESC
            """, [user]
        ) { ($0.id(0), $0.id(1), $0.textOrNil(2), $0.timestamp(3)) }
    }
}
