/// Jobs in the order of their arrival, any of which can leave.
struct PostgreSQLJobQueue {
    private var jobs: [UInt64: PostgreSQLPool.Job] = [:]
    /// Identifiers in order of arrival. Those that have left are skipped.
    private var order: [UInt64] = []
    private var head = 0

    /// - Returns: false when it is full.
    mutating func append(_ job: PostgreSQLPool.Job, maximum: Int) -> Bool {
        guard jobs.count < maximum else { return false }
        compact()
        jobs[job.id] = job
        order.append(job.id)
        return true
    }

    var count: Int { jobs.count }

    func job(_ id: UInt64) -> PostgreSQLPool.Job? { jobs[id] }

    var first: UInt64? {
        mutating get {
            while head < order.count, jobs[order[head]] == nil { head += 1 }
            return head < order.count ? order[head] : nil
        }
    }

    mutating func removeFirst() -> PostgreSQLPool.Job? { first.flatMap { remove($0) } }

    mutating func remove(_ id: UInt64) -> PostgreSQLPool.Job? { jobs.removeValue(forKey: id) }

    mutating func removeAll() -> [PostgreSQLPool.Job] {
        defer { self = PostgreSQLJobQueue() }
        return order[head...].compactMap { jobs[$0] }
    }

    /// Forgets those that have left, seldom enough to cost nothing.
    private mutating func compact() {
        guard order.count > 2 * jobs.count + 64 else { return }
        order = order[head...].filter { jobs[$0] != nil }
        head = 0
    }
}
