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

        var shared: WriteJob? { if case .shared(let job) = work { job } else { nil } }
    }

    fileprivate final class Worker: Sendable {
        let role: PostgreSQLSchedule.Role
        let turn = DispatchSemaphore(value: 0)

        init(_ role: PostgreSQLSchedule.Role) { self.role = role }
    }

    fileprivate struct State {
        var schedule = PostgreSQLSchedule(writerCount: 0)
        /// The one that became idle last is first to work again: its connection is the warmest.
        var idle: [Worker] = []
        /// Somebody looks in a moment whether there is still something that waits for company.
        var isGathering = false
        var connected: Set<ObjectIdentifier> = []
        var workerCount = 0
        var lastID: UInt64 = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// More often than this a thread does not try to connect: while nobody has a connection, and while others do its work.
    private static let pause = Duration.milliseconds(20)
    private static let patience = Duration.milliseconds(250)

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
            state.schedule.writerCount = count - readersOnly
        }
        for number in 1...count {
            let worker = Worker(number > readersOnly ? .all : .readers)
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
        let refusal = state.withLockedValue { $0.add(job, maximum: maximumWaiting) }
        if let refusal { job.fail(refusal) }
    }

    /// Takes a job out of the queue. One that runs already goes on to its end.
    func cancel(_ id: UInt64) {
        let job = state.withLockedValue { $0.schedule.remove(id) }
        job?.fail(CancellationError())
    }

    private func serve(_ worker: Worker, _ session: PostgreSQLSession) {
        while let turn = nextTurn(of: worker) {
            guard connects(worker, session) else {
                standAside(worker, with: turn)
                awaitConnection(worker, session)
                continue
            }
            switch turn.job.work {
            case .single(let run): run(session)
            case .shared(let first):
                let others = state.withLockedValue { $0.schedule.takeCompany(for: turn) }
                session.write(first, beside: others) { lanes, count in
                    self.state.withLockedValue { $0.schedule.takeLateCompany(for: turn, in: lanes, beside: count) }
                }
            }
            state.withLockedValue { $0.schedule.end(turn) }
        }
        session.disconnect()
        let closers = state.withLockedValue { state in
            state.workerCount -= 1
            return state.workerCount == 0 ? state.takeClosers() : []
        }
        for closer in closers { closer.resume() }
    }

    fileprivate enum Next {
        case turn(PostgreSQLSchedule.Turn)
        case gather(for: Duration)
        case idle
        case end
    }

    /// - Returns: nil when the pool is closed.
    private func nextTurn(of worker: Worker) -> PostgreSQLSchedule.Turn? {
        while true {
            switch state.withLockedValue({ $0.next(for: worker, .some) }) {
            case .turn(let turn): return turn
            case .end: return nil
            case .idle: worker.turn.wait()
            case .gather(let duration):
                Thread.sleep(forTimeInterval: duration / .seconds(1))
                let next = state.withLockedValue { state in
                    state.isGathering = false
                    return state.next(for: worker, .none)
                }
                switch next {
                case .turn(let turn): return turn
                case .end: return nil
                case .idle, .gather: worker.turn.wait()
                }
            }
        }
    }

    // MARK: Fewer connections than threads

    /// Connects. While nobody has a connection the server is away, and is waited for as long as there is hope.
    /// - Returns: false when others have connections, and this thread can't have one.
    private func connects(_ worker: Worker, _ session: PostgreSQLSession) -> Bool {
        let deadline = ContinuousClock.now + session.outageBudget
        while true {
            let attempt = session.connects(until: deadline)
            if attempt == .connected {
                state.withLockedValue { _ = $0.connected.insert(ObjectIdentifier(worker)) }
                return true
            }
            if othersAreConnected(but: worker) { return false }
            // The job's own attempt tells its caller what is wrong.
            if attempt == .hopeless || isClosed { return true }
            Thread.sleep(forTimeInterval: Self.pause / .seconds(1))
        }
    }

    private func othersAreConnected(but worker: Worker) -> Bool {
        state.withLockedValue { state in
            state.connected.remove(ObjectIdentifier(worker))
            return !state.connected.isEmpty
        }
    }

    /// Leaves the job to the others, and whatever else this thread would have done.
    private func standAside(_ worker: Worker, with turn: PostgreSQLSchedule.Turn) {
        let refusal = state.withLockedValue { state in
            if worker.role == .all { state.schedule.writerCount -= 1 }
            state.schedule.end(turn)
            return state.add(turn.job, maximum: maximumWaiting)
        }
        if let refusal { turn.job.fail(refusal) }
    }

    private func awaitConnection(_ worker: Worker, _ session: PostgreSQLSession) {
        while !isClosed, session.connects(until: .now + Self.patience) != .connected, othersAreConnected(but: worker) {
            Thread.sleep(forTimeInterval: Self.patience / .seconds(1))
        }
        state.withLockedValue { state in
            if worker.role == .all { state.schedule.writerCount += 1 }
        }
    }

    // MARK: Closing

    /// Turns away what waits and what comes. What runs goes on to its end.
    func beginClosing() {
        let (jobs, idle) = state.withLockedValue { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.schedule.removeAll(), state.idle)
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
    /// - Returns: why it can't be done.
    fileprivate mutating func add(_ job: PostgreSQLPool.Job, maximum: Int) -> DatabaseError? {
        if isClosed { return .closed }
        guard schedule.add(job, maximum: maximum) else { return .overloaded }
        wake()
        return nil
    }

    /// Wakes threads if there is something for them. Readers have one first that is of no use to writers.
    private mutating func wake() {
        let canRead = schedule.hasReader && !wakeOne { $0.role == .readers }
        guard canRead || schedule.hasWriter(isGathering ? .some : .none) else { return }
        let isAlone = schedule.writerCount == 0
        _ = wakeOne { $0.role == .all || isAlone }
    }

    private mutating func wakeOne(_ isFit: (PostgreSQLPool.Worker) -> Bool) -> Bool {
        guard let place = idle.lastIndex(where: isFit) else { return false }
        idle.remove(at: place).turn.signal()
        return true
    }

    fileprivate mutating func next(
        for worker: PostgreSQLPool.Worker, _ patience: PostgreSQLSchedule.Patience
    ) -> PostgreSQLPool.Next {
        if let turn = schedule.takeTurn(for: worker.role, patience) {
            // There may be enough for another one.
            wake()
            return .turn(turn)
        }
        if isClosed { return .end }
        if worker.role == .all || schedule.writerCount == 0, !isGathering, schedule.hasWriter(.none) {
            isGathering = true
            return .gather(for: schedule.gathering)
        }
        // What it may not do, as before somebody else had a connection for writers again.
        wake()
        idle.append(worker)
        return .idle
    }

    fileprivate mutating func takeClosers() -> [CheckedContinuation<Void, Never>] {
        defer { closers = [] }
        return closers
    }
}
