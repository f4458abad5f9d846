import Kernel
import NIOConcurrencyHelpers

/// What the server as a whole is doing; `GET /status` shows it.
public final class SystemState: Sendable {
    public enum Phase: String, Sendable {
        case running
        case maintenance
        case shuttingDown = "shutting_down"
        case restarting
    }

    private struct State {
        var isStopping = false
        var maintenance: MaintenanceNotice?
    }

    private let current = NIOLockedValueBox(State())
    let startedAt: Timestamp
    /// How many lines of the log could not be written since the start.
    let lostLogLines: @Sendable () -> Int

    public init(startedAt: Timestamp, lostLogLines: @escaping @Sendable () -> Int = { 0 }) {
        self.startedAt = startedAt
        self.lostLogLines = lostLogLines
    }

    /// The pause that was announced or has begun.
    public var maintenance: MaintenanceNotice? {
        get { current.withLockedValue { $0.maintenance } }
        set { current.withLockedValue { $0.maintenance = newValue } }
    }

    /// Takes over what was read from the database, unless it was changed here while it was read.
    func learn(_ new: MaintenanceNotice?, insteadOf old: MaintenanceNotice?) {
        current.withLockedValue { if $0.maintenance == old { $0.maintenance = new } }
    }

    public func stop() { current.withLockedValue { $0.isStopping = true } }

    func phase(at now: Timestamp) -> Phase {
        let state = current.withLockedValue { $0 }
        if state.isStopping { return .shuttingDown }
        return state.maintenance.map { $0.beginsAt <= now } == true ? .maintenance : .running
    }
}
