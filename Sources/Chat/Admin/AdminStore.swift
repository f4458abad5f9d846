import Database
import Kernel

enum AdminStore {
    static func setAdmin(_ isAdmin: Bool, _ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET is_admin = $2 WHERE id = $1", [user, isAdmin])
    }

    static func setTier(_ tier: Tier, _ user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET tier = $2 WHERE id = $1", [user, tier.rawValue])
    }

    static func accounts(adminsOnly: Bool, _ tx: Transaction) throws -> [Administration.Account] {
        let condition: StaticSQL = adminsOnly ? "WHERE is_admin" : ""
        return try tx.all(
            """
            SELECT id, username, email, is_admin,
                EXISTS (SELECT 1 FROM two_factor WHERE user_id = users.id AND is_confirmed), tier
            FROM users \(condition) ORDER BY id
            """
        ) { row in
            Administration.Account(
                id: row.id(0), username: row.text(1), email: row.text(2), isAdmin: row.bool(3),
                hasTwoFactor: row.bool(4), tier: Tier(rawValue: row.text(5)) ?? .standard)
        }
    }
}
