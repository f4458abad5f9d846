/// Bounds of the PostgreSQL driver. Tests make them small.
struct PostgreSQLLimits: Sendable {
    var connectTimeout = Duration.seconds(5)
    /// PostgreSQL itself ends a statement that is longer than this.
    var statementTimeout = Duration.seconds(30)
    /// It ends a transaction in which nothing is asked for so long, so that a process that hangs does not hold the others' locks.
    var pauseTimeout = Duration.seconds(5)
    /// A server that says nothing for so long while an answer is due counts as gone.
    var silenceTimeout = Duration.seconds(35)
    /// How long a transaction waits for a server that can't be reached, and tries against others in its way.
    var outageBudget = Duration.seconds(5)
    /// So often it tries in any case; a connection that is lost is not replaced more often.
    var maximumAttempts = 12
    /// After so many conflicts a writer runs without other writers beside it, on any node.
    var attemptsBesideOthers = 3
    /// So long a group of closures waits for one on another node that changes the same rows.
    var laneTimeout = Duration.milliseconds(250)
    var maximumPreparedStatements = 256
}
