import CPostgreSQL
import Kernel

extension PostgreSQLConnection {
    /// Several hosts of a URL have so long each: one that does not answer at all must not keep the others from being tried.
    private static let hostTimeout = Duration.seconds(2)

    /// Connects and sets the session up, within the limits' time. Of several hosts, the first that answers as the URL wants it.
    /// - Throws: `.connectionLost` with the reason; `.refused` when trying again is of no use.
    static func connect(
        to url: String, limits: PostgreSQLLimits
    ) throws(PostgreSQLFailure) -> PostgreSQLConnection {
        let hosts = PostgreSQLHost.all(in: url)
        guard hosts.count > 1 else { return try connect(to: url, nil, limits, within: limits.connectTimeout) }
        var failure = PostgreSQLFailure.connectionLost("no server answers")
        for host in hosts {
            do throws(PostgreSQLFailure) {
                return try connect(to: url, host, limits, within: min(hostTimeout, limits.connectTimeout))
            } catch {
                if case .refused = error { throw error }
                failure = error
            }
        }
        throw failure
    }

    private static func connect(
        to url: String, _ host: PostgreSQLHost?, _ limits: PostgreSQLLimits, within time: Duration
    ) throws(PostgreSQLFailure) -> PostgreSQLConnection {
        guard let handle = start(url, host) else { throw .connectionLost("out of memory") }
        let connection = PostgreSQLConnection(handle, limits: limits)
        try finishConnecting(handle, until: .now + time)
        // The program's texts are UTF-8 and hold any character.
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? "unknown"
        guard encoding == "UTF8" else {
            throw .refused(.unavailable("the database's encoding is \(encoding); it has to be UTF8"))
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw .connectionLost(String(cString: PQerrorMessage(handle)).onOneLine)
        }
        connection.begin(sessionSettings(limits))
        connection.sync()
        try connection.drain()
        return connection
    }

    /// - Throws: `.unavailable` when libpq can't read the URL.
    static func check(url: String) throws(DatabaseError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw .unavailable("a PostgreSQL URL begins with postgres:// or postgresql://")
        }
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(url, &message)
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        if options == nil {
            throw .unavailable(message.map { String(cString: $0).onOneLine } ?? "the PostgreSQL URL can't be read")
        }
    }

    private static func start(_ url: String, _ host: PostgreSQLHost?) -> OpaquePointer? {
        // The later wins: what stands before `dbname` can be set in the URL, what stands after it can't.
        var options: [(String, String)] = [
            ("fallback_application_name", "aviary"),
            // A peer that is gone without a word is noticed within half a minute, and within five seconds by whoever says something
            // to it: what a kernel does not acknowledge has not arrived, however busy or frozen the server is.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "5000"),
            ("dbname", url),
            ("client_encoding", "UTF8"),
        ]
        options += host?.parameters ?? []
        return withCStrings(options.map(\.0)) { keywords in
            withCStrings(options.map(\.1)) { values in PQconnectStartParams(keywords, values, 1) }
        }
    }

    private static func finishConnecting(
        _ handle: OpaquePointer, until deadline: ContinuousClock.Instant
    ) throws(PostgreSQLFailure) {
        var step = PGRES_POLLING_WRITING
        guard PQstatus(handle) != CONNECTION_BAD else {
            throw .connectionLost(String(cString: PQerrorMessage(handle)).onOneLine)
        }
        while step != PGRES_POLLING_OK {
            guard step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING else {
                throw .connectionLost(String(cString: PQerrorMessage(handle)).onOneLine)
            }
            let readiness = PostgreSQLSocket.wait(
                handle, for: step == PGRES_POLLING_READING ? .input : .output, until: deadline)
            if case .timedOut = readiness { throw .connectionLost("the server does not answer") }
            step = PQconnectPoll(handle)
        }
    }

    private static func sessionSettings(_ limits: PostgreSQLLimits) -> String {
        let timeout_ms = limits.statementTimeout.wholeMilliseconds
        // A closure asks one thing after another; whoever is silent within a transaction hangs, and others wait for its locks. A
        // machine that is gone is noticed by the server's end as well, or each cut would leave its connections there for hours. The
        // settings that a server does not have are passed over.
        let pause_ms = limits.pauseTimeout.wholeMilliseconds
        // A table of a few pages is cheaper to read as a whole, but then SERIALIZABLE takes all of it for read, and whoever writes
        // to it collides with everybody.
        // Acknowledged means on disk, whatever the server's own setting; a stronger one than `on` is left.
        return """
            SELECT set_config('statement_timeout', '\(timeout_ms)', false),
                set_config('idle_in_transaction_session_timeout', '\(pause_ms)', false),
                set_config('jit', 'off', false),
                set_config('enable_seqscan', 'off', false),
                set_config('synchronous_commit',
                    CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,
                    false),
                (SELECT COUNT(set_config(name, value, false))
                FROM (VALUES ('tcp_user_timeout', '5000'), ('tcp_keepalives_idle', '10'),
                    ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) AS wanted(name, value)
                WHERE name IN (SELECT name FROM pg_settings))
            """
    }
}

/// Hands `body` an array of C strings that ends with a null pointer, valid within it.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let bytes = strings.map { Array($0.utf8CString) }
    let starts = bytes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    return Array(bytes.joined()).withUnsafeBufferPointer { memory in
        var pointers = starts.dropLast().map { start in memory.baseAddress.map { $0 + start } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { pointers in
            guard let first = pointers.baseAddress else { preconditionFailure("the array holds at least its end") }
            return body(first)
        }
    }
}
