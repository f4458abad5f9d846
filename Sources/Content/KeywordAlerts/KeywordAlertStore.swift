import Database
import Features
import Kernel

enum KeywordAlertStore {
    // MARK: What people want

    private static func alert(_ row: SQLRow, from column: Int) -> KeywordAlert {
        KeywordAlert(
            keywords: (JSON(text: row.text(column))?.array ?? []).compactMap(\.string),
            servers: row.textOrNil(column + 1).map { ids($0).map(ServerID.init(rawValue:)) },
            excludedChannels: ids(row.text(column + 2)).map(ChannelID.init(rawValue:)))
    }

    private static func ids(_ text: String) -> [Int64] {
        (JSON(text: text)?.array ?? []).compactMap { $0.string.flatMap { Int64($0) } }
    }

    private static func text<Kind>(_ ids: [Identifier<Kind>]) -> String {
        JSON.array(ids.map { .string($0.description) }).text
    }

    static func alert(of user: UserID, _ tx: Transaction) throws -> KeywordAlert {
        try tx.first(
            "SELECT keywords, servers, excluded_channels FROM keyword_alerts WHERE user_id = $1", [user]
        ) { alert($0, from: 0) } ?? .none
    }

    static func alerts(of users: [UserID], _ tx: Transaction) throws -> [UserID: KeywordAlert] {
        let rows = try tx.all(
            "SELECT user_id, keywords, servers, excluded_channels FROM keyword_alerts WHERE user_id = ANY ($1)",
            [SQLList(users)]
        ) { ($0.id(0, UserID.self), alert($0, from: 1)) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Uses `keyword_hints_by_user`.
    static func isEmpty(_ tx: Transaction) throws -> Bool {
        try !tx.exists("SELECT 1 FROM keyword_hints WHERE user_id > $1 LIMIT 1", [0])
    }

    static func set(_ alert: KeywordAlert, of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM keyword_hints WHERE user_id = $1", [user])
        guard alert != .none else { return try tx.execute("DELETE FROM keyword_alerts WHERE user_id = $1", [user]) }
        try tx.execute(
            """
            INSERT INTO keyword_alerts (user_id, keywords, servers, excluded_channels, folding) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id) DO UPDATE SET keywords = excluded.keywords, servers = excluded.servers,
                excluded_channels = excluded.excluded_channels, folding = excluded.folding
            """,
            [
                user, JSON.array(alert.keywords.map(JSON.string)).text, alert.servers.map(text),
                text(alert.excludedChannels), Int(SearchText.version),
            ])
        for keyword in Set(alert.keywords) {
            guard let hint = Keyword(keyword)?.hint else { continue }
            try tx.execute(
                "INSERT INTO keyword_hints (hint, user_id, keyword) VALUES ($1, $2, $3)", [hint, user, keyword])
        }
    }

    /// Some whose keywords an older version has folded. Uses `keyword_alerts_by_folding`.
    static func outdated(limit: Int, _ tx: Transaction) throws -> [UserID] {
        try tx.all(
            "SELECT user_id FROM keyword_alerts WHERE folding < $1 ORDER BY folding LIMIT $2",
            [Int(SearchText.version), limit]
        ) { $0.id(0) }
    }

    /// The keywords of which a text may have one. Uses the primary key.
    static func candidates(
        having hints: [String], _ tx: Transaction
    ) throws -> [(hint: String, user: UserID, keyword: String)] {
        try tx.all(
            "SELECT hint, user_id, keyword FROM keyword_hints WHERE hint = ANY ($1) ORDER BY user_id, keyword",
            [SQLList(hints)]
        ) { ($0.text(0), $0.id(1), $0.text(2)) }
    }

    // MARK: Progress

    static func position(_ tx: Transaction) throws -> Int64 {
        try tx.first("SELECT position FROM keyword_progress WHERE id = 1") { $0.integer(0) } ?? 0
    }

    /// - Returns: false when somebody else has gone on meanwhile.
    static func move(from old: Int64, to new: Int64, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "UPDATE keyword_progress SET position = $2 WHERE id = 1 AND position = $1 RETURNING id", [old, new]) == 1
    }

    // MARK: Pauses

    /// Somebody's pause is that of one channel.
    struct Place: Sendable, Hashable {
        let user: UserID
        let channel: ChannelID
    }

    static func lastTold(_ place: Place, _ tx: Transaction) throws -> Timestamp? {
        try tx.first(
            "SELECT told_at FROM keyword_marks WHERE user_id = $1 AND channel_id = $2", [place.user, place.channel]
        ) { $0.timestamp(0) }
    }

    /// Who was told of something in some channels after a moment. Uses `keyword_marks_by_channel`.
    static func told(in channels: [ChannelID], after moment: Timestamp, _ tx: Transaction) throws -> [Place] {
        try tx.all(
            "SELECT user_id, channel_id FROM keyword_marks WHERE channel_id = ANY ($1) AND told_at > $2",
            [SQLList(channels), moment]
        ) { Place(user: $0.id(0), channel: $0.id(1)) }
    }

    static func setTold(_ place: Place, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO keyword_marks (user_id, channel_id, told_at) VALUES ($1, $2, $3)
            ON CONFLICT (user_id, channel_id) DO UPDATE SET told_at = excluded.told_at
            """, [place.user, place.channel, tx.now])
    }

    /// Uses `keyword_marks_by_age`.
    static func forgetMarks(before moment: Timestamp, limit: Int, _ tx: Transaction) throws -> Bool {
        try tx.count(
            """
            DELETE FROM keyword_marks WHERE (user_id, channel_id) IN
                (SELECT user_id, channel_id FROM keyword_marks WHERE told_at < $1 LIMIT $2) RETURNING user_id
            """, [moment, limit]) == limit
    }
}
