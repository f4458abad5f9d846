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
    static let version = SearchText.version << 8 | 1
    private static let batch = 50
    /// Among more people than these, those of one server are found as soon by reading the names of its members.
    private static let maximumCandidates = 1000
    /// How long others have the database to themselves when all is cut anew.
    private static let pause = Duration.milliseconds(5)

    /// All who may be meant, whether one knows them or not; nil when they are too many, or not known.
    static func candidates(for query: NameQuery, _ tx: Transaction) throws -> [UserID]? {
        let pieces = query.pieces
        guard !pieces.isEmpty, try NameIndexStore.isWhole(tx) else { return nil }
        var found = try NameIndexStore.users(having: pieces, limit: maximumCandidates + 1, tx)
        found += try NameIndexStore.queued(limit: maximumCandidates + 1, tx)
        return found.count > maximumCandidates ? nil : Array(Set(found))
    }

    /// Brings the index a step further.
    /// - Returns: whether there may be more to do.
    package static func advance(in database: any SQLDatabase) async throws -> Bool {
        let state = try await database.read { tx in
            (isWhole: try NameIndexStore.isWhole(tx), isIdle: try NameIndexStore.queued(limit: 1, tx).isEmpty)
        }
        if state.isWhole && state.isIdle { return false }
        if !state.isWhole { try await Task.sleep(for: pause) }
        try await database.write { tx in
            let waiting = try NameIndexStore.queued(limit: batch, tx)
            try index(waiting.isEmpty ? NameIndexStore.older(limit: batch, tx) : waiting, tx)
        }
        return true
    }

    private static func index(_ users: [UserID], _ tx: Transaction) throws {
        try NameIndexStore.remove(users, tx)
        for (user, names) in try MemberStore.allNames(of: users, tx) {
            let pieces = names.reduce(into: Set<Int32>()) { $0.formUnion(TextPieces.pieces(of: SearchText($1))) }
            try NameIndexStore.insert(user, pieces, tx)
        }
    }
}
