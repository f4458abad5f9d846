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

    /// What keeps a server that runs from taking traffic.
    public enum Obstacle: String, Sendable, CaseIterable {
        case clock
        case files
        case number
    }

    private struct State {
        var isStopping = false
        var obstacles: [Obstacle: String] = [:]
        var maintenance: MaintenanceNotice?
    }

    private let current = NIOLockedValueBox(State())
    public let startedAt: Timestamp
    /// How many lines of the log could not be written since the start.
    let lostLogLines: @Sendable () -> Int

    /// What is not as it should be, and keeps nobody from being served.
    let warnings: @Sendable () -> [String]

    /// For how long the database has not answered anything.
    let databaseSilence: @Sendable () -> Duration

    public init(
        startedAt: Timestamp, lostLogLines: @escaping @Sendable () -> Int = { 0 },
        warnings: @escaping @Sendable () -> [String] = { [] },
        databaseSilence: @escaping @Sendable () -> Duration = { .zero }
    ) {
        self.startedAt = startedAt
        self.lostLogLines = lostLogLines
        self.warnings = warnings
        self.databaseSilence = databaseSilence
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

    /// Says why no traffic should be led here; nil: nothing speaks against it.
    /// - Returns: whether that is new.
    @discardableResult
    public func setObstacle(_ obstacle: Obstacle, _ reason: String?) -> Bool {
        current.withLockedValue { state in
            defer { state.obstacles[obstacle] = reason }
            return state.obstacles[obstacle] != reason
        }
    }

    public func has(_ obstacle: Obstacle) -> Bool { current.withLockedValue { $0.obstacles[obstacle] != nil } }

    /// In the order of their names.
    var obstacles: [FieldIssue] {
        current.withLockedValue { $0.obstacles }.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { FieldIssue($0.key.rawValue, $0.value) }
    }

    public func stop() { current.withLockedValue { $0.isStopping = true } }

    func phase(at now: Timestamp) -> Phase {
        let state = current.withLockedValue { $0 }
        if state.isStopping { return .shuttingDown }
        return state.maintenance.map { $0.beginsAt <= now } == true ? .maintenance : .running
    }
}
