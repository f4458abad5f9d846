/// Bounds of the SQLite driver. Tests make them small.
struct SQLiteLimits: Sendable {
    /// A commit that leaves the log (WAL) with more pages than that has it moved into the file.
    var usualLogPages = 4_000
    /// From here on those who read the log are waited for, so that it can begin anew.
    var longestLog_bytes = 64 << 20
    /// So long, after which it may grow by a quarter first.
    var restartTimeout = Duration.milliseconds(100)
    /// So long a closure may read, and so long it may wait for that.
    var readTimeout = Duration.seconds(30)
    var maximumWaitingReaders = 50_000
}
