import Foundation
import Logging
import TestDatabase
import TestPrograms
import Testing

@testable import Database

/// Connections that go, servers that are away, networks that fail.
@Suite struct PostgreSQLFaultTests {
    private func withDatabase(
        connections: Int = 2, limits: PostgreSQLLimits = PostgreSQLLimits(), migrations: [Migration] = [.things],
        _ body: (PostgreSQLDatabase, DatabasePlace) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(connections: connections, limits: limits, migrations: migrations) {
                try await body($0, place)
            }
        }
    }

    // MARK: Lost connections

    @Test func `A connection that is killed between transactions is replaced unnoticed`() async throws {
        try await withDatabase { database, place in
            for id in 1...5 {
                let writer = try await database.write { try $0.serverProcess() }
                let reader = try await database.read { try $0.serverProcess() }
                try await place.killConnections()
                // Only writes, so that its commit goes out with its first statement.
                try await database.write { try $0.addThing(id) }
                try await #expect(database.thingCount() == id)
                try await #expect(database.write { try $0.serverProcess() } != writer)
                try await #expect(database.read { try $0.serverProcess() } != reader)
            }
        }
    }

    @Test func `A connection that is killed before the commit makes the transaction run again`() async throws {
        try await withDatabase { database, place in
            let runs = Counter()
            let hasBegun = Signal()
            let mayGoOn = Barrier()
            async let processes = database.write { tx in
                let run = runs.increment()
                try tx.addThing(1, amount: run)
                let process = try tx.serverProcess()
                if run == 1 {
                    hasBegun.fire()
                    mayGoOn.wait()
                    try tx.addThing(2)
                    _ = try tx.thingCount()
                }
                return process
            }
            await hasBegun.wait()
            try await place.killConnections()
            mayGoOn.open()
            _ = try await processes
            #expect(runs.value == 2)
            try await #expect(database.read { try $0.amount(1) } == 2)
            try await #expect(database.thingCount() == 1)
        }
    }

    @Test func `A closure that makes another error of a lost connection runs again all the same`() async throws {
        try await withDatabase { database, place in
            let runs = Counter()
            let result = try await database.write { tx in
                guard runs.increment() == 1 else { return "through" }
                do {
                    _ = try tx.exists("SELECT pg_terminate_backend(pg_backend_pid())")
                    _ = try tx.exists("SELECT 1")
                } catch {
                    throw Refusal("something else")
                }
                return "not noticed"
            }
            #expect(result == "through")
        }
    }

    @Test func `A reader whose connection is killed reads again`() async throws {
        try await withDatabase { database, _ in
            let runs = Counter()
            try await database.read { tx in
                if runs.increment() == 1 { _ = try tx.exists("SELECT pg_terminate_backend(pg_backend_pid())") }
                _ = try tx.thingCount()
            }
            #expect(runs.value == 2)
        }
    }

    /// A trigger that waits for the commit, and ends the connection in the middle of it.
    private static let fatalCommits = Migration(2, "fatal commits") { _ in
        [
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER dying AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.amount = 666) EXECUTE FUNCTION die()
            """,
        ]
    }

    @Test func `A connection that goes during the commit leaves the writer in doubt, and is not tried again`()
        async throws
    {
        try await withDatabase(migrations: [.things, Self.fatalCommits]) { database, _ in
            let runs = Counter()
            await expect(.commitUncertain) {
                try await database.write { tx in
                    runs.increment()
                    try tx.addThing(1, amount: 666)
                }
            }
            #expect(runs.value == 1)
            try await database.write { try $0.addThing(1) }
        }
    }

    /// What lets go of lanes ends the connection instead: the first thing after a commit.
    private static let fatalEnds = Migration(2, "fatal ends") { _ in
        [
            """
            CREATE FUNCTION public.pg_advisory_unlock_all() RETURNS void LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); END $$
            """,
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$",
        ]
    }

    @Test func `A connection that goes after the commit makes nobody write again`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(migrations: [.things, Self.fatalEnds]) { database in
                await database.close()
            }
            try await place.withPostgreSQL(connections: 4, migrations: [.things, Self.fatalEnds]) { database in
                let runs = Counter()
                let (isUnderWay, mayEnd) = (Signal(), Barrier())
                async let first: Void = database.write(.same(7)) { tx in
                    isUnderWay.fire()
                    mayEnd.wait()
                    try tx.addThing(0)
                }
                await isUnderWay.wait()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in 1...20 {
                        group.addTask {
                            try await database.write(.same(7)) { tx in
                                runs.increment()
                                try tx.addThing(id)
                            }
                        }
                    }
                    group.addTask { mayEnd.open() }
                    try await group.waitForAll()
                }
                try await first
                try await #expect(database.thingCount() == 21)
                #expect(runs.value == 20)
            }
        }
    }

    @Test func `Who fails after it has written takes nobody's changes with it, and leaves none`() async throws {
        try await withDatabase { database, _ in
            struct Refusal: Error {}
            for round in 0..<3 {
                let outcomes = await withTaskGroup(of: Bool.self) { group in
                    for number in 0..<30 {
                        let id = round * 30 + number
                        group.addTask {
                            do {
                                try await database.write(.same(7)) { tx in
                                    try tx.addThing(id)
                                    if number % 3 == 0 { throw Refusal() }
                                }
                                return true
                            } catch { return false }
                        }
                    }
                    return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(outcomes == 20)
            }
            try await #expect(database.thingCount() == 60)
        }
    }

    // MARK: Fewer connections than asked for

    @Test(arguments: [1, 2, 3])
    func `With fewer connections than threads, whoever has one does the work of all`(granted: Int) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withLimitedRole(connections: granted) { url in
                try await place.withPostgreSQL(connections: 8, url: url) { database in
                    // As many at once as there are threads, so that each has wanted a connection.
                    for round in 0..<4 {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for number in 0..<32 {
                                let id = round * 32 + number
                                group.addTask { try await database.write(.same(Int64(number))) { try $0.addThing(id) } }
                                group.addTask { _ = try await database.read { try $0.thingCount() } }
                                group.addTask { try await database.write { try $0.addThing(1000 + id) } }
                            }
                            try await group.waitForAll()
                        }
                    }
                    try await #expect(database.thingCount() == 256)
                }
            }
        }
    }

    @Test func `A thread for readers that has the only connection keeps no writer waiting for company`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withLimitedRole(connections: 1) { url in
                try await place.withPostgreSQL(connections: 4, url: url) { database in
                    _ = try await database.read { try $0.thingCount() }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for id in 0..<64 { group.addTask { try await database.write { try $0.addThing(id) } } }
                        try await group.waitForAll()
                    }
                    for id in 64..<70 { try await database.write { try $0.addThing(id) } }
                    try await #expect(database.thingCount() == 70)
                }
            }
        }
    }

    @Test func `Of several servers in the address one that says nothing keeps nobody from the others`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                wire.mute()
                let port = URLComponents(string: place.address)?.port ?? 5432
                let url = place.url(port: wire.port)
                    .replacing(":\(wire.port)/", with: ":\(wire.port),127.0.0.1:\(port)/")
                var limits = PostgreSQLLimits()
                limits.connectTimeout = .seconds(1)
                try await place.withPostgreSQL(limits: limits, url: url) { try await #expect($0.thingCount() == 0) }
            }
        }
    }

    @Test func `The servers of an address are those that libpq tries, one by one`() {
        func hosts(_ url: String) -> [String] {
            PostgreSQLHost.all(in: url).map { $0.parameters.map { "\($0)=\($1)" }.sorted().joined(separator: " ") }
        }
        #expect(hosts("postgres://a:1,b:2/x") == ["host=a port=1", "host=b port=2"])
        #expect(hosts("postgres://a,b/x?port=7") == ["host=a port=7", "host=b port=7"])
        #expect(hosts("postgres:///x?host=/run/a,/run/b") == ["host=/run/a", "host=/run/b"])
        #expect(hosts("postgres:///x").isEmpty)
        #expect(hosts("nonsense").isEmpty)
    }

    // MARK: Outages

    @Test func `A server that comes back soon is waited for`() async throws {
        let isMissed = Signal()
        let logger = Logger(
            label: "test", factory: { _ in SignallingLog(signal: isMissed, message: "PostgreSQL can't be reached") })
        // How soon the test lets the server come back is the machine's affair.
        var limits = PostgreSQLLimits()
        limits.outageBudget = .seconds(300)
        // Whoever waits for how another one's attempt goes does not wait longer than that takes.
        limits.connectTimeout = .seconds(300)
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(limits: limits, logger: logger) { database in
                try await place.allowConnections(false)
                try await place.killConnections()
                async let writing: Void = database.write { try $0.addThing(1) }
                async let reading: Void = withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<20 { group.addTask { try await database.thingCount() } }
                    try await group.waitForAll()
                }
                await isMissed.wait()
                try await place.allowConnections(true)
                try await writing
                try await reading
                try await #expect(database.thingCount() == 1)
            }
        }
    }

    /// Tells when something is logged.
    private struct SignallingLog: LogHandler {
        let signal: Signal
        let message: String
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if "\(event.message)".hasPrefix(message) { signal.fire() }
        }
    }

    @Test func `A server that stays away is reported, at once after a while, until it is back`() async throws {
        var limits = PostgreSQLLimits()
        limits.outageBudget = .milliseconds(300)
        try await withDatabase(limits: limits) { database, place in
            try await place.allowConnections(false)
            try await place.killConnections()
            for _ in 0..<5 {
                await expect(.unavailable) { try await database.write { try $0.addThing(1) } }
                await expect(.unavailable) { _ = try await database.thingCount() }
            }
            try await place.allowConnections(true)
            try await eventually { (try? await database.thingCount()) == 0 }
            try await database.write { try $0.addThing(1) }
        }
    }

    @Test func `A statement that takes too long is ended`() async throws {
        var limits = PostgreSQLLimits()
        limits.statementTimeout = .milliseconds(100)
        try await withDatabase(limits: limits) { database, _ in
            await expect(.unavailable) {
                try await database.read { tx in _ = try tx.exists("SELECT pg_sleep(10)") }
            }
            try await eventually { (try? await database.thingCount()) == 0 }
        }
    }

    @Test func `A server that falls silent counts as gone`() async throws {
        var limits = PostgreSQLLimits()
        limits.silenceTimeout = .milliseconds(200)
        limits.outageBudget = .milliseconds(100)
        try await withDatabase(limits: limits) { database, _ in
            await expect(.unavailable) {
                try await database.read { tx in _ = try tx.exists("SELECT pg_sleep(3)") }
            }
            try await eventually { (try? await database.thingCount()) == 0 }
        }
    }

    // MARK: Networks

    /// Soon at the end of its patience, and yet not because the machine is busy.
    private var impatient: PostgreSQLLimits {
        var limits = PostgreSQLLimits()
        limits.connectTimeout = .seconds(2)
        limits.silenceTimeout = .seconds(3)
        limits.outageBudget = .seconds(2)
        return limits
    }

    @Test func `A connection that breaks while nobody uses it costs nobody a doubt`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                try await place.withPostgreSQL(port: wire.port) { database in
                    for id in 1...5 {
                        let runs = Counter()
                        try await database.write { tx in
                            runs.increment()
                            try tx.addThing(id)
                        }
                        #expect(runs.value == 1)
                        wire.cut()
                        try await eventually { wire.isDead }
                    }
                    try await #expect(database.thingCount() == 5)
                }
            }
        }
    }

    @Test func `A connection that breaks before the commit makes the transaction run again`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                try await place.withPostgreSQL(port: wire.port) { database in
                    let runs = Counter()
                    try await database.write { tx in
                        try tx.addThing(1)
                        if runs.increment() == 1 { wire.cut() }
                        _ = try tx.thingCount()
                    }
                    #expect(runs.value == 2)
                    try await #expect(database.thingCount() == 1)
                }
            }
        }
    }

    @Test func `A commit whose answer is lost is in doubt, for it may have happened`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                try await place.withPostgreSQL(limits: impatient, port: wire.port) { database in
                    let runs = Counter()
                    await expect(.commitUncertain) {
                        try await database.write { tx in
                            runs.increment()
                            _ = try tx.thingCount()
                            wire.mute()
                            try tx.addThing(1)
                        }
                    }
                    wire.unmute()
                    #expect(runs.value == 1)
                    try await place.withPostgreSQL { other in try await #expect(other.thingCount() == 1) }
                }
            }
        }
    }

    @Test func `A server that falls silent before the commit was not told to commit`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                try await place.withPostgreSQL(limits: impatient, port: wire.port) { database in
                    await expect(.unavailable) {
                        try await database.write { tx in
                            wire.mute()
                            try tx.addThing(1)
                            _ = try tx.thingCount()
                        }
                    }
                    wire.unmute()
                    try await place.withPostgreSQL { other in try await #expect(other.thingCount() == 0) }
                }
            }
        }
    }

    @Test func `A server that never answers is given up`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withWire { wire in
                wire.mute()
                await expect(.unavailable) {
                    try await place.withPostgreSQL(limits: impatient, port: wire.port) { _ in }
                }
            }
        }
    }
}
