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
    /// A batch with so many pieces takes nobody more: some people have a name in each of a hundred servers.
    private static let usualPieces = 5000
    /// Among more people than these, those of one server are found as soon by reading the names of its members.
    private static let maximumCandidates = 1000
    /// How long others have the database to themselves while there is much to do.
    private static let pause = Duration.milliseconds(5)

    /// All who may be meant, whether one knows them or not; nil when they are too many, or not known.
    static func candidates(for query: NameQuery, _ tx: Transaction) throws -> [UserID]? {
        let pieces = query.pieces
        guard !pieces.isEmpty, try NameIndexStore.isWhole(tx) else { return nil }
        var found = try NameIndexStore.users(having: pieces, limit: maximumCandidates + 1, tx)
        found += try NameIndexStore.queued(limit: maximumCandidates + 1, tx)
        return found.count > maximumCandidates ? nil : Array(Set(found))
    }

    // MARK: Working off the line

    private enum Step: Sendable {
        case nothing
        /// The index was made by another version.
        case beginAnew
        /// Nobody is in line: more of those who are not cut anew can be put there.
        case fetchOlder
        /// Some of the line, with what each was called when it was looked at.
        case index([Entry])
    }

    private struct Entry: Sendable {
        let user: UserID
        /// Nil for who is called nothing any more.
        let names: [String]?
        let pieces: Set<Int32>
    }

    /// Brings the index a step further.
    /// - Returns: whether there may be more to do.
    package static func advance(in database: any SQLDatabase) async throws -> Bool {
        // To cut is most of the work, and nobody who writes has to wait for it.
        let step = try await database.read { tx in try next(tx) }
        switch step {
        case .nothing: return false
        case .beginAnew: try await database.write { tx in try NameIndexStore.beginAnew(tx) }
        case .fetchOlder: try await database.write { tx in try NameIndexStore.enqueueOlder(limit: batch, tx) }
        case .index(let entries): try await database.write { tx in try index(entries, tx) }
        }
        try await Task.sleep(for: pause)
        return true
    }

    private static func next(_ tx: Transaction) throws -> Step {
        guard try NameIndexStore.isCurrent(tx) else { return .beginAnew }
        let waiting = try NameIndexStore.queued(limit: batch, tx)
        guard !waiting.isEmpty else { return try NameIndexStore.isWhole(tx) ? .nothing : .fetchOlder }
        let names = try MemberStore.allNames(of: waiting, tx)
        var (entries, count) = ([Entry](), 0)
        for user in waiting where count < usualPieces {
            let pieces = (names[user] ?? []).reduce(into: Set<Int32>()) {
                $0.formUnion(TextPieces.pieces(of: SearchText($1)))
            }
            count += pieces.count
            entries.append(Entry(user: user, names: names[user], pieces: pieces))
        }
        return .index(entries)
    }

    /// Moves people from the line into the index, but for those who are called otherwise meanwhile: they stay for the next time.
    private static func index(_ entries: [Entry], _ tx: Transaction) throws {
        // Another node may have begun anew since.
        guard try NameIndexStore.isCurrent(tx) else { return }
        let names = try MemberStore.allNames(of: entries.map(\.user), tx)
        let unchanged = entries.filter { names[$0.user] == $0.names }
        guard !unchanged.isEmpty else { return }
        try NameIndexStore.remove(unchanged.map(\.user), tx)
        for entry in unchanged where !entry.pieces.isEmpty {
            try NameIndexStore.insert(entry.user, entry.pieces, tx)
        }
    }
}
