import Database
import Events

extension Migration {
    /// The epoch of the event log.
    static let logEpochs = Migration(50, "epochs of the event log") { dialect in EventLog.epochs(dialect) }
}
