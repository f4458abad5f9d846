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

    private let current = NIOLockedValueBox(Phase.running)
    let startedAt: Timestamp

    public init(startedAt: Timestamp) { self.startedAt = startedAt }

    public var phase: Phase {
        get { current.withLockedValue { $0 } }
        set { current.withLockedValue { $0 = newValue } }
    }
}
