import Database
import Foundation
import Kernel
import TestDatabase
import Testing

@testable import Aviary
@testable import Chat
@testable import Community
@testable import Events
@testable import Features
@testable import Gateway

/// While the nodes of an instance are restarted one after another with a new version, some are of the version before: they read what
/// today's program writes, and it reads what they write, over the bus and in the database.
///
/// What is written down here is what that version writes. It is never changed; what a version adds is added when it is released, and
/// `AVIARY_TEST_RECORD` writes down the schema then.
@Suite("Nodes of the version before")
struct PreviousNodeTests {
    // MARK: What they say

    @Test("what they tell of who is connected to them is understood")
    func presence() {
        let (alice, bob) = (UserID(rawValue: 1), UserID(rawValue: 2))
        let messages: [(String, OtherNodes.Message)] = [
            (#"{"node":"a","beat":7}"#, .beat(version: 7)),
            (
                #"{"node":"a","change":8,"user":"1","devices":["online","idle"],"chosen":true}"#,
                .change(version: 8, alice, [.online, .idle], hasChosen: true)
            ),
            (
                #"{"node":"a","change":9,"user":"2","devices":[]}"#,
                .change(version: 9, bob, [], hasChosen: false)
            ),
            (
                #"{"node":"a","part":3,"index":1,"count":2,"people":{"1":["dnd"],"2":["online","invisible"]}}"#,
                .part(version: 3, index: 1, count: 2, [alice: [.dnd], bob: [.online, .invisible]])
            ),
            (#"{"node":"a","asks":""}"#, .asks(nil)), (#"{"node":"a","asks":"b"}"#, .asks("b")),
            (#"{"node":"a","ends":true}"#, .ends),
        ]
        for (text, message) in messages {
            let read = OtherNodes.Message.read(Array(text.utf8))
            #expect(read?.node == "a" && read?.message == message, "\(text)")
        }
    }

    @Test("what they tell of what is typed is understood, and to whom")
    func transient() throws {
        let text =
            #"{"t":"TYPING_START","intent":2048,"to":[100,-100],"except":[5],"horizon":41,"d":{"user_id":"1"}}"#
        let event = try #require(TransientEvent(Array(text.utf8)))
        #expect(event.name.rawValue == "TYPING_START" && event.intent.rawValue == 2048 && event.horizon == 41)
        #expect(event.audiences.map(\.id) == [100, -100] && event.except.map(\.id) == [5])
        #expect(event.payload == Array(#"{"user_id":"1"}"#.utf8))
    }

    @Test("what they say of themselves is understood")
    func report() throws {
        let text =
            #"{"version":"a.1.0-1","started_at":9,"position":7,"sessions":3,"skew_ms":-4,"leads":true}"#
        let report = try #require(NodeReport(text))
        #expect(report.version == "a.1.0-1" && report.startedAt == Timestamp(seconds: 9) && report.position == 7)
        #expect(report.sessions == 3 && report.skew_ms == -4 && report.leads)
    }

    @Test("a session that began there is resumed here")
    func ticket() {
        let id = "An__________AAAAAAAAACoACAABAAMCvAAAAYvP5Wh7f_________-QoUmXitnFV4M1uPlazaCO"
        #expect(
            SessionTicket(sessionID: id, signedWith: Array(0..<32))
                == SessionTicket(
                    user: UserID(rawValue: .max), login: SessionID(rawValue: 42), intents: [.guilds, .auditLog],
                    shard: SessionShard(index: 3, count: 700), issuedAt: Timestamp(milliseconds: 1_700_000_000_123),
                    epoch: LogEpoch(rawValue: .max)))
    }

    @Test("what they leave in the log for the nodes themselves is understood")
    func internalEvents() {
        func event(_ name: EventName, _ payload: String) -> Event {
            Event(
                position: 1, at: Timestamp(seconds: 1), name: name, intent: [], audiences: [],
                payload: Array(payload.utf8))
        }
        let audience = { (id: Int64) in Audience(id: id) }
        #expect(
            event(.sight, #"{"gained":[100,-100],"lost":[101],"except":[5]}"#).sightChange
                == SightChange(gained: [audience(100), audience(-100)], lost: [audience(101)], except: [audience(5)]))
        #expect(
            event(.sight, #"{"gained":[],"lost":[101]}"#).sightChange == SightChange(lost: [audience(101)]))
        #expect(event(.loginsEnded, #"["42","43"]"#).endedLogins.map(\.rawValue) == [42, 43])
    }

    @Test("the events that they hand over are understood")
    func batch() throws {
        let head =
            #"{"epoch":7,"after":40,"events":[{"s":41,"t":"MESSAGE_CREATE","at":1000,"intent":512,"to":[100,-100],"#
            + #""place":-100,"rights":["messages.read"],"channel":9,"thing":8,"quoted":6,"size":2},"#
            + #"{"s":43,"t":"_SIGHT","at":1001,"intent":0,"to":[5],"size":3}]}"#
        let message = [0, 0, UInt8(head.utf8.count >> 8), UInt8(head.utf8.count & 0xFF)] + Array((head + "{}abc").utf8)
        let batch = try #require(EventBatch(message))
        #expect(batch.epoch.rawValue == 7 && batch.previous == 40)
        #expect(batch.events.map(\.position) == [41, 43])
        let event = try #require(batch.events.first)
        #expect(event.name.rawValue == "MESSAGE_CREATE" && event.at == Timestamp(milliseconds: 1000))
        #expect(
            event.intent.rawValue == 512 && event.audiences.map(\.id) == [100, -100]
                && event.payload == Array("{}".utf8))
        let subject = event.subject
        #expect(subject.place?.id == -100 && subject.rights == [.messagesRead] && subject.channel?.id == 9)
        #expect(subject.thing == 8 && subject.quoted == 6)
        #expect(batch.events.last?.name == .sight && batch.events.last?.payload == Array("abc".utf8))
    }

    // MARK: What they store

    /// The newest step that they know, and the schema that they have then.
    private static func known() throws -> (step: Int, schema: [String]) {
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        return (try #require(lines.first.flatMap { Int($0) }), Array(lines.dropFirst()))
    }

    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Released/previous-schema.txt")

    /// Columns and constraints, a line each, as PostgreSQL tells them.
    private static func schema(through step: Int = .max) async throws -> [String] {
        let migrations = Instance.migrations.filter { $0.number <= step }
        return try await TestDatabase.with(.postgresql, migrations: migrations) { database in
            try await database.read { tx in
                let columns = try tx.all(
                    """
                    SELECT CAST(table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
                        || COALESCE(column_default, '') AS TEXT)
                    FROM information_schema.columns WHERE table_schema = current_schema()
                    """
                ) { $0.text(0) }
                let constraints = try tx.all(
                    """
                    SELECT CAST(conrelid::regclass AS TEXT) || ' ' || CAST(conname AS TEXT) || ': '
                        || pg_get_constraintdef(oid)
                    FROM pg_constraint
                    WHERE connamespace = to_regnamespace(CAST(current_schema() AS TEXT)) AND contype <> 'n'
                    """
                ) { $0.text(0) }
                return (columns + constraints).sorted()
            }
        }
    }

    @Test("the steps of the schema that they know make the schema that they have")
    func steps() async throws {
        if ProcessInfo.processInfo.environment["AVIARY_TEST_RECORD"] != nil {
            let newest = try #require(Instance.migrations.last?.number)
            let lines = try await ["\(newest)"] + Self.schema()
            try (lines.joined(separator: "\n") + "\n").write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let known = try Self.known()
        let schema = try await Self.schema(through: known.step)
        #expect(known.schema.count > 300)
        #expect(Set(schema).symmetricDifference(known.schema) == [])
    }

    @Test("what they read and write is there after the newest step, and they need not know what is new")
    func whatStays() async throws {
        let known = try Self.known().schema
        let schema = try await Self.schema()
        #expect(Set(known).subtracting(schema) == [])
        let tables = Self.tables(of: known)
        // Their rows say nothing of a new column.
        let demanding = Set(schema).subtracting(known).filter { line in
            tables.contains(Self.table(of: line)) && line.hasSuffix(" NO ")
        }
        #expect(demanding == [])
    }

    @Test("no newer step removes or renames what they use")
    func newerSteps() throws {
        let known = try Self.known()
        let tables = Self.tables(of: known.schema)
        for step in Instance.migrations where step.number > known.step {
            for statement in step.statements(.postgresql).map(\.text) {
                #expect(!Self.takesAway(statement, tables), "\(step.number): \(statement)")
            }
        }
        for statement in [
            "DROP TABLE messages", "ALTER TABLE messages RENAME TO letters", "alter table users drop column username",
            "ALTER TABLE users\n    RENAME COLUMN username TO name", "ALTER TABLE users ALTER COLUMN id TYPE TEXT",
            "DROP TABLE IF EXISTS events CASCADE", "ALTER TABLE users ALTER COLUMN username SET NOT NULL",
        ] {
            #expect(Self.takesAway(statement, tables), "\(statement)")
        }
        for statement in [
            "ALTER TABLE messages ADD COLUMN mood TEXT", "DROP TABLE drafts_of_today", "DROP INDEX messages_by_mood",
            "DELETE FROM events",
        ] {
            #expect(!Self.takesAway(statement, tables), "\(statement)")
        }
    }

    private static func table(of line: String) -> String { String(line.prefix { $0 != "." && $0 != " " }) }

    private static func tables(of schema: [String]) -> Set<String> { Set(schema.map(table)) }

    /// Whether a statement takes something from one of the tables that others may rest on.
    private static func takesAway(_ statement: String, _ tables: Set<String>) -> Bool {
        let words = statement.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        guard words.count > 2, words[1] == "table" else { return false }
        guard words.dropFirst(2).contains(where: tables.contains) else { return false }
        if words[0] == "drop" { return true }
        guard words[0] == "alter" else { return false }
        let drops = zip(words, words.dropFirst()).contains { word, next in
            word == "drop" && !["constraint", "default", "not"].contains(next)
        }
        let alters = words.dropFirst().contains("alter")
        return drops || words.contains("rename")
            || alters && (words.contains("type") || words.suffix(3) == ["set", "not", "null"])
    }
}
