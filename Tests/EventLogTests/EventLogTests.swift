import Database
import Events
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@Suite("The event log")
struct EventLogTests {
    /// A log on a new database, with what its listener was given.
    static func withLog(
        _ kind: DatabaseKind, clock: any WallClock = SystemClock(),
        _ body: @escaping @Sendable (any SQLDatabase, EventLog, NIOLockedValueBox<[Event]>) async throws -> Void
    ) async throws {
        let dialect: SQLDialect = kind == .sqlite ? .sqlite : .postgresql
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let log = EventLog(dialect: dialect, logger: silent)
        let schema = Migration(1, "events") { dialect in
            EventLog.tables(dialect) + ["CREATE TABLE counters (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)"]
        }
        let heard = NIOLockedValueBox<[Event]>([])
        log.listen { events in heard.withLockedValue { $0 += events } }
        try await TestDatabase.withPlace(kind) { place in
            let configuration = DatabaseConfiguration(
                migrations: [schema], outbox: log, clock: clock, logger: silent, maximumConnections: 4)
            try await place.withDatabase(configuration) { database in
                let relay = kind == .postgresql ? try Relay(url: place.address, clock: clock, logger: silent) : nil
                try await log.start(on: database, relay: relay)
                do {
                    try await body(database, log, heard)
                } catch {
                    await relay?.close()
                    throw error
                }
                await relay?.close()
            }
        }
    }

    @Test("every intent has its name")
    func intents() {
        #expect(Set(Intents.all.names).count == Intents.all.rawValue.nonzeroBitCount)
        #expect(Intents.privileged.names == ["GUILD_MEMBERS", "GUILD_PRESENCES", "MESSAGE_CONTENT"])
        #expect(Intents.auditLog.names == ["AUDIT_LOG"])
    }

    @Test("an event is there exactly if its transaction is", arguments: DatabaseKind.allCases)
    func transactional(kind: DatabaseKind) async throws {
        struct Refused: Error {}
        try await Self.withLog(kind) { database, _, heard in
            try await database.write { tx in
                try tx.execute("INSERT INTO counters (id, value) VALUES (1, 1)")
                tx.emit(.test("KEPT"), "kept", to: Audience(id: 1))
            }
            await #expect(throws: Refused.self) {
                try await database.write { tx in
                    try tx.execute("INSERT INTO counters (id, value) VALUES (2, 1)")
                    tx.emit(.test("LOST"), "lost", to: Audience(id: 1))
                    throw Refused()
                }
            }
            try await database.write { tx in tx.emit(.test("KEPT"), "too", to: Audience(id: 1)) }
            try await eventually { heard.withLockedValue { $0.count } == 2 }
            #expect(heard.withLockedValue { $0.map(\.name.rawValue) } == ["KEPT", "KEPT"])
            let rows = try await database.read { tx in try tx.all("SELECT kind FROM events") { $0.text(0) } }
            #expect(rows == ["KEPT", "KEPT"])
        }
    }

    /// Counts how often it is encoded.
    private struct Counted: JSONEncodable {
        static let schema = JSONSchema.any
        let encodings = NIOLockedValueBox(0)

        func encode(to json: inout JSONWriter) {
            encodings.withLockedValue { $0 += 1 }
            json.string("said")
        }
    }

    @Test("what is told in an event and answered to the request is encoded once", arguments: DatabaseKind.allCases)
    func encodedOnce(kind: DatabaseKind) async throws {
        let said = EventKind<Counted>("SAID", heardBy: "the test", "Something was said.")
        try await Self.withLog(kind) { database, _, heard in
            let answer = try await database.write { tx in
                let payload = EncodedOnce(Counted())
                tx.emit(said, payload, to: [Audience(id: 1)])
                return payload
            }
            try await eventually { heard.withLockedValue { $0.count } == 1 }
            #expect(heard.withLockedValue { $0.map { Array($0.payload) } } == [answer.jsonBytes])
            #expect(String(decoding: [answer].jsonBytes, as: UTF8.self) == #"["said"]"#)
            #expect(answer.value.encodings.withLockedValue { $0 } == 1)
        }
    }

    @Test(
        "many writers at once: every event is announced once, in the order of positions",
        arguments: DatabaseKind.allCases)
    func ordered(kind: DatabaseKind) async throws {
        try await Self.withLog(kind) { database, log, heard in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<25 {
                            try await database.write { tx in
                                tx.emit(.test("SAID"), "\(writer)-\(number)", to: Audience(id: Int64(writer + 1)))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually { heard.withLockedValue { $0.count } == 200 }
            let events = heard.withLockedValue { $0 }
            #expect(events.count == 200)
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
            #expect(Set(events.map(\.payload)).count == 200)
            #expect(try await log.newestPosition(in: database) == events.last?.position)
        }
    }

    @Test("an event with several audiences is replayed once", arguments: DatabaseKind.allCases)
    func severalAudiences(kind: DatabaseKind) async throws {
        try await Self.withLog(kind) { database, log, _ in
            let (one, two) = (Audience(id: 1), Audience(id: 2))
            try await database.write { tx in tx.emit(.test("SAID"), "once", to: one, two) }
            try await Self.settle(database)
            let events = try await Self.replay(after: 0, seeing: [one, two], database, log)
            #expect(events.count == 1)
        }
    }

    @Test(
        "an event is found by each of its audiences, however many, until it is pruned", arguments: DatabaseKind.allCases
    )
    func manyAudiences(kind: DatabaseKind) async throws {
        let clock = ManualClock(Timestamp(seconds: 1_750_000_000))
        try await Self.withLog(kind, clock: clock) { database, log, _ in
            let counts = [1, 8, 9, 300]
            for count in counts {
                let audiences = (1...count).map { Audience(id: Int64($0 % 2 == 0 ? $0 : -$0)) }
                // One is named twice.
                try await database.write { tx in tx.emit(.test("SAID"), "to \(count)", to: audiences + [audiences[0]]) }
            }
            try await Self.settle(database)
            let found = try await database.read { tx in
                try tx.all("SELECT COUNT(*) FROM event_audiences GROUP BY position ORDER BY position") { $0.int(0) }
            }
            #expect(found == counts)
            for (audience, count) in [(-1, 4), (2, 3), (8, 3), (-9, 2), (300, 1), (301, 0)] {
                let seen = try await Self.replay(after: 0, seeing: [Audience(id: Int64(audience))], database, log)
                #expect(seen.count == count, "\(audience)")
            }
            clock.advance(by: .seconds(24 * 3600 + 1))
            _ = try await log.prune(on: database)
            let left = try await database.read { tx in
                try tx.first("SELECT COUNT(*) FROM event_audiences") { $0.int(0) }
            }
            #expect(left == 0)
        }
    }

    @Test(
        "pruning removes only what is older than a day, in steps, and is remembered", arguments: DatabaseKind.allCases)
    func pruning(kind: DatabaseKind) async throws {
        let clock = ManualClock(Timestamp(seconds: 1_750_000_000))
        try await Self.withLog(kind, clock: clock) { database, log, _ in
            for _ in 0..<5 { try await database.write { tx in tx.emit(.test("OLD"), "old", to: Audience(id: 1)) } }
            clock.advance(by: .seconds(24 * 3600 + 1))
            try await database.write { tx in tx.emit(.test("NEW"), "new", to: Audience(id: 1)) }
            try await Self.settle(database)
            let newest = try await log.newestPosition(in: database)
            #expect(try await log.prune(on: database, limit: 3))
            #expect(try await !log.prune(on: database, limit: 3))
            let left = try await database.read { tx in
                try (
                    tx.all("SELECT kind FROM events") { $0.text(0) },
                    tx.all("SELECT position FROM event_audiences") { $0.integer(0) }
                )
            }
            #expect(left.0 == ["NEW"])
            #expect(left.1.count == 1)
            await #expect(throws: Replay.Refusal.pruned) {
                try await Self.replay(after: 0, seeing: [Audience(id: 1)], database, log)
            }
            await #expect(throws: Replay.Refusal.unknown) {
                try await Self.replay(after: newest + 1, seeing: [Audience(id: 1)], database, log)
            }
            #expect(try await Self.replay(after: newest - 1, seeing: [Audience(id: 1)], database, log).count == 1)
            clock.advance(by: .seconds(24 * 3600 + 1))
            _ = try await log.prune(on: database)
            #expect(try await log.newestPosition(in: database) == newest)
        }
    }

    /// Waits until all events have their positions.
    static func settle(_ database: any SQLDatabase) async throws {
        try await eventually {
            try await database.read { tx in try !tx.exists("SELECT 1 FROM outbox LIMIT 1") }
        }
    }

    static func replay(
        after position: Int64, seeing audiences: Set<Audience>, user: UserID = UserID(rawValue: 999),
        _ database: any SQLDatabase, _ log: EventLog
    ) async throws -> [Event] {
        try await log.read(on: database) { tx in
            var replay = try Replay(
                for: user, after: position, of: log.place(tx).epoch, seeing: SightNow(audiences), in: log, limit: 1000,
                tx)
            var events: [Event] = []
            while !replay.isFinished { events += try replay.next(limit: 7, tx) }
            return events
        }
    }
}

@Suite("What a replay shows")
struct SightTests {
    /// Somebody who comes and goes, and what they heard while it happened.
    struct World {
        let user = UserID(rawValue: 1_000_000)
        let server = Audience(id: 500)
        let channels = (501...506).map { Audience(id: $0) }
        var seen: Set<Audience>
        var steps: [Step] = []

        enum Step: Sendable {
            case say(Audience)
            case change(SightChange, of: Audience)
        }

        init() { seen = [.user(user)] }

        /// A step that makes sense in this world, and whether the user hears it.
        mutating func step(_ random: SeededRandomness) -> (Step, isHeard: Bool) {
            let channel = channels[Int(random.next() % UInt64(channels.count))]
            switch random.next() % 10 {
            case 0 where !seen.contains(server):
                // Joins: the server and some of its channels.
                let gained = [server] + channels.filter { _ in random.next() % 2 == 0 }
                seen.formUnion(gained)
                return (.change(SightChange(gained: gained), of: .user(user)), false)
            case 1 where seen.contains(server):
                // Leaves: everything of it.
                let lost = seen.subtracting([.user(user)])
                seen.subtract(lost)
                return (.change(SightChange(lost: lost.sorted()), of: .user(user)), false)
            case 2 where !seen.contains(channel):
                // All members of the server get to see a channel; the user only while a member.
                if seen.contains(server) { seen.insert(channel) }
                return (.change(SightChange(gained: [channel]), of: server), false)
            case 3 where seen.contains(channel):
                seen.remove(channel)
                return (.change(SightChange(lost: [channel]), of: .user(user)), false)
            default:
                let audience = random.next() % 5 == 0 ? server : channel
                return (.say(audience), seen.contains(audience))
            }
        }
    }

    private static let crowd = (1...1200).map { Audience(id: 2_000_000 + $0) }

    @Test("however many changes of others' sight there are, no change of one's own is passed over")
    func manyCrowds() async throws {
        try await EventLogTests.withLog(.sqlite) { database, log, _ in
            let (user, channel, other) = (UserID(rawValue: 1), Audience(id: 501), Audience(id: 502))
            for _ in 0..<30 {
                try await database.write { tx in tx.changeSight(SightChange(gained: [other]), of: Self.crowd) }
            }
            try await database.write { tx in
                tx.emit(.test("SAID"), "before", to: channel)
                tx.changeSight(SightChange(gained: [channel]), of: [.user(user)] + Self.crowd)
                tx.emit(.test("SAID"), "after", to: channel)
            }
            let told = try await log.read(on: database) { tx in
                var replay = try Replay(
                    for: user, after: 0, of: log.place(tx).epoch, seeing: SightNow([.user(user), channel]), in: log,
                    limit: 5, tx)
                return try replay.next(tx).map { String(decoding: $0.payload, as: UTF8.self) }
            }
            #expect(told == ["\"after\""])
        }
    }

    @Test("crowds are written one behind the other, and removed a few at a time", arguments: DatabaseKind.allCases)
    func crowds(kind: DatabaseKind) async throws {
        let clock = ManualClock(Timestamp(seconds: 1_750_000_000))
        try await EventLogTests.withLog(kind, clock: clock) { database, log, _ in
            let count: @Sendable (StaticSQL) async throws -> Int? = { table in
                try await database.read { tx in
                    try tx.first("SELECT COUNT(*) AS row_count FROM \(table)") { $0.int(0) }
                }
            }
            for number in 0..<5 {
                try await database.write { tx in
                    tx.changeSight(SightChange(gained: [Audience(id: 501)]), of: Self.crowd + [Self.crowd[0]])
                    tx.emit(.test("SAID"), "word \(number)", to: Self.crowd)
                }
            }
            try await EventLogTests.settle(database)
            // What is said to many stands where each of them finds it.
            #expect(try await count("event_audiences") == (kind == .sqlite ? 5 * 1201 : 5 * 2400))
            #expect(try await count("event_crowds") == (kind == .sqlite ? 5 * 1200 : 0))
            clock.advance(by: .seconds(24 * 3600 + 1))
            var steps = 1
            while try await log.prune(on: database) { steps += 1 }
            #expect(steps == (kind == .sqlite ? 3 : 1))
            for table: StaticSQL in ["events", "event_audiences", "event_crowds"] {
                #expect(try await count(table) == 0)
            }
        }
    }

    @Test(
        "a replay from anywhere is what was heard live from there on and can be seen now",
        arguments: DatabaseKind.allCases)
    func replayIsWhatWasHeard(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("sight seed \(seed)")
        let random = SeededRandomness(seed: seed)
        for _ in 0..<(kind == .sqlite ? 12 : 4) {
            try await EventLogTests.withLog(kind) { database, log, _ in
                var world = World()
                let server = world.server
                var heard: [(position: Int64, audience: Audience, word: String)] = []
                for number in 0..<120 {
                    let (step, isHeard) = world.step(random)
                    // Now and then thousands are told the same, or others are.
                    let crowd = random.next() % 4 == 0 ? Self.crowd : []
                    try await database.write { tx in
                        switch step {
                        case .say(let audience):
                            tx.changeSight(SightChange(gained: [audience]), of: crowd)
                            tx.emit(.test("SAID"), "word \(number)", to: audience)
                        case .change(let change, let audience):
                            tx.changeSight(change, of: [audience] + (audience == server ? [] : crowd))
                        }
                    }
                    try await EventLogTests.settle(database)
                    let position = try await log.newestPosition(in: database)
                    if isHeard, case .say(let audience) = step { heard.append((position, audience, "word \(number)")) }
                }
                for _ in 0..<10 {
                    let start = Int64(random.next() % 121)
                    let events = try await EventLogTests.replay(
                        after: start, seeing: world.seen, user: world.user, database, log)
                    let words = events.filter { !$0.name.isInternal }.map {
                        String(decoding: $0.payload, as: UTF8.self)
                    }
                    let expected = heard.filter { $0.position > start && world.seen.contains($0.audience) }
                        .map { "\"\($0.word)\"" }
                    #expect(words == expected, "seed \(seed), after \(start)")
                }
            }
        }
    }
}

extension EventKind where Payload == String {
    static func test(_ name: String) -> Self { Self(name, heardBy: "the test", "Something was said.") }
}
