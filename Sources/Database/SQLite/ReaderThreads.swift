import Dispatch
import Foundation
import NIOConcurrencyHelpers
import NIOCore

/// The threads on which SQLite is read.
///
/// Few of them do everything, and always the same ones: to wake another thread for each closure takes longer than most closures do.
/// When one has not ended something for a moment, that is long or waits for the disk, and another one takes its place meanwhile.
final class ReaderThreads: Sendable {
    private struct Job {
        let since: ContinuousClock.Instant
        /// Does what is to be done, or tells why it is not.
        let run: @Sendable (DatabaseError?) -> Void
    }

    /// What a thread that waits is woken for.
    private enum Order {
        case work
        case watch
        case end
    }

    private struct State {
        var jobs = CircularBuffer<Job>()
        /// The thread that was busy last comes last.
        var idle: [Int] = []
        var orders: [Order]
        var working = 0
        /// Whether a thread looks after those that work.
        var isWatched = false
        /// When each thread has begun what it does; nil for one that does nothing.
        var begunAt: [ContinuousClock.Instant?]
        var alive = 0
        var isClosing = false
        var closers: [CheckedContinuation<Void, Never>] = []

        init(count: Int) {
            orders = Array(repeating: .work, count: count)
            begunAt = Array(repeating: nil, count: count)
        }

        /// How many have worked on one thing for longer than that.
        func stuckCount(at now: ContinuousClock.Instant, _ patience: Duration) -> Int {
            begunAt.count { $0.map { now - $0 >= patience } ?? false }
        }
    }

    private let usualCount: Int
    private let patience: Duration
    private let maximumWaiting: Int
    private let longestWait: Duration
    private let bells: [DispatchSemaphore]
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - count: of threads; at least one.
    ///   - usual: how many work as long as each of them gets on.
    ///   - patience: what takes longer holds its thread up.
    ///   - maximumWaiting: what comes when so much waits already is turned away.
    ///   - longestWait: what has waited for longer is not begun any more: whoever asked has gone.
    init(
        count: Int, usual: Int = max(2, System.coreCount), patience: Duration = .milliseconds(2),
        maximumWaiting: Int = SQLiteLimits().maximumWaitingReaders,
        longestWait: Duration = SQLiteLimits().readTimeout
    ) {
        usualCount = min(usual, count)
        self.patience = patience
        self.maximumWaiting = maximumWaiting
        self.longestWait = longestWait
        bells = (0..<count).map { _ in DispatchSemaphore(value: 0) }
        state = NIOLockedValueBox(State(count: count))
    }

    /// To be called before anything is run.
    func start() {
        state.withLockedValue { state in
            state.idle = Array(bells.indices)
            state.alive = bells.count
        }
        for index in bells.indices {
            let thread = Thread { self.serve(index) }
            thread.name = "sqlite-\(index)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    /// - Throws: what `body` throws; `DatabaseError.closed`; `.overloaded`.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(since: .now) { refusal in
                continuation.resume(
                    with: Swift.Result {
                        if let refusal { throw refusal }
                        return try body()
                    })
            }
            if let refusal = submit(job) { job.run(refusal) }
        }
    }

    /// What nobody has begun.
    var waitingCount: Int { state.withLockedValue { $0.jobs.count } }

    /// Returns when everything that was taken is done.
    func close() async {
        await withCheckedContinuation { continuation in
            let (idle, isOver) = state.withLockedValue { state in
                state.isClosing = true
                for index in state.idle { state.orders[index] = .end }
                if state.alive > 0 { state.closers.append(continuation) }
                defer { state.idle = [] }
                return (state.idle, state.alive == 0)
            }
            for index in idle { bells[index].signal() }
            if isOver { continuation.resume() }
        }
    }

    /// - Returns: why it is not taken.
    private func submit(_ job: Job) -> DatabaseError? {
        let (refusal, woken) = state.withLockedValue { state -> (DatabaseError?, Int?) in
            if state.isClosing { return (.closed, nil) }
            if state.jobs.count >= maximumWaiting { return (.overloaded, nil) }
            state.jobs.append(job)
            return (nil, wakeIfNeeded(&state, at: job.since))
        }
        if let woken { bells[woken].signal() }
        return refusal
    }

    /// - Returns: a thread that has an order now.
    private func wakeIfNeeded(_ state: inout State, at now: ContinuousClock.Instant) -> Int? {
        guard !state.jobs.isEmpty else { return nil }
        let isWanting = state.working - state.stuckCount(at: now, patience) < usualCount
        guard isWanting || !state.isWatched, let index = state.idle.popLast() else { return nil }
        if isWanting {
            state.working += 1
            state.orders[index] = .work
        } else {
            state.isWatched = true
            state.orders[index] = .watch
        }
        return index
    }

    // MARK: The threads

    private func serve(_ index: Int) {
        var order: Order? = nil
        while order != .end {
            switch order {
            case .work: order = work(index)
            case .watch: order = watch(index)
            case .end, nil:
                bells[index].wait()
                order = state.withLockedValue { $0.orders[index] }
            }
        }
        let closers = state.withLockedValue { state in
            state.alive -= 1
            return state.alive == 0 ? state.closers : []
        }
        for closer in closers { closer.resume() }
    }

    /// - Returns: what the thread is to do next; nil to wait for that.
    private func work(_ index: Int) -> Order? {
        while true {
            let now = ContinuousClock.now
            let (job, next, woken) = state.withLockedValue { state -> (Job?, Order?, Int?) in
                state.begunAt[index] = nil
                // Who came to help only looks on when enough others get on.
                let isSurplus = state.working - state.stuckCount(at: now, patience) > usualCount
                if !isSurplus, let job = state.jobs.popFirst() {
                    state.begunAt[index] = now
                    return (job, nil, wakeIfNeeded(&state, at: now))
                }
                state.working -= 1
                guard !state.jobs.isEmpty, !state.isWatched else { return (nil, Self.rest(index, &state), nil) }
                state.isWatched = true
                return (nil, .watch, nil)
            }
            if let woken { bells[woken].signal() }
            guard let job else { return next }
            job.run(now - job.since > longestWait ? .overloaded : nil)
        }
    }

    /// Looks whether those who work get on, as long as something waits.
    /// - Returns: what the thread is to do next; nil to wait for that.
    private func watch(_ index: Int) -> Order? {
        Thread.sleep(forTimeInterval: patience / .seconds(1))
        return state.withLockedValue { state in
            if !state.jobs.isEmpty, state.working - state.stuckCount(at: .now, patience) >= usualCount { return .watch }
            state.isWatched = false
            if state.jobs.isEmpty { return Self.rest(index, &state) }
            state.working += 1
            return .work
        }
    }

    private static func rest(_ index: Int, _ state: inout State) -> Order? {
        if state.isClosing { return .end }
        state.idle.append(index)
        return nil
    }
}
