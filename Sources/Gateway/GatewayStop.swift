import Kernel

/// A planned stop, as clients are told of it (contract: Gateway, SERVER_STATUS).
public struct GatewayStop: Sendable {
    public enum State: String, CaseIterable, Sendable {
        case shutdown = "shutting_down"
        case maintenance
    }

    public let state: State
    public let message: String
    /// How long clients have from the announcement to the close frame.
    public let closesIn: Duration
    public let estimatedDowntime: Duration?
    public let restartsAt: Timestamp?

    public init(
        _ state: State, message: String, closesIn: Duration = .zero, estimatedDowntime: Duration? = nil,
        restartsAt: Timestamp? = nil
    ) {
        self.state = state
        self.message = message
        self.closesIn = closesIn
        self.estimatedDowntime = estimatedDowntime
        self.restartsAt = restartsAt
    }

    var closeReason: CloseReason {
        switch state {
        case .shutdown: CloseReason(.serverShutdown, message)
        case .maintenance: CloseReason(.serverMaintenance, message)
        }
    }

    var frame: [UInt8] {
        ServerFrame.json(.serverStatus) { json in
            json.beginObject()
            json.member("state", state.rawValue)
            json.member("message", message)
            json.member("closing_in_seconds", closesIn.wholeSeconds)
            if let estimatedDowntime { json.member("estimated_downtime_seconds", estimatedDowntime.wholeSeconds) }
            if let restartsAt { json.member("restart_at", restartsAt) }
            json.endObject()
        }
    }
}
