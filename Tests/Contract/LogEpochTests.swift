import Aviary
import Chat
import Client
import Database
import Events
import Foundation
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Gateway

/// A database that is put back to an earlier state, or replaced by a copy, uses positions of the log a second time. Who comes back
/// with one of them would be told some of the events after it, and take them for all.
@Suite("A log that begins anew")
struct LogEpochTests {
    private struct Past: Sendable {
        let aliceID: String
        let token: String
        let general: String
        let session: String
        let sequence: Int64
    }

    private typealias Kept = NIOLockedValueBox<Past?>

    /// A folder as an operator has it, with the database in it.
    private static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-epoch-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private static func serve(
        _ folder: URL, database: String? = nil, _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.with(
            databaseURL: database ?? "sqlite:\(folder.path)/aviary.db", ["data": folder.path], body)
    }

    /// Somebody is there, and hears that something is said.
    private static func visit(_ server: TestServer, _ store: Kept) async throws {
        let alice = try await server.person("alice")
        let nest = try await alice.foundsServer()
        let absence = try await alice.goesAway()
        store.withLockedValue {
            $0 = Past(
                aliceID: alice.id, token: alice.token, general: nest.general, session: absence.session,
                sequence: absence.sequence)
        }
    }

    private static func alice(_ past: Past, on server: TestServer) -> Person {
        Person(server: server, name: "alice", id: past.aliceID, token: past.token)
    }

    /// What the session of before is answered: RESUMED or INVALID_SESSION.
    private static func comesBack(_ past: Past, to server: TestServer) async throws -> String {
        let alice = alice(past, on: server)
        let listener = try await alice.asksToReturn(
            from: Absence(person: alice, session: past.session, sequence: past.sequence))
        while true {
            let frame = try await listener.socket.next()
            if frame["op"] == 9 { return frame["d"] == false ? "INVALID_SESSION" : "\(frame)" }
            if frame["t"] == "RESUMED" { return "RESUMED" }
        }
    }

    private static func answers(_ past: Past, on server: TestServer, _ answer: String) async throws {
        let given = try await comesBack(past, to: server)
        #expect(given == answer)
    }

    private static func talks(_ past: Past, on server: TestServer, times: Int) async throws {
        for number in 0..<times {
            try await alice(past, on: server).says("\(number)", in: past.general)
        }
    }

    @Test("a session goes on over a restart, and not over a database that was put back")
    func putBack() async throws {
        try await Self.withFolder { folder in
            let (store, file) = (Kept(nil), folder.appending(path: "aviary.db"))
            try await Self.serve(folder) { server in try await Self.visit(server, store) }
            let past = try store.withLockedValue { try #require($0) }
            let backup = try Data(contentsOf: file)
            try await Self.serve(folder) { server in
                try await Self.answers(past, on: server, "RESUMED")
                try await Self.talks(past, on: server, times: 10)
                try await eventually { Self.marked(folder) >= past.sequence + 10 }
            }
            try backup.write(to: file)
            try await Self.serve(folder) { server in
                // Now there are more events than before, so that the position is known again.
                try await Self.talks(past, on: server, times: 15)
                try await Self.answers(past, on: server, "INVALID_SESSION")
            }
            // It stays so, and new sessions go on.
            try await Self.serve(folder) { server in
                try await Self.answers(past, on: server, "INVALID_SESSION")
                let absence = try await Self.alice(past, on: server).goesAway()
                #expect(try await absence.person.returns(from: absence).names == [])
            }
        }
    }

    private static func marked(_ folder: URL, _ name: String = "position") -> Int64 {
        let mark = try? String(contentsOf: folder.appending(path: "log.json"), encoding: .utf8)
        return mark.flatMap(JSON.init(text:))?[name]?.integer ?? 0
    }

    @Test("a data folder that was copied back as a whole is noticed, too")
    func copiedBack() async throws {
        try await Self.withFolder { folder in
            let (store, mark) = (Kept(nil), folder.appending(path: "log.json"))
            try await Self.serve(folder) { server in try await Self.visit(server, store) }
            let past = try store.withLockedValue { try #require($0) }
            // A minute later somebody writes the same into the same file: that is what copying it back is.
            let text = try String(contentsOf: mark, encoding: .utf8)
            let fields = try #require(JSON(text: text)?.object)
            let writtenAt = try #require(text.firstMatch(of: /"writtenAt":([0-9.]+)/).flatMap { Double($0.1) })
            let old = text.replacing(/"writtenAt":[0-9.]+/, with: "\"writtenAt\":\(writtenAt - 60)")
            #expect(fields.count == 3 && old != text)
            try Data(old.utf8).write(to: mark)
            try await Self.serve(folder) { server in
                try await Self.answers(past, on: server, "INVALID_SESSION")
            }
        }
    }

    @Test("a mark that can't be read ends nothing")
    func unreadable() async throws {
        try await Self.withFolder { folder in
            let store = Kept(nil)
            try await Self.serve(folder) { server in try await Self.visit(server, store) }
            let past = try store.withLockedValue { try #require($0) }
            for content in ["", "{", "{\"epoch\":\"x\"}", "[]"] {
                try Data(content.utf8).write(to: folder.appending(path: "log.json"))
                try await Self.serve(folder) { server in
                    try await Self.answers(past, on: server, "RESUMED")
                }
            }
        }
    }

    @Test("another database that is a copy of the one before has another log")
    func copy() async throws {
        try await Self.withFolder { folder in
            try await TestDatabase.withPlace(.postgresql) { place in
                let store = Kept(nil)
                try await Self.serve(folder, database: place.address) { server in try await Self.visit(server, store) }
                let past = try store.withLockedValue { try #require($0) }
                let name = "\(place.name)_copy"
                try await place.administer("CREATE DATABASE \(name) TEMPLATE \(place.name) STRATEGY file_copy")
                let address = place.address.replacing("/\(place.name)", with: "/\(name)")
                do {
                    // A folder of its own: nothing but the database tells it.
                    try await Self.withFolder { other in
                        try await Self.serve(other, database: address) { server in
                            try await Self.answers(past, on: server, "INVALID_SESSION")
                        }
                    }
                    try await Self.serve(folder, database: place.address) { server in
                        try await Self.answers(past, on: server, "RESUMED")
                    }
                } catch {
                    try await place.administer("DROP DATABASE \(name) WITH (FORCE)")
                    throw error
                }
                try await place.administer("DROP DATABASE \(name) WITH (FORCE)")
            }
        }
    }

    @Test(
        "a database that loses its end while the server runs ends what is connected", arguments: DatabaseKind.allCases)
    func whileRunning(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let absence = try await alice.goesAway()
            for number in 0..<10 { try await alice.says("\(number)", in: nest.general) }
            let listener = try await alice.listens()
            try await eventually { Self.marked(URL(filePath: server.folder)) >= absence.sequence + 10 }
            // As a copy that had not everything takes the place of the first one.
            try await server.onDatabase { tx in
                let last = absence.sequence + 3
                let lost = try tx.all("SELECT position, audiences FROM events WHERE position > $1", [last]) {
                    (position: $0.integer(0), audiences: $0.text(1).split(separator: ",").compactMap { Int64($0) })
                }
                for event in lost {
                    for audience in event.audiences {
                        try tx.execute(
                            "DELETE FROM event_audiences WHERE audience_id = $1 AND position = $2",
                            [audience, event.position])
                    }
                    try tx.execute("DELETE FROM events WHERE position = $1", [event.position])
                }
                try tx.execute("UPDATE event_log_state SET newest_position = $1 WHERE id = 1", [absence.sequence + 3])
                if tx.dialect == .postgresql {
                    try tx.execute("SELECT setval('event_positions', $1)", [absence.sequence + 3])
                }
            }
            #expect(try await listener.socket.closed().code == 4000)
            let asking = try await alice.asksToReturn(from: absence)
            #expect(try await asking.next(op: 9)["d"] == false)
            let again = try await alice.listens()
            let said = try await alice.says("after", in: nest.general)
            #expect(try await again.hears("MESSAGE_CREATE")["d"]?["id"] == .string(said.text("id")))
        }
    }

    @Test("the operator can begin the log anew", arguments: DatabaseKind.allCases)
    func byHand(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let absence = try await alice.goesAway()
            let listener = try await alice.listens()
            try await server.operate { administration in try await administration.beginLogAnew() }
            #expect(try await listener.socket.closed().code == 4000)
            let asking = try await alice.asksToReturn(from: absence)
            #expect(try await asking.next(op: 9)["d"] == false)
            _ = try await alice.listens()
        }
    }

    private static func withoutEpoch(_ session: String, _ key: [UInt8]) throws -> String {
        let ticket = try #require(SessionTicket(sessionID: session, signedWith: key))
        return SessionTicket(
            user: ticket.user, login: ticket.login, intents: ticket.intents, shard: ticket.shard,
            issuedAt: ticket.issuedAt, epoch: nil
        ).sessionID(signedWith: key)
    }

    @Test("a session of the time before epochs goes on for a day", arguments: DatabaseKind.allCases)
    func before(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let absence = try await alice.goesAway()
            let key = try await server.onDatabase { tx in
                try tx.first("SELECT value FROM instance_settings WHERE key = 'gateway_session_key'") { $0.bytes(0) }
            }
            let old = Absence(
                person: alice, session: try Self.withoutEpoch(absence.session, #require(key)),
                sequence: absence.sequence)
            func answer() async throws -> JSON? {
                let listener = try await alice.asksToReturn(from: old)
                while true {
                    let frame = try await listener.socket.next()
                    if frame["op"] == 9 { return "INVALID_SESSION" }
                    if frame["t"] == "RESUMED" { return frame["t"] }
                }
            }
            // A log that had epochs from its beginning knows no such sessions.
            #expect(try await answer() == "INVALID_SESSION")
            try await server.onDatabase { tx in
                try tx.execute(
                    "UPDATE event_log_state SET epoch = 0, epoch_began_at = $1 WHERE id = 1", [server.clock.now()])
            }
            try await eventually { Self.marked(URL(filePath: server.folder), "epoch") == 0 }
            #expect(try await answer() == "RESUMED")
            server.clock.advance(by: .seconds(24 * 3600 - 60))
            #expect(try await answer() == "RESUMED")
            server.clock.advance(by: .seconds(120))
            #expect(try await answer() == "INVALID_SESSION")
        }
    }
}
