import Dispatch
import Foundation
import NIOConcurrencyHelpers

/// A bounded number of threads, each with a connection of its own, and the transactions that wait for them.
///
/// A part of the threads only serves readers: they go on when all the others wait for a lock.
final class PostgreSQLPool: Sendable {
    enum Access {
        case read
        case write
    }

    /// A transaction and its caller, who is answered once: by `run` or by `fail`.
    struct Job: Sendable {
        let id: UInt64
        let access: Access
        let run: @Sendable (PostgreSQLSession) -> Void
        let fail: @Sendable (any Error) -> Void
    }

    fileprivate final class Worker: Sendable {
        let servesWriters: Bool
        let turn = DispatchSemaphore(value: 0)
        let handed = NIOLockedValueBox<Job?>(nil)

        init(servesWriters: Bool) { self.servesWriters = servesWriters }

        func serves(_ access: Access) -> Bool { servesWriters || access == .read }
    }

    fileprivate struct State {
        var readers = PostgreSQLJobQueue()
        var writers = PostgreSQLJobQueue()
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
        state.withLockedValue { $0.workerCount = count }
        for number in 1...count {
            let worker = Worker(servesWriters: number > readersOnly)
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
        let refusal: DatabaseError? = state.withLockedValue { state in
            if state.isClosed { return .closed }
            if let worker = state.takeIdleWorker(for: job.access) {
                worker.handed.withLockedValue { $0 = job }
                worker.turn.signal()
                return nil
            }
            return state.enqueue(job, maximum: maximumWaiting) ? nil : .overloaded
        }
        if let refusal { job.fail(refusal) }
    }

    /// Takes a job out of the queue. One that runs already goes on to its end.
    func cancel(_ id: UInt64) {
        let job = state.withLockedValue { $0.readers.remove(id) ?? $0.writers.remove(id) }
        job?.fail(CancellationError())
    }

    private func serve(_ worker: Worker, _ session: PostgreSQLSession) {
        while let job = nextJob(for: worker) { job.run(session) }
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

    // MARK: Closing

    /// Turns away what waits and what comes. What runs goes on to its end.
    func beginClosing() {
        let (jobs, idle) = state.withLockedValue { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.readers.removeAll() + state.writers.removeAll(), state.idle)
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
    /// Readers take a thread that is of no use to writers first.
    fileprivate mutating func takeIdleWorker(for access: PostgreSQLPool.Access) -> PostgreSQLPool.Worker? {
        let reserved = access == .read ? idle.lastIndex { !$0.servesWriters } : nil
        return (reserved ?? idle.lastIndex { $0.serves(access) }).map { idle.remove(at: $0) }
    }

    fileprivate mutating func enqueue(_ job: PostgreSQLPool.Job, maximum: Int) -> Bool {
        switch job.access {
        case .read: readers.append(job, maximum: maximum)
        case .write: writers.append(job, maximum: maximum)
        }
    }

    /// Whoever has waited longest, of those that the worker serves.
    fileprivate mutating func dequeue(for worker: PostgreSQLPool.Worker) -> PostgreSQLPool.Job? {
        guard worker.servesWriters, let writer = writers.first else { return readers.removeFirst() }
        guard let reader = readers.first, reader < writer else { return writers.removeFirst() }
        return readers.removeFirst()
    }

    fileprivate mutating func takeClosers() -> [CheckedContinuation<Void, Never>] {
        defer { closers = [] }
        return closers
    }
}
