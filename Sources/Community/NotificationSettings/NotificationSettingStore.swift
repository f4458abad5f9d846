import Database
import Kernel

enum NotificationSettingStore {
    private static let preferences = RowShape<NotificationPreferences> { row in
        let (mail, hour) = (row["email", \.mail.rawValue], row["digest_hour", \.digestHour])
        let preview = row["push_preview", \.preview.rawValue]
        let (from, to) = (row["quiet_from", \.quietHours?.from_min], row["quiet_to", \.quietHours?.to_min])
        return NotificationPreferences(
            // What only another version knows tells others as little as it can.
            mail: .init(rawValue: mail) ?? .off, digestHour: hour, preview: .init(rawValue: preview) ?? .none,
            quietHours: from.flatMap { from in to.map { QuietHours(from_min: from, to_min: $0) } })
    }

    private static let wishes = RowShape<PlaceWishes> { row in
        PlaceWishes(
            level: row["level", \.level?.rawValue].flatMap(PlaceWishes.Level.init),
            mutedUntil: row["muted_until", \.mutedUntil],
            suppressesEveryone: row["suppress_everyone", \.suppressesEveryone],
            suppressesRoles: row["suppress_roles", \.suppressesRoles], pushes: row["push", \.pushes])
    }

    private static let replaced: StaticSQL = """
        level = excluded.level, muted_until = excluded.muted_until, suppress_everyone = excluded.suppress_everyone,
        suppress_roles = excluded.suppress_roles, push = excluded.push
        """

    static func preferences(of user: UserID, _ tx: Transaction) throws -> NotificationPreferences {
        try tx.first(
            "SELECT \(preferences.columns) FROM notification_settings WHERE user_id = $1", [user], as: preferences)
            ?? NotificationPreferences()
    }

    static func set(_ new: NotificationPreferences, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO notification_settings (user_id, \(preferences.stored))
            VALUES ($1, \(preferences.placeholders(from: 2)))
            ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, digest_hour = excluded.digest_hour,
                push_preview = excluded.push_preview, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to
            """, [user] + preferences.values(of: new))
    }

    // MARK: Places

    static func servers(of user: UserID, _ tx: Transaction) throws -> [ServerID: PlaceWishes] {
        let rows = try tx.all(
            "SELECT server_id, \(wishes.columns) FROM server_notification_settings WHERE user_id = $1", [user]
        ) { ($0.id(0, ServerID.self), try wishes.read($0, from: 1) ?? PlaceWishes()) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func channels(of user: UserID, _ tx: Transaction) throws -> [ChannelID: PlaceWishes] {
        let rows = try tx.all(
            "SELECT channel_id, \(wishes.columns) FROM channel_notification_settings WHERE user_id = $1", [user]
        ) { ($0.id(0, ChannelID.self), try wishes.read($0, from: 1) ?? PlaceWishes()) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func set(_ new: PlaceWishes, of server: ServerID, for user: UserID, _ tx: Transaction) throws {
        guard !new.isEmpty else { return try forget(server, for: user, tx) }
        try tx.execute(
            """
            INSERT INTO server_notification_settings (user_id, server_id, \(wishes.stored))
            VALUES ($1, $2, \(wishes.placeholders(from: 3))) ON CONFLICT (user_id, server_id) DO UPDATE SET \(replaced)
            """, [user, server] + wishes.values(of: new))
    }

    static func set(_ new: PlaceWishes, of channel: Channel, for user: UserID, _ tx: Transaction) throws {
        guard !new.isEmpty else { return try forget(channel.id, for: user, tx) }
        try tx.execute(
            """
            INSERT INTO channel_notification_settings (user_id, channel_id, server_id, \(wishes.stored))
            VALUES ($1, $2, $3, \(wishes.placeholders(from: 4)))
            ON CONFLICT (user_id, channel_id) DO UPDATE SET \(replaced)
            """, [user, channel.id, channel.server] + wishes.values(of: new))
    }

    private static func forget(_ server: ServerID, for user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM server_notification_settings WHERE user_id = $1 AND server_id = $2", [user, server])
    }

    static func forget(_ channel: ChannelID, for user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "DELETE FROM channel_notification_settings WHERE user_id = $1 AND channel_id = $2", [user, channel])
    }

    /// All that somebody has said of a server and what is in it.
    static func forgetAll(in server: ServerID, for user: UserID, _ tx: Transaction) throws {
        try forget(server, for: user, tx)
        try tx.execute(
            "DELETE FROM channel_notification_settings WHERE user_id = $1 AND server_id = $2", [user, server])
    }

    /// Those who have said "all" of one of the places or of the server, be it that something else counts before. Uses
    /// `channel_notification_settings_by_level` and `server_notification_settings_by_level`.
    static func isAllWanted(of places: [ChannelID], in server: ServerID) -> Query<Bool> {
        wantingAll(of: places, in: server, after: UserID(rawValue: 0), limit: 1).map { !$0.isEmpty }
    }

    static func wantingAll(
        of places: [ChannelID], in server: ServerID, after: UserID, limit: Int
    ) -> Query<[UserID]> {
        .all(
            """
            SELECT user_id FROM channel_notification_settings
            WHERE channel_id = ANY ($1) AND level = 'all' AND user_id > $3
            UNION SELECT user_id FROM server_notification_settings
            WHERE server_id = $2 AND level = 'all' AND user_id > $3
            ORDER BY user_id LIMIT $4
            """, [SQLList(places), server, after, limit]
        ) { $0.id(0) }
    }
}
