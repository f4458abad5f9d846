import Database
import Kernel

enum UserSettingStore {
    static func values(of user: UserID, _ tx: Transaction) throws -> [String: String] {
        let rows = try tx.all("SELECT key, value FROM user_settings WHERE user_id = $1", [user]) {
            ($0.text(0), $0.text(1))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    static func value(_ key: String, of user: UserID, _ tx: Transaction) throws -> String? {
        try tx.first("SELECT value FROM user_settings WHERE user_id = $1 AND key = $2", [user, key]) { $0.text(0) }
    }

    static func set(_ key: String, _ value: String, of user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO user_settings (user_id, key, value, updated_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
            """, [user, key, value, tx.now])
    }

    static func delete(_ key: String, of user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM user_settings WHERE user_id = $1 AND key = $2 RETURNING key", [user, key]) == 1
    }
}
