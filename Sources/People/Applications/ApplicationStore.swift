import Database
import Events
import Kernel

package enum ApplicationStore {
    private static let shape = RowShape<Application> { row in
        Application(
            id: row["id", \.id], owner: row["owner_id", \.owner], name: row["name", \.name],
            description: row["description", \.description], isPublic: row["is_public", \.isPublic],
            intents: Intents(rawValue: row["intents", \.intents.rawValue]), bot: row["bot_id", \.bot],
            createdAt: row["created_at", \.createdAt])
    }

    private static let columns = shape.columns

    static func insert(_ application: Application, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO applications (\(shape.stored)) VALUES (\(shape.placeholders))",
            shape.values(of: application))
    }

    package static func application(_ id: ApplicationID, _ tx: Transaction) throws -> Application? {
        try tx.first("SELECT \(columns) FROM applications WHERE id = $1", [id], as: shape)
    }

    package static func application(ofBot bot: UserID, _ tx: Transaction) throws -> Application? {
        try tx.first("SELECT \(columns) FROM applications WHERE bot_id = $1", [bot], as: shape)
    }

    package static func applications(of owner: UserID, _ tx: Transaction) throws -> [Application] {
        try tx.all("SELECT \(columns) FROM applications WHERE owner_id = $1 ORDER BY id", [owner], as: shape)
    }

    static func update(_ application: Application, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE applications SET name = $2, description = $3, is_public = $4, intents = $5 WHERE id = $1",
            [
                application.id, application.name, application.description, application.isPublic,
                application.intents.rawValue,
            ])
    }

    static func delete(_ id: ApplicationID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM applications WHERE id = $1", [id])
    }

    // MARK: Bots

    static func insertBot(_ id: UserID, named name: String, _ tx: Transaction) throws {
        try AccountStore.insert(
            id, username: name, email: "\(id)@bot.invalid", passwordHash: AccountStore.withoutPassword, tx)
        try tx.execute("UPDATE users SET is_bot = $2 WHERE id = $1", [id, true])
    }

    static func setBot(_ bot: UserID, of application: ApplicationID, _ tx: Transaction) throws {
        try tx.execute("UPDATE applications SET bot_id = $2 WHERE id = $1", [application, bot])
    }

    /// The application of a bot that is erased has none from then on.
    static func forget(bot: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE applications SET bot_id = NULL WHERE bot_id = $1", [bot])
    }

    /// Counts that a session of a bot begins.
    /// - Returns: false when there have been as many as there may be in a day.
    package static func countStart(of bot: UserID, atMost limit: Int, _ tx: Transaction) throws -> Bool {
        var starts = try starts(of: bot, tx)
        guard starts.add(at: tx.now, atMost: limit) else { return false }
        try tx.execute(
            "UPDATE applications SET session_starts = $2, starts_since = $3 WHERE bot_id = $1",
            [bot, starts.count, starts.since])
        return true
    }

    package static func starts(of bot: UserID, _ tx: Transaction) throws -> SessionStarts {
        try tx.first("SELECT session_starts, starts_since FROM applications WHERE bot_id = $1", [bot]) {
            SessionStarts(count: $0.int(0), since: $0.timestampOrNil(1) ?? Timestamp(milliseconds: 0))
        } ?? SessionStarts(count: 0, since: Timestamp(milliseconds: 0))
    }

    static func tokens(of bot: UserID, _ tx: Transaction) throws -> [SessionID] {
        try tx.all("SELECT id FROM bot_tokens WHERE user_id = $1", [bot]) { $0.id(0) }
    }

    static func setToken(_ id: SessionID, hash: [UInt8], of bot: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO bot_tokens (id, user_id, token_hash, created_at) VALUES ($1, $2, $3, $4)",
            [id, bot, hash, tx.now])
    }

    /// - Returns: the tokens that were deleted.
    static func deleteTokens(of bot: UserID, _ tx: Transaction) throws -> [SessionID] {
        try tx.all("DELETE FROM bot_tokens WHERE user_id = $1 RETURNING id", [bot]) { $0.id(0) }
    }

    static func bot(withTokenHash hash: [UInt8], _ tx: Transaction) throws -> (token: SessionID, user: UserID)? {
        try tx.first("SELECT id, user_id FROM bot_tokens WHERE token_hash = $1", [hash]) { ($0.id(0), $0.id(1)) }
    }
}
