import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Features
@testable import People

/// Letters wait as rows until they are sent, whatever becomes of nodes and mail servers meanwhile.
@Suite("Letters in line")
struct LetterTests {
    /// Runs `body` on a server whose mail server does not answer at first; it is opened at the port that is handed over.
    private static func withoutMail(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (TestServer, Int) async throws -> Void
    ) async throws {
        let mailbox = try await TestMailbox.open()
        mailbox.close()
        try await TestServer.with(kind, RecoveryTests.mail(to: mailbox)) { server in
            try await body(server, mailbox.port)
        }
    }

    private static func opens(_ port: Int) async throws -> TestMailbox { try await .open(["--port", "\(port)"]) }

    static func line(_ server: TestServer) async throws -> Int {
        try await server.onDatabase { tx in try LetterStore.count(tx) }
    }

    private static func subjects(_ mailbox: TestMailbox) throws -> [String] {
        try mailbox.messages.map { try RecoveryTests.Letter($0).subject }.sorted()
    }

    private static let (verify, reset, changed) = (
        "Verify your e-mail address", "Reset your password", "Your password was changed"
    )

    private static func changesPassword(_ person: Person) async throws {
        try await person.does(
            .PATCH, "/users/@me",
            ["password": .string(Person.newPassword), "current_password": .string(Person.password)])
    }

    @Test(
        "a mail server that is away for an hour misses nothing but what has run out",
        arguments: DatabaseKind.allCases)
    func outage(kind: DatabaseKind) async throws {
        try await Self.withoutMail(kind) { server, port in
            let alice = try await server.person("alice")
            try await Self.changesPassword(alice)
            _ = try await server.send(.POST, RecoveryTests.request, ["email": "alice@example.org"])
            try await server.triesLetters(3)
            server.clock.advance(by: .seconds(3600))
            _ = try await server.send(.POST, RecoveryTests.request, ["email": "alice@example.org"])
            let mailbox = try await Self.opens(port)
            defer { mailbox.close() }
            server.clock.advance(by: .seconds(600))
            let letters = try await mailbox.messages(3).map(RecoveryTests.Letter.init)
            try await eventually { try await Self.line(server) == 0 }
            #expect(try Self.subjects(mailbox) == [Self.reset, Self.verify, Self.changed].sorted())
            let token = try #require(letters.first { $0.subject == Self.reset }?.token)
            #expect(try await RecoveryTests.resets(server, token, to: Person.password) == "200")
        }
    }

    @Test("what waits over a restart is sent", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        let mailbox = try await TestMailbox.open()
        mailbox.close()
        try await TestServer.restarting(kind, RecoveryTests.mail(to: mailbox)) { server in
            try await Self.changesPassword(try await server.person("alice"))
        } then: { server in
            let mailbox = try await Self.opens(mailbox.port)
            defer { mailbox.close() }
            server.clock.advance(by: .seconds(600))
            _ = try await mailbox.messages(2)
            try await eventually { try await Self.line(server) == 0 }
            #expect(try Self.subjects(mailbox) == [Self.verify, Self.changed].sorted())
        }
    }

    @Test("what waits holds no secret, and a link that did not arrive opens nothing", arguments: DatabaseKind.allCases)
    func secrets(kind: DatabaseKind) async throws {
        try await Self.withoutMail(kind) { server, _ in
            _ = try await server.person("alice")
            _ = try await server.send(.POST, RecoveryTests.request, ["email": "alice@example.org"])
            try await server.triesLetters(2)
            let (details, links) = try await server.onDatabase { tx in
                let details = try tx.all("SELECT details FROM letters WHERE attempts > 0") { $0.text(0) }
                let links = try tx.exists(
                    "SELECT 1 FROM one_time_tokens WHERE purpose IN ('password_reset', 'email_verification')")
                return (details, links)
            }
            #expect(details == ["{}", "{}"])
            #expect(!links)
        }
    }

    @Test(
        "to ask for an unknown address does what a known one does, and nothing of it stays",
        arguments: DatabaseKind.allCases)
    func unknown(kind: DatabaseKind) async throws {
        try await Self.withoutMail(kind) { server, _ in
            _ = try await server.person("alice")
            try await server.triesLetters(1)
            for path in [RecoveryTests.request, "/auth/verify-email/request"] {
                for address in ["alice@example.org", "nobody@example.org", "no address", "a\u{0}@example.org"] {
                    let asked = try await server.statements.statements {
                        let outcome = try await server.outcome(.POST, path, ["email": .string(address)])
                        #expect(outcome == "200")
                    }
                    let inserts = asked.filter { $0.key.text.hasPrefix("INSERT INTO letters") }
                    #expect(inserts.map(\.value) == [1], "\(address)")
                }
            }
            try await eventually { try await Self.line(server) == 3 }
            let addresses = try await server.onDatabase { tx in
                try tx.all("SELECT DISTINCT address FROM letters WHERE user_id IS NOT NULL OR address <> ''") {
                    $0.text(0)
                }
            }
            #expect(addresses == ["alice@example.org"])
        }
    }

    @Test("what waits for an account counts as its share of links", arguments: DatabaseKind.allCases)
    func share(kind: DatabaseKind) async throws {
        try await Self.withoutMail(kind) { server, port in
            _ = try await server.person("alice")
            for _ in 0..<6 { _ = try await server.send(.POST, RecoveryTests.request, ["email": "alice@example.org"]) }
            try await eventually { try await Self.line(server) == 4 }
            let mailbox = try await Self.opens(port)
            defer { mailbox.close() }
            server.clock.advance(by: .seconds(600))
            try await eventually { try await Self.line(server) == 0 }
            #expect(try Self.subjects(mailbox) == [Self.reset, Self.reset, Self.reset, Self.verify])
            _ = try await server.send(.POST, RecoveryTests.request, ["email": "alice@example.org"])
            try await eventually { try await Self.line(server) == 0 }
            #expect(mailbox.messages.count == 4)
        }
    }

    @Test(
        "who has another address is told at the old one, where no link goes any more",
        arguments: DatabaseKind.allCases)
    func addresses(kind: DatabaseKind) async throws {
        try await Self.withoutMail(kind) { server, port in
            let alice = try await server.person("alice")
            _ = try await server.send(.POST, RecoveryTests.request, ["email": "alice@example.org"])
            try await server.triesLetters(2)
            try await alice.does(
                .PATCH, "/users/@me", ["email": "new@example.org", "current_password": .string(Person.password)])
            let mailbox = try await Self.opens(port)
            defer { mailbox.close() }
            server.clock.advance(by: .seconds(600))
            let letter = try await RecoveryTests.letter(1, in: mailbox)
            #expect(letter.to == "alice@example.org" && letter.subject == "Your e-mail address was changed")
            try await eventually { try await Self.line(server) == 0 }
            #expect(mailbox.messages.count == 1)
        }
    }

    @Test("an account that is erased takes along what waits for it", arguments: DatabaseKind.allCases)
    func erased(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            for person in [alice, bob] {
                let (id, later) = (try UserID(parsing: person.id), server.clock.now() + .seconds(60 * 86_400))
                try await server.onDatabase { tx in
                    try tx.execute(
                        """
                        INSERT INTO letters (id, kind, user_id, address, details, created_at, due_at, attempts)
                        VALUES ($1, 'passkey_added', $1, 'somebody@example.org', '{}', $2, $2, 0)
                        """, [id, later])
                }
            }
            try await alice.does(.DELETE, "/users/@me", ["password": .string(Person.password)])
            server.clock.advance(by: .seconds(31 * 86_400))
            try await server.keepsUp()
            let left = try await server.onDatabase { tx in
                try tx.all("SELECT user_id FROM letters") { $0.id(0, UserID.self).description }
            }
            #expect(left == [bob.id])
        }
    }

    @Test("a mailbox that is not there is asked three times", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await RecoveryTests.withMail(kind) { server, mailbox in
            _ = try await server.person("refused")
            for times in 1...2 {
                try await server.triesLetters(1, times: times)
                server.clock.advance(by: .seconds(60))
            }
            try await eventually { try await Self.line(server) == 0 }
            #expect(mailbox.messages == [])
        }
    }

    @Test("what a node is sending no other one sends, until that one must have ended", arguments: DatabaseKind.allCases)
    func leases(kind: DatabaseKind) async throws {
        try await Self.withoutMail(kind) { server, port in
            _ = try await server.person("alice")
            try await server.triesLetters(1)
            try await server.onDatabase { tx in
                try tx.execute("UPDATE letters SET due_at = 0, taken_until = \(tx.dialect.now_ms) + 100000")
            }
            let mailbox = try await Self.opens(port)
            defer { mailbox.close() }
            try await server.looksForLetters()
            #expect(mailbox.messages == [])
            try await server.onDatabase { tx in try tx.execute("UPDATE letters SET taken_until = 1") }
            _ = try await mailbox.messages(1)
            try await eventually { try await Self.line(server) == 0 }
            #expect(mailbox.messages.count == 1)
        }
    }
}

extension TestServer {
    /// Waits until so many letters have been tried at least so often.
    func triesLetters(_ count: Int, times: Int = 1) async throws {
        try await eventually {
            try await onDatabase { tx in
                try tx.count("SELECT 1 FROM letters WHERE attempts >= $1 AND taken_until IS NULL", [times]) >= count
            }
        }
    }

    /// Waits until the server has looked, from beginning to end, for letters that are due.
    func looksForLetters() async throws {
        let mark = try await onDatabase { tx in
            try RecordingConnection.statements(of: tx) { _ = try LetterStore.due(limit: 1, $0) }
        }
        for statement in mark { try await statements.waits(for: statement, times: 2) }
    }
}
