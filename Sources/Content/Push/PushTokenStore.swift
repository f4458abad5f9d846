import Database
import Kernel

enum PushTokenStore {
    private static let shape = RowShape<PushToken> { row in
        PushToken(
            id: row["id", \.id], user: row["user_id", \.user], session: row["session_id", \.session],
            platform: try row.word("platform", \.platform), token: row["token", \.token],
            deviceID: row["device_id", \.deviceID], appVersion: row["app_version", \.appVersion],
            publicKey: row["public_key", \.publicKey], secret: row["secret", \.secret],
            createdAt: row["created_at", \.createdAt])
    }

    static func insert(_ token: PushToken, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO push_tokens (token_hash, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            """, [token.hash] + shape.values(of: token))
    }

    static func token(_ id: PushTokenID, _ tx: Transaction) throws -> PushToken? {
        try tx.first("SELECT \(shape.columns) FROM push_tokens WHERE id = $1", [id], as: shape)
    }

    static func token(withHash hash: [UInt8], _ tx: Transaction) throws -> PushToken? {
        try tx.first("SELECT \(shape.columns) FROM push_tokens WHERE token_hash = $1", [hash], as: shape)
    }

    /// The oldest first. Uses `push_tokens_by_user`.
    static func tokens(of user: UserID, _ tx: Transaction) throws -> [PushToken] {
        try tx.all(
            "SELECT \(shape.columns) FROM push_tokens WHERE user_id = $1 ORDER BY id", [user], as: shape)
    }

    static func ids(of user: UserID, _ tx: Transaction) throws -> [PushTokenID] {
        try tx.all("SELECT id FROM push_tokens WHERE user_id = $1", [user]) { $0.id(0) }
    }

    /// Some with the logins that they end with, by their ids.
    static func logins(after id: PushTokenID, limit: Int, _ tx: Transaction) throws
        -> [(token: PushTokenID, session: SessionID)]
    {
        try tx.all("SELECT id, session_id FROM push_tokens WHERE id > $1 ORDER BY id LIMIT $2", [id, limit]) {
            ($0.id(0), $0.id(1))
        }
    }

    static func delete(_ id: PushTokenID, _ tx: Transaction) throws {
        try PushQueueStore.deleteAll(to: id, tx)
        try tx.execute("DELETE FROM push_tokens WHERE id = $1", [id])
    }
}
