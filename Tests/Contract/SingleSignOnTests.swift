import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Features
@testable import People

@Suite("Single sign-on")
struct SingleSignOnTests {
    static func withProvider(
        _ kind: DatabaseKind, _ settings: [String: String] = [:], at ownProvider: TestIdentityProvider? = nil,
        _ body: @escaping @Sendable (TestServer, TestIdentityProvider) async throws -> Void
    ) async throws {
        let shared = try await TestIdentityProvider.shared()
        let provider = ownProvider ?? shared
        try await TestServer.with(kind, provider.settings.merging(settings) { $1 }) { server in
            try await body(server, provider)
        }
    }

    static func claims(_ email: String, isVerified: Bool = true, name: String = "Alice Ångström") -> JSON {
        ["email": .string(email), "email_verified": .bool(isVerified), "name": .string(name)]
    }

    @Test("who comes for the first time gets an account, and later the same", arguments: DatabaseKind.allCases)
    func newAccount(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let first = try await server.logsIn("a1", at: provider)
            #expect(first.json["status"] == "success")
            #expect(first.json["user"]?["username"] == "Alice.Angstrom")
            #expect(first.json["user"]?["email"] == "alice@example.org")
            #expect(first.json["user"]?["email_verified"] == true)
            try await provider.knows("a1", Self.claims("moved@example.org", name: "Other"))
            let second = try await server.logsIn("a1", at: provider)
            #expect(second.json["user"] == first.json["user"], "the subject is who it is, not the address")
            #expect(try await server.send(.GET, "/capabilities").json["oauth_providers"] == ["nest"])
        }
    }

    @Test("names are made to fit and to differ", arguments: DatabaseKind.allCases)
    func names(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            for (index, expected) in ["Bob", "Bob2", "Bob3"].enumerated() {
                try await provider.knows("b\(index)", Self.claims("b\(index)@example.org", name: "Bob"))
                let reply = try await server.logsIn("b\(index)", at: provider)
                #expect(reply.json["user"]?["username"]?.string == expected)
            }
            try await provider.knows("c", Self.claims("c.d@example.org", name: "アリス"))
            let reply = try await server.logsIn("c", at: provider)
            #expect(reply.json["user"]?["username"] == "c.d")
        }
    }

    @Test("an account with the same verified address is the same person's", arguments: DatabaseKind.allCases)
    func link(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            let id = try await server.operate {
                try await $0.create(username: "alice", email: "alice@example.org", password: Person.password)
            }
            try await server.operate { try await $0.dismiss("alice") }
            try await provider.knows("a1", Self.claims("Alice@example.org"))
            let reply = try await server.logsIn("a1", at: provider)
            #expect(reply.json["user"]?["id"]?.string == id.description)
            let password = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(password == "200", "the password stays good")
        }
    }

    @Test("an address that the provider does not vouch for opens nothing", arguments: DatabaseKind.allCases)
    func unverified(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            _ = try await server.person("alice")
            try await provider.knows("mallory", Self.claims("alice@example.org", isVerified: false))
            #expect(try await server.logsIn("mallory", at: provider).outcome == "409 Email already taken")
            try await provider.knows("silent", ["email": "alice@example.org"])
            #expect(try await server.logsIn("silent", at: provider).outcome == "409 Email already taken")
            try await provider.knows("carol", Self.claims("carol@example.org", isVerified: false))
            let carol = try await server.logsIn("carol", at: provider)
            #expect(carol.json["user"]?["email_verified"] == false)
        }
    }

    @Test("an address that only looks like somebody's opens nothing", arguments: DatabaseKind.allCases)
    func lookAlike(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            _ = try await server.person("mike")
            // A Kelvin sign, and a letter of full width: folded they are k and m.
            for (code, email) in [("kelvin", "mi\u{212A}e@example.org"), ("wide", "\u{FF4D}ike@example.org")] {
                try await provider.knows(code, Self.claims(email))
                #expect(try await server.logsIn(code, at: provider).outcome == "409 Email already taken")
            }
        }
    }

    @Test("who squats on an address loses the account to whom it belongs", arguments: DatabaseKind.allCases)
    func squatter(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            let mallory = try await server.person("alice")
            _ = try await mallory.registers(SoftPasskey())
            let bot = try await mallory.makesBot()
            _ = try await mallory.turnsOnTwoFactor()
            let listener = try await mallory.listens()
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let reply = try await server.logsIn("a1", at: provider)
            #expect(reply.json["status"] == "success")
            #expect(reply.json["user"]?["id"]?.string == mallory.id)
            #expect(reply.json["user"]?["email_verified"] == true)
            #expect(reply.json["user"]?["totp_enabled"] == false)
            #expect(try await listener.socket.closed().code == 4004)
            #expect(try await mallory.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await bot.standing() == "401 Invalid token")
            let password = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(password == "401 Invalid credentials")
            let token = try reply.json.text("token")
            #expect(try await server.send(.GET, "/auth/passkeys", token: token).json == [])
        }
    }

    @Test("an administrator's account is not linked by an address", arguments: DatabaseKind.allCases)
    func administrator(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            _ = try await server.administrator()
            try await provider.knows("r", Self.claims("root@example.org"))
            #expect(try await server.logsIn("r", at: provider).outcome == "409 Email already taken")
        }
    }

    @Test("two callbacks of one new person at once make one account", arguments: DatabaseKind.allCases)
    func race(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let users = try await atOnce(4) { _ in
                try await server.logsIn("a1", at: provider).json["user"]?["id"]?.string
            }
            #expect(Set(users).count == 1)
            #expect(users[0] != nil)
        }
    }

    @Test("a state works once, for ten minutes, for its own provider", arguments: DatabaseKind.allCases)
    func states(kind: DatabaseKind) async throws {
        let second = try await TestIdentityProvider.start()
        defer { second.program.stop() }
        let other = [
            "oauth.providers": "nest,other", "oauth.other.issuer": second.issuer, "oauth.other.client_id": "aviary",
        ]
        try await Self.withProvider(kind, other) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let start = try await server.beginsSingleSignOn()
            #expect(start["expires_in"] == 600)
            let (code, state) = try await provider.logIn("a1", at: start.text("authorization_url"))
            #expect(try start.text("state") == state)
            let elsewhere = try await server.finishesSingleSignOn(code, state, with: "other")
            #expect(elsewhere.outcome == "401 Expired token")
            let spent = try await server.finishesSingleSignOn(code, state)
            #expect(spent.outcome == "401 Expired token", "a state that was shown to another provider is spent")
            #expect(try await server.finishesSingleSignOn(code, "made up").outcome == "401 Expired token")
            let late = try await server.beginsSingleSignOn()
            let (lateCode, lateState) = try await provider.logIn("a1", at: late.text("authorization_url"))
            server.clock.advance(by: .seconds(600))
            #expect(try await server.finishesSingleSignOn(lateCode, lateState).outcome == "401 Expired token")
        }
    }

    @Test(
        "a code is of no use with another login's state, nor is one that was made up", arguments: DatabaseKind.allCases)
    func codes(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let mine = try await server.beginsSingleSignOn()
            let theirs = try await server.beginsSingleSignOn()
            let (stolen, _) = try await provider.logIn("a1", at: theirs.text("authorization_url"))
            let swapped = try await server.finishesSingleSignOn(stolen, try mine.text("state"))
            #expect(swapped.outcome == "401 Invalid credentials", "PKCE binds the code to its login")
            let feigned = try await server.finishesSingleSignOn("made up", try theirs.text("state"))
            #expect(feigned.outcome == "401 Invalid credentials")
        }
    }

    @Test("the second factor is asked for", arguments: DatabaseKind.allCases)
    func secondFactor(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let login = try await server.logsIn("a1", at: provider)
            let alice = Person(
                server: server, name: "Alice.Angstrom", id: try login.json["user"]?.text("id") ?? "",
                token: try login.json.text("token"))
            let setup = try await alice.does(.POST, "/auth/2fa/enable")
            let code = TimeBasedCode(secret: try Base32Text.bytes(setup.text("secret")))
            let step = TimeBasedCode.step(at: server.clock.now())
            try await alice.does(.POST, "/auth/2fa/confirm", ["code": .string(code.code(at: step - 1))])
            let again = try await server.logsIn("a1", at: provider)
            #expect(again.json["status"] == "two_factor_required")
            let finished = try await server.answers(try again.json.text("challenge_token"), with: code.code(at: step))
            #expect(finished.json["user"]?["id"]?.string == alice.id)
            let (third, fourth) = (
                try await server.logsIn("a1", at: provider), try await server.logsIn("a1", at: provider)
            )
            for _ in 0..<5 { _ = try await server.answers(try third.json.text("challenge_token"), with: "wrong!") }
            let next = code.code(at: step + 1)
            let late = try await server.answers(try fourth.json.text("challenge_token"), with: next)
            #expect(late.outcome == "403 Account locked", "guesses count however the first factor was proved")
        }
    }

    @Test("without a password, dangerous things need a fresh login", arguments: DatabaseKind.allCases)
    func freshness(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            let token = try await server.logsIn("a1", at: provider).json.text("token")
            server.clock.advance(by: .seconds(600))
            let late = try await server.send(.POST, "/auth/2fa/enable", [:], token: token)
            #expect(late.outcome == "401 Invalid credentials")
            let fresh = try await server.logsIn("a1", at: provider).json.text("token")
            #expect(try await server.send(.POST, "/auth/2fa/enable", [:], token: fresh).outcome == "200")
            for password in ["", Person.password] {
                let login = AccountTests.login("Alice.Angstrom", password)
                #expect(try await server.outcome(.POST, "/auth/login", login) == "401 Invalid credentials")
            }
        }
    }

    @Test("an instance that takes no new accounts takes none from a provider", arguments: DatabaseKind.allCases)
    func closed(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind, ["registration.mode": "closed"]) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            #expect(try await server.logsIn("a1", at: provider).outcome == "403 Registration is closed")
        }
    }

    @Test("a provider that tells no address makes no account", arguments: DatabaseKind.allCases)
    func noAddress(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind) { server, provider in
            try await provider.knows("a1", ["name": "Alice"])
            let reply = try await server.logsIn("a1", at: provider)
            #expect(reply.outcome == "400 Invalid input")
            #expect(reply.issues == ["email"])
        }
    }

    @Test("a provider's new key is found", arguments: DatabaseKind.allCases)
    func keyRotation(kind: DatabaseKind) async throws {
        let provider = try await TestIdentityProvider.start()
        defer { provider.program.stop() }
        try await Self.withProvider(kind, at: provider) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org"))
            #expect(try await server.logsIn("a1", at: provider).outcome == "200")
            try await provider.changesItsKey()
            #expect(
                try await server.logsIn("a1", at: provider).outcome == "401 Invalid credentials",
                "keys are asked for once a minute")
            server.clock.advance(by: .seconds(60))
            #expect(try await server.logsIn("a1", at: provider).outcome == "200")
        }
    }

    @Test("a provider that is away is no fault of the person", arguments: DatabaseKind.allCases)
    func unavailable(kind: DatabaseKind) async throws {
        let settings = [
            "oauth.providers": "away", "oauth.away.issuer": "http://localhost:1", "oauth.away.client_id": "x",
        ]
        try await TestServer.with(kind, settings) { server in
            let away = try await server.outcome(.GET, "/auth/oauth/away/login")
            #expect(away == "503 Service unavailable")
            let unknown = try await server.outcome(.GET, "/auth/oauth/nobody/login")
            #expect(unknown == "404 Resource not found")
            let callback = try await server.finishesSingleSignOn("x", "x", with: "nobody")
            #expect(callback.outcome == "404 Resource not found")
        }
    }

    @Test("switched off, it is not there", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await Self.withProvider(kind, ["modules.oauth": "false"]) { server, _ in
            let outcome = try await server.outcome(.GET, "/auth/oauth/nest/login")
            #expect(outcome == "503 Module not available")
            let capabilities = try await server.send(.GET, "/capabilities").json
            #expect(capabilities["oauth_providers"] == [])
        }
    }

    @Test("where addresses must be verified, a new person gets the letter at once", arguments: DatabaseKind.allCases)
    func letter(kind: DatabaseKind) async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        let settings = [
            "mail.smtp_url": "smtp+plain://127.0.0.1:\(mailbox.port)", "mail.from": "chat@example.org",
            "registration.require_verified_email": "true",
        ]
        try await Self.withProvider(kind, settings) { server, provider in
            try await provider.knows("a1", Self.claims("alice@example.org", isVerified: false))
            #expect(try await server.logsIn("a1", at: provider).outcome == "403 Email not verified")
            let letter = try await RecoveryTests.letter(1, in: mailbox)
            #expect(letter.to == "alice@example.org")
            let token: JSON = ["token": .string(try #require(letter.token))]
            _ = try await server.send(.POST, "/auth/verify-email/confirm", token)
            #expect(try await server.logsIn("a1", at: provider).outcome == "200")
            #expect(mailbox.messages.count == 1)
        }
    }
}
