import Database
import Events

extension Migration {
    /// Events that name thousands.
    static let crowds = Migration(63, "crowds of the event log") { dialect in EventLog.crowds(dialect) }
}
