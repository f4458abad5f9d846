import Chat
import Database
import Kernel
import Logging
import Metrics
import NIOConcurrencyHelpers

/// Tells operators of a machine's clock that was set, and puts right what was stamped while it was ahead.
struct ClockWatch: Sendable {
    let clock: any WallClock
    let chat: Instance
    let database: any SQLDatabase
    let logger: Logger
    private let offset = Gauge(label: "clock_step_seconds")
    private let taken = Counter(label: "clock_steps_total")
    /// The clock was set back, and what was stamped before that is still to be put right.
    private let owesRestamping = NIOLockedValueBox(false)

    init(clock: any WallClock, chat: Instance, database: any SQLDatabase, logger: Logger) {
        self.clock = clock
        self.chat = chat
        self.database = database
        self.logger = logger
    }

    /// To be called every now and then.
    /// - Throws: what the database throws; what is left is done next time.
    func look() async throws {
        for change in clock.takeChanges() { report(change) }
        offset.record(clock.step.map { Double($0.offset.wholeMilliseconds) / 1000 } ?? 0)
        guard owesRestamping.withLockedValue({ $0 }) else { return }
        try await InstanceSettings.noteSetBack(in: database)
        try await chat.restamp()
        owesRestamping.withLockedValue { $0 = false }
    }

    private func report(_ change: StepGuard.Change) {
        switch change {
        case .seen(let offset_ms):
            logger.warning(
                "the machine's clock was set; it will be followed if it stays so for ten minutes",
                metadata: ["by_seconds": "\(offset_ms / 1000)"])
        case .undone: logger.notice("the machine's clock is what it was")
        case .taken(let offset_ms):
            logger.warning("following the machine's clock", metadata: ["by_seconds": "\(offset_ms / 1000)"])
            taken.increment()
            if offset_ms < 0 { owesRestamping.withLockedValue { $0 = true } }
        }
    }
}
