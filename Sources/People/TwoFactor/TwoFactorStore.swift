import Database
import Kernel

/// A user's second factor, as the database has it.
package struct StoredTwoFactor: Sendable {
    let code: TimeBasedCode
    /// False between the setup and its confirmation.
    package let isConfirmed: Bool
    /// The newest step whose code was used.
    let lastStep: Int64
}

package enum TwoFactorStore {
    package static func twoFactor(of user: UserID, _ tx: Transaction) throws -> StoredTwoFactor? {
        try tx.first("SELECT secret, is_confirmed, last_step FROM two_factor WHERE user_id = $1", [user]) {
            StoredTwoFactor(
                code: TimeBasedCode(secret: $0.bytes(0)), isConfirmed: $0.bool(1), lastStep: $0.integer(2))
        }
    }

    /// Stores a setup that is to be confirmed, in the place of an earlier one.
    static func begin(_ code: TimeBasedCode, backupCodes: [[UInt8]], of user: UserID, _ tx: Transaction) throws {
        try delete(of: user, tx)
        try tx.execute(
            """
            INSERT INTO two_factor (user_id, secret, is_confirmed, last_step, created_at)
            VALUES ($1, $2, FALSE, 0, $3)
            """, [user, code.secret, tx.now])
        for hash in backupCodes {
            try tx.execute("INSERT INTO backup_codes (user_id, code_hash) VALUES ($1, $2)", [user, hash])
        }
    }

    static func confirm(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE two_factor SET is_confirmed = TRUE WHERE user_id = $1", [user])
    }

    static func use(_ step: Int64, of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE two_factor SET last_step = $2 WHERE user_id = $1", [user, step])
    }

    /// - Returns: whether there was such a code; there is none any more.
    static func takeBackupCode(_ hash: [UInt8], of user: UserID, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "DELETE FROM backup_codes WHERE user_id = $1 AND code_hash = $2 RETURNING user_id", [user, hash]) > 0
    }

    static func backupCodeCount(of user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM backup_codes WHERE user_id = $1", [user]) { $0.int(0) } ?? 0
    }

    package static func delete(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM two_factor WHERE user_id = $1", [user])
        try tx.execute("DELETE FROM backup_codes WHERE user_id = $1", [user])
    }
}
