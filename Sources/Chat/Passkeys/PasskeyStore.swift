import Database
import Kernel

enum PasskeyStore {
    private static let columns: StaticSQL = """
        id, user_id, credential_id, public_key, sign_count, transports, is_backed_up, name, created_at, last_used_at
        """

    private static func passkey(_ row: SQLRow) -> Passkey {
        Passkey(
            id: row.id(0), user: row.id(1), credentialID: row.bytes(2), publicKey: row.bytes(3),
            signCount: UInt32(row.integer(4)), transports: row.text(5).split(separator: " ").map(String.init),
            isBackedUp: row.bool(6), name: row.text(7), createdAt: row.timestamp(8), lastUsedAt: row.timestampOrNil(9))
    }

    static func insert(_ passkey: Passkey, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO passkeys (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                passkey.id, passkey.user, passkey.credentialID, passkey.publicKey, Int64(passkey.signCount),
                passkey.transports.joined(separator: " "), passkey.isBackedUp, passkey.name, passkey.createdAt,
                passkey.lastUsedAt,
            ])
    }

    static func passkey(withCredentialID id: [UInt8], _ tx: Transaction) throws -> Passkey? {
        try tx.first("SELECT \(columns) FROM passkeys WHERE credential_id = $1", [id], passkey)
    }

    /// The oldest first; by the index passkeys_by_user.
    static func passkeys(of user: UserID, _ tx: Transaction) throws -> [Passkey] {
        try tx.all("SELECT \(columns) FROM passkeys WHERE user_id = $1 ORDER BY id", [user], passkey)
    }

    static func use(_ id: PasskeyID, signCount: UInt32, isBackedUp: Bool, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE passkeys SET sign_count = $2, is_backed_up = $3, last_used_at = $4 WHERE id = $1",
            [id, Int64(signCount), isBackedUp, tx.now])
    }

    /// - Returns: the passkey with its new name; nil when the user has none with the id.
    static func rename(_ id: PasskeyID, of user: UserID, to name: String, _ tx: Transaction) throws -> Passkey? {
        try tx.first(
            "UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2 RETURNING \(columns)", [id, user, name],
            passkey)
    }

    static func deleteAll(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM passkeys WHERE user_id = $1", [user])
    }

    /// - Returns: whether the user had it.
    static func delete(_ id: PasskeyID, of user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING id", [id, user]) > 0
    }
}
