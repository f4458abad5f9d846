import Database
import Features
import Kernel

/// Who may be meant by parts of a name: the pieces of all that each person is called, anywhere. Whoever searches looks at the names
/// themselves.
///
/// The database puts people in line when their names change; some at a time are taken from there, and whoever searches looks at the
/// line as well. When the pieces are to be cut in another way (`version`), all are cut anew, from the newest to the oldest,
/// and until that is done the names are read one after the other.
package enum NameIndex {
    private static let version = SearchText.version << 8 | 1
    /// Its row in `search_state`, of which the messages have the first.
    private static let row = 2
    private static let batch = 50
    /// Among more people than these, those of one server are found as soon by reading the names of its members.
    private static let maximumCandidates = 1000
    /// How long others have the database to themselves when all is cut anew.
    private static let pause = Duration.milliseconds(5)

    // MARK: Searching

    /// All who may be meant, whether one knows them or not; nil when they are too many, or not known.
    static func candidates(for query: NameQuery, _ tx: Transaction) throws -> [UserID]? {
        let pieces = query.pieces
        guard !pieces.isEmpty, try isWhole(tx) else { return nil }
        let found = try matching(pieces, tx) + (try queued(limit: maximumCandidates + 1, tx))
        return found.count > maximumCandidates ? nil : Array(Set(found))
    }

    private static func isWhole(_ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM search_state WHERE id = $1 AND version = $2 AND next_id = 0", [row, version])
    }

    private static func matching(_ pieces: Set<Int32>, _ tx: Transaction) throws -> [UserID] {
        switch tx.dialect {
        case .sqlite:
            try tx.all(
                "SELECT rowid FROM name_search WHERE name_search MATCH $1 LIMIT $2",
                [TextPieces.all(pieces), maximumCandidates + 1]
            ) { $0.id(0) }
        case .postgresql:
            try tx.all(
                "SELECT user_id FROM name_search WHERE pieces @> $1::integer[] LIMIT $2",
                [TextPieces.array(pieces.sorted()), maximumCandidates + 1]
            ) { $0.id(0) }
        }
    }

    private static func queued(limit: Int, _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT user_id FROM name_queue ORDER BY user_id LIMIT $1", [limit]) { $0.id(0) }
    }

    // MARK: Working off the line

    /// Brings the index a step further.
    /// - Returns: whether there may be more to do.
    package static func advance(in database: any SQLDatabase) async throws -> Bool {
        let state = try await database.read { tx in
            (isWhole: try isWhole(tx), isIdle: try queued(limit: 1, tx).isEmpty)
        }
        if state.isWhole && state.isIdle { return false }
        if !state.isWhole { try await Task.sleep(for: pause) }
        try await database.write { tx in
            let waiting = try queued(limit: batch, tx)
            try index(waiting.isEmpty ? older(tx) : waiting, tx)
        }
        return true
    }

    /// The newest that are not cut in this version's way.
    private static func older(_ tx: Transaction) throws -> [UserID] {
        try tx.execute(
            """
            UPDATE search_state SET version = $2, next_id = (SELECT COALESCE(MAX(id), 0) FROM users) + 1
            WHERE id = $1 AND version <> $2
            """, [row, version])
        let users = try tx.all(
            """
            SELECT id FROM users WHERE id < (SELECT next_id FROM search_state WHERE id = $1) ORDER BY id DESC LIMIT $2
            """, [row, batch]
        ) { $0.id(0, UserID.self) }
        try tx.execute(
            "UPDATE search_state SET next_id = $2 WHERE id = $1",
            [row, users.count < batch ? UserID(rawValue: 0) : users.last])
        return users
    }

    private static func index(_ users: [UserID], _ tx: Transaction) throws {
        let list = SQLList(users)
        var names = try tx.all("SELECT id, username, display_name FROM users WHERE id = ANY ($1)", [list]) {
            (user: $0.id(0, UserID.self), names: [$0.text(1), $0.textOrNil(2)])
        }
        names += try tx.all(
            "SELECT user_id, nickname FROM members WHERE user_id = ANY ($1) AND nickname IS NOT NULL", [list]
        ) { ($0.id(0), [$0.text(1)]) }
        var pieces: [UserID: Set<Int32>] = [:]
        for (user, names) in names {
            for case let name? in names {
                pieces[user, default: []].formUnion(TextPieces.pieces(of: SearchText(name)))
            }
        }
        switch tx.dialect {
        case .sqlite: try tx.execute("DELETE FROM name_search WHERE rowid = ANY ($1)", [list])
        case .postgresql: try tx.execute("DELETE FROM name_search WHERE user_id = ANY ($1)", [list])
        }
        for (user, pieces) in pieces { try insert(user, pieces, tx) }
        try tx.execute("DELETE FROM name_queue WHERE user_id = ANY ($1)", [list])
    }

    private static func insert(_ user: UserID, _ pieces: Set<Int32>, _ tx: Transaction) throws {
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
}
