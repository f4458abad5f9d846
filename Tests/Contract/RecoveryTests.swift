import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Recovery by e-mail")
struct RecoveryTests {
    /// Runs `body` on a server that sends its mail to a mailbox of the test.
    static func withMail(
        _ kind: DatabaseKind, _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (TestServer, TestMailbox) async throws -> Void
    ) async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        try await TestServer.with(kind, mail(to: mailbox).merging(settings) { $1 }) { server in
            try await body(server, mailbox)
        }
    }

    static func mail(to mailbox: TestMailbox) -> [String: String] {
        [
            "mail.smtp_url": "smtp+plain://127.0.0.1:\(mailbox.port)", "mail.from": "chat@example.org",
            "http.public_url": "https://chat.example.org",
        ]
    }

    struct Letter {
        let to: String
        let subject: String
        /// The token of the link in it.
        let token: String?

        init(_ line: String) throws {
            let json = try JSONParser.parse(Array(line.utf8))
            to = json["to"]?[0]?.string ?? ""
            subject = try json.text("subject")
            token = try json.text("text").firstMatch(of: /#token=([A-Za-z0-9_-]+)/).map { String($0.output.1) }
        }
    }

    /// Waits until so many letters have come, and returns the newest.
    static func letter(_ count: Int, in mailbox: TestMailbox) async throws -> Letter {
        try Letter(try await mailbox.messages(count)[count - 1])
    }

    static func resets(_ server: TestServer, _ token: String, to password: String) async throws -> String {
        try await server.outcome(
            .POST, "/auth/password-reset/confirm", ["token": .string(token), "password": .string(password)])
    }

    static let request = "/auth/password-reset/request"

    @Test("a forgotten password is replaced through the mailbox", arguments: DatabaseKind.allCases)
    func reset(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            let alice = try await server.person("alice")
            let listener = try await alice.listens()
            #expect(try await server.outcome(.POST, Self.request, ["email": "Alice@Example.org"]) == "200")
            let letter = try await Self.letter(2, in: mailbox)
            #expect(letter.to == "alice@example.org")
            #expect(letter.subject == "Reset your password")
            let token = try #require(letter.token)
            #expect(try await Self.resets(server, token, to: "weak") == "400 Weak password")
            #expect(try await Self.resets(server, token, to: Person.newPassword) == "200")
            #expect(try await Self.resets(server, token, to: Person.newPassword) == "401 Expired token")
            #expect(try await listener.socket.closed().code == 4004)
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            let old = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(old == "401 Invalid credentials")
            let new = try await server.send(.POST, "/auth/login", AccountTests.login("alice", Person.newPassword))
            #expect(new.json["user"]?["email_verified"] == true, "who has the letter has the address")
            #expect(try await Self.letter(3, in: mailbox).subject == "Your password was reset")
        }
    }

    @Test("nobody learns whether an address is known", arguments: DatabaseKind.allCases)
    func silence(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            _ = try await server.person("alice")
            for path in [Self.request, "/auth/verify-email/request"] {
                let known = try await server.send(.POST, path, ["email": "alice@example.org"])
                for address in ["nobody@example.org", "no address", "a\u{0}@example.org"] {
                    let unknown = try await server.send(.POST, path, ["email": .string(address)])
                    #expect(unknown.body == known.body)
                    #expect(unknown.status == known.status)
                }
            }
            let letters = try await mailbox.messages(3)
            #expect(try letters.allSatisfy { try Letter($0).to == "alice@example.org" })
        }
    }

    @Test("a link runs out after an hour, and with the password or the address", arguments: DatabaseKind.allCases)
    func expiry(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            let alice = try await server.person("alice")
            let ask = { @Sendable (count: Int) async throws -> String in
                let email = try await alice.does(.GET, "/users/@me")["email"] ?? .null
                _ = try await server.send(.POST, Self.request, ["email": email])
                let letter = try await Self.letter(count, in: mailbox)
                return try #require(letter.token)
            }
            let old = try await ask(2)
            server.clock.advance(by: .seconds(3600))
            #expect(try await Self.resets(server, old, to: Person.newPassword) == "401 Expired token")
            let beforeMove = try await ask(3)
            try await alice.does(
                .PATCH, "/users/@me", ["email": "new@example.org", "current_password": .string(Person.password)])
            #expect(try await Self.resets(server, beforeMove, to: Person.newPassword) == "401 Expired token")
            #expect(try await Self.letter(4, in: mailbox).to == "alice@example.org", "the old address is told")
            let beforeChange = try await ask(5)
            let change: JSON = ["password": .string(Person.newPassword), "current_password": .string(Person.password)]
            try await alice.does(.PATCH, "/users/@me", change)
            #expect(try await Self.resets(server, beforeChange, to: Person.newPassword) == "401 Expired token")
        }
    }

    @Test("a reset opens a locked account, and leaves the second factor on", arguments: DatabaseKind.allCases)
    func lockAndSecondFactor(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            let alice = try await server.person("alice")
            _ = try await alice.turnsOnTwoFactor()
            for _ in 0..<6 { _ = try await server.send(.POST, "/auth/login", AccountTests.login("alice", "Wrong 1!")) }
            _ = try await server.send(.POST, Self.request, ["email": "alice@example.org"])
            try await server.doesDueWork()
            // The others tell of the second factor and of the lock.
            let letters = try await mailbox.messages(4).map(Letter.init)
            let token = try #require(letters.first { $0.subject == "Reset your password" }?.token)
            #expect(try await Self.resets(server, token, to: Person.newPassword) == "200")
            let login = try await server.send(.POST, "/auth/login", AccountTests.login("alice", Person.newPassword))
            #expect(login.json["status"] == "two_factor_required")
        }
    }

    @Test("a mailbox is not flooded", arguments: DatabaseKind.allCases)
    func flood(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            _ = try await server.person("alice")
            _ = try await server.person("bob")
            for _ in 0..<10 { _ = try await server.send(.POST, Self.request, ["email": "alice@example.org"]) }
            _ = try await server.send(.POST, Self.request, ["email": "bob@example.org"])
            // Letters go out in their order, so all of Alice's have come before Bob's.
            let letters = try await mailbox.messages(6).map { try Letter($0) }
            #expect(letters.count { $0.to == "alice@example.org" && $0.subject == "Reset your password" } == 3)
            #expect(letters[5].to == "bob@example.org")
        }
    }

    @Test("an address is verified by the link that was sent to it", arguments: DatabaseKind.allCases)
    func verification(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            let alice = try await server.person("alice")
            let letter = try await Self.letter(1, in: mailbox)
            #expect(letter.subject == "Verify your e-mail address")
            let listener = try await alice.listens()
            let token: JSON = ["token": .string(try #require(letter.token))]
            #expect(try await server.outcome(.POST, "/auth/verify-email/confirm", token) == "200")
            #expect(try await listener.hears("USER_UPDATE")["d"]?["email_verified"] == true)
            #expect(try await server.outcome(.POST, "/auth/verify-email/confirm", token) == "401 Expired token")
            #expect(
                try await Self.resets(server, try #require(letter.token), to: Person.newPassword) == "401 Expired token"
            )
        }
    }

    @Test("an instance can want the address verified before the first login", arguments: DatabaseKind.allCases)
    func required(kind: DatabaseKind) async throws {
        try await Self.withMail(kind, ["registration.require_verified_email": "true"]) { server, mailbox in
            let reply = try await server.send(.POST, "/auth/register", AccountTests.registration("alice"))
            #expect(reply.status == 201)
            #expect(reply.json["status"] == "email_verification_required")
            #expect(reply.json["token"] == .null)
            for _ in 0..<6 {
                let early = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice"))
                #expect(early == "403 Email not verified")
            }
            let wrong = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice", "Wrong 1!"))
            #expect(wrong == "401 Invalid credentials")
            let token = try #require(try await Self.letter(1, in: mailbox).token)
            _ = try await server.send(.POST, "/auth/verify-email/confirm", ["token": .string(token)])
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
        }
    }

    @Test("a letter does not verify the address that came after it", arguments: DatabaseKind.allCases)
    func movedAway(kind: DatabaseKind) async throws {
        try await Self.withMail(kind) { server, mailbox in
            let alice = try await server.person("alice")
            let token = try #require(try await Self.letter(1, in: mailbox).token)
            try await alice.does(
                .PATCH, "/users/@me", ["email": "new@example.org", "current_password": .string(Person.password)])
            let outcome = try await server.outcome(.POST, "/auth/verify-email/confirm", ["token": .string(token)])
            #expect(outcome == "401 Expired token")
            #expect(try await alice.does(.GET, "/users/@me")["email_verified"] == false)
        }
    }

    @Test("without a mail server the routes are not there", arguments: DatabaseKind.allCases)
    func withoutMail(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let email: JSON = ["email": "alice@example.org"]
            let token: JSON = ["token": "x", "password": .string(Person.password)]
            let requests: [(String, JSON)] = [
                (Self.request, email), ("/auth/password-reset/confirm", token), ("/auth/verify-email/request", email),
                ("/auth/verify-email/confirm", token),
            ]
            for (path, body) in requests {
                let outcome = try await server.outcome(.POST, path, body)
                #expect(outcome == "503 Module not available", "\(path)")
            }
            #expect(try await server.send(.GET, "/capabilities").json["password_reset"] == false)
        }
    }
}
