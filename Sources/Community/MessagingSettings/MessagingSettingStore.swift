import Database
import Kernel
import People

enum MessagingSettingStore {
    private static let shape = RowShape<MessagingPreferences> { row in
        MessagingPreferences(
            conversations: circle(row["conversations_from", \.conversations.rawValue]),
            groups: circle(row["groups_from", \.groups.rawValue]),
            friendRequests: circle(row["friend_requests_from", \.friendRequests.rawValue]),
            givesReadReceipts: row["gives_read_receipts", \.givesReadReceipts],
            showsTyping: row["shows_typing", \.showsTyping], isCompact: row["is_compact", \.isCompact],
            opensConversations: row["opens_conversations", \.opensConversations])
    }

    /// A circle that only another version knows is the narrowest.
    private static func circle(_ name: String) -> Circle { Circle(rawValue: name) ?? .nobody }

    static func preferences(of user: UserID, _ tx: Transaction) throws -> MessagingPreferences {
        try tx.first("SELECT \(shape.columns) FROM messaging_settings WHERE user_id = $1", [user], as: shape)
            ?? MessagingPreferences()
    }

    static func set(_ preferences: MessagingPreferences, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO messaging_settings (user_id, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            ON CONFLICT (user_id) DO UPDATE SET conversations_from = excluded.conversations_from,
                groups_from = excluded.groups_from, friend_requests_from = excluded.friend_requests_from,
                gives_read_receipts = excluded.gives_read_receipts, shows_typing = excluded.shows_typing,
                is_compact = excluded.is_compact, opens_conversations = excluded.opens_conversations
            """, [user] + shape.values(of: preferences))
    }

    /// Those of some people who want to hear nothing of receipts.
    static func withoutReadReceipts(among users: [UserID], _ tx: Transaction) throws -> [UserID] {
        guard !users.isEmpty else { return [] }
        return try tx.all(
            "SELECT user_id FROM messaging_settings WHERE user_id = ANY ($1) AND NOT gives_read_receipts",
            [SQLList(users)]
        ) { $0.id(0) }
    }

    // MARK: Servers

    static func servers(of user: UserID, _ tx: Transaction) throws -> [ServerID: ServerMembers] {
        let rows = try tx.all(
            "SELECT server_id, are_contacts FROM server_contacts WHERE user_id = $1", [user]
        ) { ($0.id(0, ServerID.self), $0.bool(1) ? ServerMembers.contacts : .strangers) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func set(_ members: ServerMembers, of server: ServerID, for user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO server_contacts (user_id, server_id, are_contacts) VALUES ($1, $2, $3)
            ON CONFLICT (user_id, server_id) DO UPDATE SET are_contacts = excluded.are_contacts
            """, [user, server, members == .contacts])
    }

    static func forget(_ server: ServerID, for user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM server_contacts WHERE user_id = $1 AND server_id = $2", [user, server])
    }
}
