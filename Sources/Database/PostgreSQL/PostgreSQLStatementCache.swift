/// The names of the statements that are prepared on a connection, and of those that the server can forget.
struct PostgreSQLStatementCache {
    private var names: StatementCache<String>
    private var namesGiven: UInt64 = 0
    /// What the server still keeps and nobody will use again.
    private(set) var evictedNames: [String] = []

    init(capacity: Int) { names = StatementCache(capacity: capacity) }

    mutating func name(of sql: StaticSQL) -> String? { names.statement(sql) }

    /// - Returns: the name under which `sql` is to be prepared. No two statements of a connection have the same.
    mutating func add(_ sql: StaticSQL) -> String {
        namesGiven += 1
        let name = "s\(namesGiven)"
        if let evicted = names.add(name, for: sql) { evictedNames.append(evicted) }
        return name
    }

    /// The server did not come to prepare it.
    mutating func forget(_ sql: StaticSQL, named name: String) {
        if names.statement(sql) == name { names.remove(sql) }
        evictedNames.removeAll { $0 == name }
    }

    mutating func takeEvictedNames() -> [String] {
        defer { evictedNames = [] }
        return evictedNames
    }
}
