import Database
import Events

extension Migration {
    /// Events that wait for their positions, and who gives them.
    static let outbox = Migration(53, "events without positions") { dialect in EventLog.outbox(dialect) }
}
