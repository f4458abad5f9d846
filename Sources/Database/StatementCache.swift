/// The statements that are prepared on a connection. When there are too many, the one that has not been
/// used for the longest time goes.
struct StatementCache<Statement> {
    private struct Entry {
        let statement: Statement
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [StaticSQL: Entry] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    mutating func statement(_ sql: StaticSQL) -> Statement? {
        guard let index = entries.index(forKey: sql) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].statement
    }

    /// - Returns: the statement that had to go for it.
    mutating func add(_ statement: Statement, for sql: StaticSQL) -> Statement? {
        var evicted: Statement?
        if entries[sql] == nil, entries.count >= capacity,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            evicted = oldest.value.statement
            entries[oldest.key] = nil
        }
        uses += 1
        entries[sql] = Entry(statement: statement, lastUse: uses)
        return evicted
    }

    mutating func remove(_ sql: StaticSQL) { entries[sql] = nil }
}
