import Database
import Features
import Kernel

/// The index of names, the line of those whose names have changed, and how far the index is when it is made anew.
enum NameIndexStore {
    // MARK: The index

    /// Whose names have all of some pieces.
    static func users(having pieces: Set<Int32>, limit: Int, _ tx: Transaction) throws -> [UserID] {
        switch tx.dialect {
        case .sqlite:
            try tx.all(
                "SELECT rowid FROM name_search WHERE name_search MATCH $1 LIMIT $2", [TextPieces.all(pieces), limit]
            ) { $0.id(0) }
        case .postgresql:
            try tx.all(
                "SELECT user_id FROM name_search WHERE pieces @> $1::integer[] LIMIT $2",
                [TextPieces.array(pieces.sorted()), limit]
            ) { $0.id(0) }
        }
    }

    static func insert(_ user: UserID, _ pieces: Set<Int32>, _ tx: Transaction) throws {
        switch tx.dialect {
        case .sqlite:
            try tx.execute(
                "INSERT INTO name_search (rowid, pieces) VALUES ($1, $2)", [user, TextPieces.words(pieces)])
        case .postgresql:
            try tx.execute(
                "INSERT INTO name_search (user_id, pieces) VALUES ($1, $2::integer[])",
                [user, TextPieces.array(pieces.sorted())])
        }
    }

    /// Takes them from the index and from the line.
    static func remove(_ users: [UserID], _ tx: Transaction) throws {
        switch tx.dialect {
        case .sqlite: try tx.execute("DELETE FROM name_search WHERE rowid = ANY ($1)", [SQLList(users)])
        case .postgresql: try tx.execute("DELETE FROM name_search WHERE user_id = ANY ($1)", [SQLList(users)])
        }
        try tx.execute("DELETE FROM name_queue WHERE user_id = ANY ($1)", [SQLList(users)])
    }

    // MARK: The line

    /// The first in line.
    static func queued(limit: Int, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM name_queue ORDER BY user_id LIMIT $1", [limit]) { $0.id(0) }
    }

    // MARK: Making the index anew

    static func isCurrent(_ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM name_state WHERE id = 1 AND version = $1", [NameIndex.version])
    }

    /// Whether everybody is in the index or in line.
    static func isWhole(_ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM name_state WHERE id = 1 AND version = $1 AND next_id = 0", [NameIndex.version])
    }

    /// What the index has stays until each is cut anew: nobody asks it meanwhile.
    static func beginAnew(_ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE name_state SET version = $1, next_id = (SELECT COALESCE(MAX(id), 0) FROM users) + 1
            WHERE id = 1 AND version <> $1
            """, [NameIndex.version])
    }

    /// Puts the newest in line who are not cut anew.
    static func enqueueOlder(limit: Int, _ tx: Transaction) throws {
        let users = try tx.all(
            """
            SELECT id FROM users WHERE id < (SELECT next_id FROM name_state WHERE id = 1) ORDER BY id DESC LIMIT $1
            """, [limit]
        ) { $0.id(0, UserID.self) }
        for user in users {
            try tx.execute("INSERT INTO name_queue (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING", [user])
        }
        try tx.execute(
            "UPDATE name_state SET next_id = $1 WHERE id = 1 AND version = $2",
            [users.count < limit ? UserID(rawValue: 0) : users.last, NameIndex.version])
    }
}
