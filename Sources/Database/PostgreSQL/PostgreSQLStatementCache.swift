/// The statements that are prepared on a connection, by their text. When there are too many, the one that has not been
/// used for the longest time goes.
struct PostgreSQLStatementCache {
    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0
    private var namesGiven: UInt64 = 0
    /// What the server still keeps and nobody will use again.
    private(set) var evictedNames: [String] = []

    init(capacity: Int) { self.capacity = capacity }

    mutating func name(of sql: String) -> String? {
        guard let index = entries.index(forKey: sql) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// - Returns: the name under which `sql` is to be prepared. No two statements of a connection have the same.
    mutating func add(_ sql: String) -> String {
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            evictedNames.append(oldest.value.name)
            entries[oldest.key] = nil
        }
        uses += 1
        namesGiven += 1
        let name = "s\(namesGiven)"
        entries[sql] = Entry(name: name, lastUse: uses)
        return name
    }

    /// The server did not come to prepare it.
    mutating func forget(_ sql: String, named name: String) {
        if entries[sql]?.name == name { entries[sql] = nil }
        evictedNames.removeAll { $0 == name }
    }

    mutating func takeEvictedNames() -> [String] {
        defer { evictedNames = [] }
        return evictedNames
    }
}
