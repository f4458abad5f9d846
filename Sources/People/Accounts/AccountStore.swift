import Database
import Features
import Kernel

/// An account as the login needs it.
package struct AccountCredentials: Sendable {
    package let user: UserID
    let username: String
    /// Nil for an account without a password, which logs in by other means.
    let passwordHash: String?
}

package enum AccountStore {
    package static func insert(
        _ id: UserID, username: String, email: String, passwordHash: String, age: AgeProof? = nil, _ tx: Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO users
                (id, username, username_key, email, email_key, password_hash, email_verified, is_admin, created_at,
                age_verified_at, age_verified_by)
            VALUES ($1, $2, $3, $4, $5, $6, FALSE, FALSE, $7, $8, $9)
            """,
            [
                id, username, NameRules.key(username), email, NameRules.key(email), passwordHash, tx.now,
                age.map { _ in tx.now }, age?.rawValue,
            ])
    }

    package static func isTaken(username: String, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM users WHERE username_key = $1", [NameRules.key(username)])
    }

    package static func isTaken(email: String, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM users WHERE email_key = ANY ($1)", [SQLList(NameRules.keys(email))])
    }

    private static func credentials(_ row: SQLRow) -> AccountCredentials {
        let hash = row.text(2)
        return AccountCredentials(
            user: row.id(0), username: row.text(1), passwordHash: hash == withoutPassword ? nil : hash)
    }

    /// Stands in the place of the hash where there is no password.
    static let withoutPassword = ""

    /// By user name or e-mail address; no user name has an `@`.
    package static func credentials(of login: String, _ tx: Transaction) throws -> AccountCredentials? {
        let column: StaticSQL = login.contains("@") ? "email_key" : "username_key"
        return try tx.first(
            "SELECT id, username, password_hash FROM users WHERE \(column) = ANY ($1)",
            [SQLList(NameRules.keys(login))], credentials)
    }

    static func credentials(of user: UserID, _ tx: Transaction) throws -> AccountCredentials? {
        try tx.first("SELECT id, username, password_hash FROM users WHERE id = $1", [user], credentials)
    }

    static func setPasswordHash(_ hash: String, of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET password_hash = $2 WHERE id = $1", [user, hash])
    }

    /// - Parameter moment: nil brings the account back.
    package static func setDeletion(_ moment: Timestamp?, of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET deletion_at = $2 WHERE id = $1", [user, moment])
    }

    package static func setLocked(_ moment: Timestamp?, _ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET locked_at = $2 WHERE id = $1", [user, moment])
    }

    /// Somebody whose time of grace is over. Uses `users_leaving`.
    package static func leaving(_ tx: Transaction) throws -> UserID? {
        try tx.first(
            """
            SELECT id FROM users WHERE deletion_at <= $1 AND deleted_at IS NULL
                AND \(SetAsideStore.none(of: .accountDeletion, "CAST(users.id AS TEXT)")) ORDER BY deletion_at LIMIT 1
            """, [tx.now]
        ) { $0.id(0) }
    }

    package static func isLeaving(_ user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM users WHERE id = $1 AND deletion_at <= $2 AND deleted_at IS NULL", [user, tx.now])
    }

    /// How an account is called of which nothing else is left. No user name and no address can be this, so nobody can have
    /// taken it before.
    static func anonymousName(of user: UserID) -> String { "deleted:\(user)" }

    /// Leaves nothing of an account but its id.
    static func anonymise(_ user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE users SET username = $2, username_key = $2, email = $2, email_key = $2, password_hash = $3,
                display_name = NULL, display_name_key = NULL, bio = NULL, email_verified = FALSE, is_admin = FALSE,
                tier = 'standard', badges = '', avatar_id = NULL, age_verified_at = NULL, age_verified_by = NULL,
                deletion_at = NULL, deleted_at = $4
            WHERE id = $1
            """,
            [user, anonymousName(of: user), withoutPassword, tx.now])
    }

    package static func setEmailVerified(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET email_verified = TRUE WHERE id = $1", [user])
    }
}
