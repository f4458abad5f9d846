import Database
import Kernel

enum PasskeyStore {
    private static let shape = RowShape<Passkey> { row in
        Passkey(
            id: row["id", \.id], user: row["user_id", \.user], credentialID: row["credential_id", \.credentialID],
            publicKey: row["public_key", \.publicKey], signCount: UInt32(row["sign_count", { Int64($0.signCount) }]),
            transports: row["transports", { $0.transports.joined(separator: " ") }].split(separator: " ").map(
                String.init),
            isBackedUp: row["is_backed_up", \.isBackedUp], name: row["name", \.name],
            createdAt: row["created_at", \.createdAt], lastUsedAt: row["last_used_at", \.lastUsedAt])
    }

    private static let columns = shape.columns

    static func insert(_ passkey: Passkey, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO passkeys (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: passkey))
    }

    static func passkey(withCredentialID id: [UInt8], _ tx: Transaction) throws -> Passkey? {
        try tx.first("SELECT \(columns) FROM passkeys WHERE credential_id = $1", [id], as: shape)
    }

    /// The oldest first; by the index passkeys_by_user.
    static func passkeys(of user: UserID, _ tx: Transaction) throws -> [Passkey] {
        try tx.all("SELECT \(columns) FROM passkeys WHERE user_id = $1 ORDER BY id", [user], as: shape)
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
            as: shape)
    }

    static func deleteAll(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM passkeys WHERE user_id = $1", [user])
    }

    /// - Returns: whether the user had it.
    static func delete(_ id: PasskeyID, of user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM passkeys WHERE id = $1 AND user_id = $2 RETURNING id", [id, user]) > 0
    }
}
