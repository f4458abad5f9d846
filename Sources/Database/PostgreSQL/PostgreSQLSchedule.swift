/// In which order the threads of a pool do what is asked of it, and which closures share a transaction.
///
/// Whoever has waited longest is next. Closures that change the same rows never run beside each other. And a group begins only
/// when there is company for it, or after a moment: a commit of many closures costs little more than that of one, and the fewer
/// transactions there are, the less they collide. Those whom the group before has served come back at about the same time, so
/// three quarters of them are waited for; beside a group that runs, another one begins when it is full.
struct PostgreSQLSchedule {
    typealias Job = PostgreSQLPool.Job

    /// What a thread is for.
    enum Role {
        case readers
        case all
    }

    enum Patience {
        /// Leaves closures waiting for groups that run to end, so that those go together that come meanwhile.
        case some
        case none
    }

    /// A job that a thread has taken. The lanes that it and its company are in are its own until it ends.
    struct Turn {
        let job: Job
        fileprivate let number: UInt64
    }

    private enum Line {
        case readers
        /// What may run beside everything else.
        case writers
        case lane(Int)
    }

    /// More than this many closures in one commit would only make the first of them wait longer.
    static let maximumGroup = 32
    private static let laneCount = 64

    /// How many threads serve writers. While there is none, those for readers do it.
    var writerCount: Int
    private var readers = PostgreSQLJobQueue()
    private var writers = PostgreSQLJobQueue()
    private var lanes = Array(repeating: PostgreSQLJobQueue(), count: laneCount)
    /// The turns that have the lanes.
    private var owners = [UInt64?](repeating: nil, count: laneCount)
    /// Turns whose transaction several closures can share.
    private var groups: Set<UInt64> = []
    private var turnCount: UInt64 = 0
    /// How many closures the newest group has.
    private var lastGroup = 1

    init(writerCount: Int) { self.writerCount = writerCount }

    // MARK: Coming and going

    /// - Returns: false when too many wait already.
    mutating func add(_ job: Job, maximum: Int) -> Bool {
        switch line(of: job.access) {
        case .readers: return readers.append(job, maximum: maximum)
        case let line:
            guard writers.count + lanes.reduce(0, { $0 + $1.count }) < maximum else { return false }
            return change(line) { $0.append(job, maximum: maximum) }
        }
    }

    mutating func remove(_ id: UInt64) -> Job? {
        if let job = readers.remove(id) ?? writers.remove(id) { return job }
        for lane in lanes.indices {
            if let job = lanes[lane].remove(id) { return job }
        }
        return nil
    }

    mutating func removeAll() -> [Job] {
        readers.removeAll() + writers.removeAll() + lanes.indices.flatMap { lanes[$0].removeAll() }
    }

    private func line(of access: PostgreSQLPool.Access) -> Line {
        switch access {
        case .read: .readers
        // Not `hashValue`, which gives neighbours the same lane as often as not: identifiers end in a counter.
        case .write(.same(let number, _)): .lane(Int((UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15) >> 58))
        case .write: .writers
        }
    }

    private mutating func change<Result>(_ line: Line, _ body: (inout PostgreSQLJobQueue) -> Result) -> Result {
        switch line {
        case .readers: body(&readers)
        case .writers: body(&writers)
        case .lane(let lane): body(&lanes[lane])
        }
    }

    // MARK: Turns

    /// Closures wait so long for company: longer where much is going on.
    var gathering: Duration { min(.microseconds(500) * lastGroup, .milliseconds(8)) }

    var hasReader: Bool { readers.count > 0 }

    /// Whether a writer waits that may begin.
    mutating func hasWriter(_ patience: Patience) -> Bool { oldestWriter().map { mayStart($0, patience) } ?? false }

    /// - Returns: nil when there is nothing to be done, or what there is had better wait.
    mutating func takeTurn(for role: Role, _ patience: Patience) -> Turn? {
        guard let line = nextLine(role, patience), let job = change(line, { $0.removeFirst() }) else { return nil }
        turnCount += 1
        own(line, turnCount)
        if job.shared != nil { groups.insert(turnCount) }
        return Turn(job: job, number: turnCount)
    }

    /// What goes into the same transaction.
    mutating func takeCompany(for turn: Turn) -> [WriteJob] {
        guard turn.job.shared != nil else { return [] }
        let company = takeCompany(for: turn, atMost: Self.maximumGroup - 1)
        lastGroup = 1 + company.count
        return company
    }

    /// What has come meanwhile to lanes that the turn has, and still goes into the same transaction.
    /// - Parameter count: of those that are in it.
    mutating func takeLateCompany(for turn: Turn, in numbers: Set<Int64>, beside count: Int) -> [WriteJob] {
        let owned = Set(lanes.indices.filter { owners[$0] == turn.number })
        let room = Self.maximumGroup - count
        let late = takeCompany(for: turn, atMost: room, of: owned) { $0.lane.map(numbers.contains) ?? false }
        lastGroup = min(lastGroup + late.count, Self.maximumGroup)
        return late
    }

    /// - Parameter owned: only what waits in these lanes.
    private mutating func takeCompany(
        for turn: Turn, atMost room: Int, of owned: Set<Int>? = nil, where isFit: (WriteJob) -> Bool = { _ in true }
    ) -> [WriteJob] {
        var company: [WriteJob] = []
        while company.count < room, let oldest = oldestWriter(for: turn.number, of: owned),
            let job = change(oldest.line, { $0.job(oldest.id)?.shared }), isFit(job)
        {
            _ = change(oldest.line) { $0.removeFirst() }
            own(oldest.line, turn.number)
            company.append(job)
        }
        return company
    }

    mutating func end(_ turn: Turn) {
        groups.remove(turn.number)
        for lane in owners.indices where owners[lane] == turn.number { owners[lane] = nil }
    }

    private mutating func own(_ line: Line, _ turn: UInt64) {
        if case .lane(let lane) = line { owners[lane] = turn }
    }

    /// Where whoever is next waits.
    private mutating func nextLine(_ role: Role, _ patience: Patience) -> Line? {
        let reader = readers.first
        guard role == .all || writerCount == 0, let writer = oldestWriter(), mayStart(writer, patience) else {
            return reader.map { _ in .readers }
        }
        return reader.map { $0 < writer.id } == true ? .readers : writer.line
    }

    /// - Parameter turn: has lanes of its own.
    private mutating func oldestWriter(for turn: UInt64? = nil, of owned: Set<Int>? = nil) -> (id: UInt64, line: Line)?
    {
        var oldest = owned == nil ? writers.first.map { (id: $0, line: Line.writers) } : nil
        for lane in lanes.indices where lanes[lane].count > 0 && (owners[lane] == nil || owners[lane] == turn) {
            guard owned?.contains(lane) ?? true, let id = lanes[lane].first, oldest.map({ id < $0.id }) ?? true else {
                continue
            }
            oldest = (id, .lane(lane))
        }
        return oldest
    }

    private func mayStart(_ writer: (id: UInt64, line: Line), _ patience: Patience) -> Bool {
        if case .none = patience { return true }
        if case .writers = writer.line, writers.job(writer.id)?.shared == nil { return true }
        let free = lanes.indices.reduce(writers.count) { $0 + (owners[$1] == nil ? lanes[$1].count : 0) }
        return free >= (groups.isEmpty ? (lastGroup * 3 + 3) / 4 : Self.maximumGroup)
    }
}
