import Dispatch
import Foundation
import NIOConcurrencyHelpers

/// A bounded number of threads, each with a connection of its own, and the transactions that wait for them.
///
/// A part of the threads only serves readers: they go on when all the others wait for a lock. A thread that gets no connection
/// while others have theirs, since the server grants fewer than were asked for, leaves its work to them until it has one.
final class PostgreSQLPool: Sendable {
    enum Access {
        case read
        case write(WriteLane)
    }

    enum Work: Sendable {
        case single(@Sendable (PostgreSQLSession) -> Void)
        /// Others may go into the same transaction.
        case shared(WriteJob)
    }

    /// What is to be done, and its caller, who is answered once: by `work` or by `fail`.
    struct Job: Sendable {
        let id: UInt64
        let access: Access
        let work: Work
        let fail: @Sendable (any Error) -> Void

        fileprivate var shared: WriteJob? { if case .shared(let job) = work { job } else { nil } }
    }

    /// More than this many closures in one commit would only make the first of them wait longer.
    private static let maximumGroup = 32

    fileprivate final class Worker: Sendable {
        /// Of the lane that is this one's alone; nil for one that serves readers only.
        let lane: Int?
        let turn = DispatchSemaphore(value: 0)
        let handed = NIOLockedValueBox<Job?>(nil)

        init(lane: Int?) { self.lane = lane }
    }

    /// More often than this a thread without a connection does not look whether it may have one now.
    private static let patience = DispatchTimeInterval.milliseconds(250)

    fileprivate struct State {
        var readers = PostgreSQLJobQueue()
        /// Whatever any writer may do.
        var writers = PostgreSQLJobQueue()
        /// What only one of them may do, for each.
        var lanes: [PostgreSQLJobQueue] = []
        /// Those whose thread is at work.
        var openLanes: [Int] = []
        var connected: Set<ObjectIdentifier> = []
        /// The one that became idle last is first to work again: its connection is the warmest.
        var idle: [Worker] = []
        var workerCount = 0
        var lastID: UInt64 = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let maximumWaiting: Int
    private let state = NIOLockedValueBox(State())

    init(maximumWaiting: Int) { self.maximumWaiting = maximumWaiting }

    var isClosed: Bool { state.withLockedValue { $0.isClosed } }

    /// - Parameter makeSession: called once on each thread.
    func start(connections: Int, makeSession: @escaping @Sendable () -> PostgreSQLSession) {
        let count = max(2, connections)
        let readersOnly = max(1, count / 4)
        state.withLockedValue { state in
            state.workerCount = count
            state.lanes = Array(repeating: PostgreSQLJobQueue(), count: count - readersOnly)
            state.openLanes = Array(state.lanes.indices)
        }
        for number in 1...count {
            let worker = Worker(lane: number > readersOnly ? number - readersOnly - 1 : nil)
            let thread = Thread { self.serve(worker, makeSession()) }
            thread.name = "postgresql-\(number)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    func nextID() -> UInt64 {
        state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
    }

    // MARK: Jobs

    func submit(_ job: Job) {
        let refusal = state.withLockedValue { $0.place(job, maximum: maximumWaiting) }
        if let refusal { job.fail(refusal) }
    }

    /// Takes a job out of the queue. One that runs already goes on to its end.
    func cancel(_ id: UInt64) {
        let job = state.withLockedValue { $0.remove(id) }
        job?.fail(CancellationError())
    }

    private func serve(_ worker: Worker, _ session: PostgreSQLSession) {
        while let job = nextJob(for: worker) {
            guard hasConnection(worker, session) else {
                standAside(worker, with: job)
                awaitConnection(worker, session)
                continue
            }
            switch job.work {
            case .single(let run): run(session)
            case .shared(let first):
                let others = state.withLockedValue { $0.dequeueShared(for: worker, atMost: Self.maximumGroup - 1) }
                session.write(first, beside: others)
            }
        }
        session.disconnect()
        let closers = state.withLockedValue { state in
            state.workerCount -= 1
            return state.workerCount == 0 ? state.takeClosers() : []
        }
        for closer in closers { closer.resume() }
    }

    /// - Returns: nil when the pool is closed.
    private func nextJob(for worker: Worker) -> Job? {
        let (job, isClosed) = state.withLockedValue { state in
            let job = state.dequeue(for: worker)
            if job == nil, !state.isClosed { state.idle.append(worker) }
            return (job, state.isClosed)
        }
        if job != nil || isClosed { return job }
        worker.turn.wait()
        return worker.handed.withLockedValue { handed in
            defer { handed = nil }
            return handed
        }
    }

    // MARK: Fewer connections than threads

    /// - Returns: true also where nobody has a connection: then the server is away, and each job waits for it as long as it may.
    private func hasConnection(_ worker: Worker, _ session: PostgreSQLSession) -> Bool {
        let isConnected = session.isConnected || session.connectsAtOnce()
        return state.withLockedValue { state in
            let name = ObjectIdentifier(worker)
            if isConnected { state.connected.insert(name) } else { state.connected.remove(name) }
            return isConnected || state.connected.isEmpty
        }
    }

    /// Leaves the job, and whatever waits for this thread alone, to the others.
    private func standAside(_ worker: Worker, with job: Job) {
        let refused = state.withLockedValue { state in
            state.openLanes.removeAll { $0 == worker.lane }
            let own = worker.lane.map { state.lanes[$0].removeAll() } ?? []
            // Threads that are idle may have become those that serve them.
            let writers = state.openLanes.isEmpty ? state.writers.removeAll() : []
            return ([job] + own + writers).compactMap { job in
                state.place(job, maximum: maximumWaiting).map { (job, $0) }
            }
        }
        for (job, refusal) in refused { job.fail(refusal) }
    }

    private func awaitConnection(_ worker: Worker, _ session: PostgreSQLSession) {
        while !isClosed, !hasConnection(worker, session) { _ = worker.turn.wait(timeout: .now() + Self.patience) }
        state.withLockedValue { state in
            if let lane = worker.lane { state.openLanes.append(lane) }
        }
    }

    // MARK: Closing

    /// Turns away what waits and what comes. What runs goes on to its end.
    func beginClosing() {
        let (jobs, idle) = state.withLockedValue { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.removeAll(), state.idle)
        }
        for job in jobs { job.fail(DatabaseError.closed) }
        for worker in idle { worker.turn.signal() }
    }

    /// Returns when the threads have let go of their connections.
    func close() async {
        beginClosing()
        await withCheckedContinuation { continuation in
            let isDone = state.withLockedValue { state in
                if state.workerCount > 0 { state.closers.append(continuation) }
                return state.workerCount == 0
            }
            if isDone { continuation.resume() }
        }
    }
}

extension PostgreSQLPool.State {
    /// Gives a job to a thread that is idle, or into a queue.
    /// - Returns: why it can't be done.
    fileprivate mutating func place(_ job: PostgreSQLPool.Job, maximum: Int) -> DatabaseError? {
        if isClosed { return .closed }
        if let worker = takeIdleWorker(for: job.access) {
            worker.handed.withLockedValue { $0 = job }
            worker.turn.signal()
            return nil
        }
        return enqueue(job, maximum: maximum) ? nil : .overloaded
    }

    /// The lane that a writer is bound to.
    private func lane(of access: PostgreSQLPool.Access) -> Int? {
        guard case .write(.same(let number)) = access, !openLanes.isEmpty else { return nil }
        // Not `hashValue`, which gives neighbours the same lane as often as not: identifiers end in a counter.
        return openLanes[Int((UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15) >> 33) % openLanes.count]
    }

    /// Readers take a thread that is of no use to writers first.
    fileprivate mutating func takeIdleWorker(for access: PostgreSQLPool.Access) -> PostgreSQLPool.Worker? {
        let place =
            switch access {
            case .read: idle.lastIndex { $0.lane == nil } ?? idle.indices.last
            case .write:
                if let lane = lane(of: access) {
                    idle.lastIndex { $0.lane == lane }
                } else {
                    idle.lastIndex { $0.lane != nil || openLanes.isEmpty }
                }
            }
        return place.map { idle.remove(at: $0) }
    }

    fileprivate mutating func enqueue(_ job: PostgreSQLPool.Job, maximum: Int) -> Bool {
        switch job.access {
        case .read: return readers.append(job, maximum: maximum)
        case .write:
            guard writers.count + lanes.reduce(0, { $0 + $1.count }) < maximum else { return false }
            guard let lane = lane(of: job.access) else { return writers.append(job, maximum: maximum) }
            return lanes[lane].append(job, maximum: maximum)
        }
    }

    /// Whoever has waited longest, of those that the worker serves.
    fileprivate mutating func dequeue(for worker: PostgreSQLPool.Worker) -> PostgreSQLPool.Job? {
        // While no thread that serves writers has a connection, those for readers do it.
        let writer = worker.lane != nil || openLanes.isEmpty ? writers.first : nil
        let (reader, own) = (readers.first, worker.lane.flatMap { lanes[$0].first })
        switch [reader, writer, own].compactMap({ $0 }).min() {
        case nil: return nil
        case reader: return readers.removeFirst()
        case writer: return writers.removeFirst()
        default: return worker.lane.flatMap { lanes[$0].removeFirst() }
        }
    }

    /// What goes into the same transaction of this worker.
    fileprivate mutating func dequeueShared(for worker: PostgreSQLPool.Worker, atMost count: Int) -> [WriteJob] {
        guard let lane = worker.lane else { return [] }
        var jobs: [WriteJob] = []
        while jobs.count < count {
            if let job = lanes[lane].removeFirst()?.shared {
                jobs.append(job)
            } else if let next = writers.first, let job = writers.job(next)?.shared {
                _ = writers.removeFirst()
                jobs.append(job)
            } else {
                break
            }
        }
        return jobs
    }

    fileprivate mutating func remove(_ id: UInt64) -> PostgreSQLPool.Job? {
        if let job = readers.remove(id) ?? writers.remove(id) { return job }
        for lane in lanes.indices {
            if let job = lanes[lane].remove(id) { return job }
        }
        return nil
    }

    fileprivate mutating func removeAll() -> [PostgreSQLPool.Job] {
        readers.removeAll() + writers.removeAll() + lanes.indices.flatMap { lanes[$0].removeAll() }
    }

    fileprivate mutating func takeClosers() -> [CheckedContinuation<Void, Never>] {
        defer { closers = [] }
        return closers
    }
}
