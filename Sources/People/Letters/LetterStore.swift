import Database
import Features
import Kernel

enum LetterStore {
    /// Longer than two messages take that the mailer sends one after another.
    static let lease = Lease(.seconds(180))

    private static let shape = RowShape<Letter> { row in
        Letter(
            id: row["id", \.id], kind: try row.word("kind", \.kind), user: row["user_id", \.user],
            address: row["address", \.address],
            details: JSON(text: row["details", { JSON.object($0.details).text }])?.object ?? [:],
            createdAt: row["created_at", \.createdAt], dueAt: row["due_at", \.dueAt],
            attempts: row["attempts", \.attempts])
    }

    private static let taken = RowShape<TakenLetter> { row in
        TakenLetter(letter: try row.part(shape), until: row["taken_until"])
    }

    static func insert(_ letter: Letter, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO letters (\(shape.stored)) VALUES (\(shape.placeholders))", shape.values(of: letter))
    }

    // MARK: Whose they are

    /// Those of which nobody knows yet whose they are. Uses `letters_by_user`.
    static func unassigned(limit: Int, _ tx: Transaction) throws -> [Letter] {
        try tx.all(
            "SELECT \(shape.columns) FROM letters WHERE user_id IS NULL ORDER BY id LIMIT $1", [limit], as: shape)
    }

    static func assign(_ letter: LetterID, to user: User, _ tx: Transaction) throws {
        try tx.execute("UPDATE letters SET user_id = $2, address = $3 WHERE id = $1", [letter, user.id, user.email])
    }

    /// How many of a kind wait for somebody, without what is being sent. Uses `letters_by_user`.
    static func count(_ kind: Letter.Kind, to user: UserID, _ tx: Transaction) throws -> Int {
        try tx.first(
            "SELECT COUNT(*) FROM letters WHERE user_id = $1 AND kind = $2 AND taken_until IS NULL",
            [user, kind.rawValue]
        ) { $0.int(0) } ?? 0
    }

    // MARK: Sending

    /// Those that nobody is sending, the oldest first. Uses `letters_due`.
    static func due(limit: Int, _ tx: Transaction) throws -> [LetterID] {
        try tx.all(
            """
            SELECT id FROM letters WHERE due_at <= $1 AND user_id IS NOT NULL AND \(lease.isFree(tx.dialect))
                AND kind = ANY ($3) AND \(SetAsideStore.none(of: .letter, "CAST(letters.id AS TEXT)"))
            ORDER BY due_at, id LIMIT $2
            """, [tx.now, limit, SQLList(Letter.Kind.allCases.map(\.rawValue))]
        ) { $0.id(0) }
    }

    /// - Returns: nil when it is gone, or another one was faster.
    static func take(_ letter: LetterID, _ tx: Transaction) throws -> TakenLetter? {
        try tx.first(
            """
            UPDATE letters SET taken_until = \(lease.end(tx.dialect)), attempts = attempts + 1
            WHERE id = $1 AND \(lease.isFree(tx.dialect)) RETURNING \(taken.columns)
            """, [letter], as: taken)
    }

    /// - Returns: false when it was not one's own any more.
    @discardableResult
    static func end(_ taken: TakenLetter, _ tx: Transaction) throws -> Bool {
        try tx.count(
            "DELETE FROM letters WHERE id = $1 AND taken_until = $2 RETURNING id", [taken.letter.id, taken.until]) == 1
    }

    static func putBack(_ taken: TakenLetter, until moment: Timestamp, _ tx: Transaction) throws {
        try tx.execute(
            "UPDATE letters SET taken_until = NULL, due_at = $3 WHERE id = $1 AND taken_until = $2",
            [taken.letter.id, taken.until, moment])
    }

    static func delete(_ letter: LetterID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM letters WHERE id = $1", [letter])
    }

    // MARK: Room

    static func count(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM letters") { $0.int(0) } ?? 0
    }

    /// Leaves the oldest.
    /// - Returns: how many went.
    static func trim(to count: Int, _ tx: Transaction) throws -> Int {
        try tx.count(
            """
            DELETE FROM letters WHERE id IN (SELECT id FROM letters ORDER BY id LIMIT 10000 OFFSET $1) RETURNING id
            """, [count])
    }

    /// Removes what no version of the program has sent, whatever its kind.
    /// - Returns: how many went.
    static func forget(before moment: Timestamp, _ tx: Transaction) throws -> Int {
        try tx.count("DELETE FROM letters WHERE created_at <= $1 RETURNING id", [moment])
    }
}

/// A letter that somebody sends.
struct TakenLetter: Sendable {
    let letter: Letter
    let until: Timestamp
}
