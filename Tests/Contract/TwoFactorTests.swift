import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Features
@testable import People

/// A person's authenticator app.
struct Authenticator {
    let code: TimeBasedCode
    let backupCodes: [String]
    let uri: String

    func code(at moment: Timestamp, stepsLater: Int64 = 0) -> String {
        code.code(at: TimeBasedCode.step(at: moment) + stepsLater)
    }
}

extension Person {
    /// Begins the setup of two-factor login.
    func startsTwoFactor() async throws -> Authenticator {
        let setup = try await does(.POST, "/auth/2fa/enable", ["password": .string(Self.password)])
        return Authenticator(
            code: TimeBasedCode(secret: try Base32Text.bytes(setup.text("secret"))),
            backupCodes: (setup["backup_codes"]?.array ?? []).compactMap(\.string), uri: try setup.text("qr_uri"))
    }

    /// Switches two-factor login on. The code that this takes is of the step before, so the current one is still good.
    func turnsOnTwoFactor() async throws -> Authenticator {
        let authenticator = try await startsTwoFactor()
        let code = authenticator.code(at: server.clock.now(), stepsLater: -1)
        try await does(.POST, "/auth/2fa/confirm", ["code": .string(code)])
        return authenticator
    }

    /// Logs in with the password and returns the challenge for the second step.
    func challenge() async throws -> String {
        let reply = try await server.send(.POST, "/auth/login", AccountTests.login(name))
        guard reply.json["status"] == "two_factor_required" else { throw UnexpectedReply(reply) }
        return try reply.json.text("challenge_token")
    }
}

extension TestServer {
    func answers(_ challenge: String, with code: String) async throws -> HTTPReply {
        try await send(.POST, "/auth/2fa", ["challenge_token": .string(challenge), "code": .string(code)])
    }
}

enum Base32Text {
    struct NotBase32: Error {}

    /// RFC 4648, section 6.
    static func bytes(_ text: String) throws -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bits: [Bool] = []
        for digit in text {
            guard let value = alphabet.firstIndex(of: digit) else { throw NotBase32() }
            bits += (0..<5).reversed().map { value >> $0 & 1 == 1 }
        }
        return stride(from: 0, through: bits.count - 8, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }
}

@Suite("Two-factor login")
struct TwoFactorTests {
    @Test(
        "codes are those of RFC 6238",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func vectors(second: Int64, code: String) {
        let secret = TimeBasedCode(secret: Array("12345678901234567890".utf8))
        #expect(secret.code(at: TimeBasedCode.step(at: Timestamp(seconds: second))) == code)
    }

    @Test("base 32 is that of RFC 4648")
    func base32() {
        let pairs = [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        for (plain, encoded) in pairs { #expect(Base32.encode(Array(plain.utf8)) == encoded) }
    }

    @Test("who has turned it on logs in with password and code", arguments: DatabaseKind.allCases)
    func logIn(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            #expect(try await alice.does(.GET, "/users/@me")["totp_enabled"] == true)
            let first = try await server.send(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(first.json["status"] == "two_factor_required")
            #expect(first.json["token"] == .null)
            #expect(first.json["user"] == .null)
            #expect(first.json["methods"] == ["totp", "backup_code"])
            #expect(first.json["expires_in"] == 300)
            let challenge = try first.json.text("challenge_token")
            let second = try await server.answers(challenge, with: phone.code(at: server.clock.now()))
            #expect(second.json["status"] == "success")
            let token = try second.json.text("token")
            #expect(try await server.send(.GET, "/users/@me", token: token).json["id"]?.string == alice.id)
        }
    }

    @Test("an authenticator app reads the address and shows the right codes", arguments: DatabaseKind.allCases)
    func app(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.public_url": "https://chat.example.org"]) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.startsTwoFactor()
            let now = server.clock.now().seconds
            let output = try await ScriptProgram.run("authenticator.py", [phone.uri, String(now)])
            #expect(output.status == 0, "\(output.errors)")
            let app = try JSONParser.parse(Array(output.text.utf8))
            #expect(app["issuer"] == "chat.example.org")
            #expect(app["name"] == "alice")
            #expect(try await alice.outcome(.POST, "/auth/2fa/confirm", ["code": app["code"] ?? .null]) == "200")
        }
    }

    @Test("it is off until a code confirms the setup", arguments: DatabaseKind.allCases)
    func setup(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/auth/2fa/confirm"
            #expect(try await alice.outcome(.POST, path, ["code": "000000"]) == "400 2FA setup not started")
            let first = try await alice.startsTwoFactor()
            let phone = try await alice.startsTwoFactor()
            #expect(try await alice.does(.GET, "/auth/2fa/status")["enabled"] == false)
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
            for code in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 345", "+12345"] {
                let outcome = try await alice.outcome(.POST, path, ["code": .string(code)])
                #expect(outcome == "400 Valid 6-digit code required", "\(code)")
            }
            let stale = JSON.object(["code": .string(first.code(at: server.clock.now()))])
            #expect(try await alice.outcome(.POST, path, stale) == "401 Invalid code")
            let good = JSON.object(["code": .string(phone.code(at: server.clock.now()))])
            #expect(try await alice.outcome(.POST, path, good) == "200")
            #expect(try await alice.outcome(.POST, path, good) == "409 2FA is already enabled")
            let again = try await alice.outcome(.POST, "/auth/2fa/enable", ["password": .string(Person.password)])
            #expect(again == "409 2FA is already enabled")
            let status = try await alice.does(.GET, "/auth/2fa/status")
            #expect(status == ["enabled": true, "backup_codes_remaining": 10])
        }
    }

    @Test("the setup needs the password", arguments: DatabaseKind.allCases)
    func setupPassword(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/auth/2fa/enable"
            #expect(try await alice.outcome(.POST, path, ["password": "Wrong horse 1!"]) == "401 Invalid credentials")
            #expect(try await alice.outcome(.POST, path) == "400 Invalid input")
            #expect(try await server.outcome(.POST, path) == "401 Authentication required")
        }
    }

    @Test("a code is good for its step and one to each side, and once", arguments: DatabaseKind.allCases)
    func drift(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            server.clock.advance(by: .seconds(600))
            let now = server.clock.now()
            let challenge = try await alice.challenge()
            for steps: Int64 in [-2, 2] {
                let code = phone.code(at: now, stepsLater: steps)
                #expect(try await server.answers(challenge, with: code).outcome == "401 Invalid code", "\(steps)")
            }
            for steps: Int64 in [-1, 0, 1] {
                let code = phone.code(at: now, stepsLater: steps)
                #expect(try await server.answers(try await alice.challenge(), with: code).outcome == "200", "\(steps)")
                let replayed = try await server.answers(try await alice.challenge(), with: code)
                #expect(replayed.outcome == "401 Invalid code", "\(steps)")
            }
            let older = try await server.answers(try await alice.challenge(), with: phone.code(at: now))
            #expect(older.outcome == "401 Invalid code", "a code from before the last one was taken")
        }
    }

    @Test("of two uses of one code at once, one succeeds", arguments: DatabaseKind.allCases)
    func race(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            let challenges = [try await alice.challenge(), try await alice.challenge()]
            let code = phone.code(at: server.clock.now())
            let outcomes = try await atOnce(2) { try await server.answers(challenges[$0], with: code).outcome }
            #expect(outcomes.sorted() == ["200", "401 Invalid code"])
        }
    }

    @Test("five wrong codes end the challenge", arguments: DatabaseKind.allCases)
    func attempts(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            let challenge = try await alice.challenge()
            for _ in 0..<5 {
                #expect(try await server.answers(challenge, with: "wrong!").outcome == "401 Invalid code")
            }
            let right = phone.code(at: server.clock.now())
            #expect(try await server.answers(challenge, with: right).outcome == "401 Expired token")
            let next = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(next == "403 Account locked", "the password alone buys five more guesses at the code")
        }
    }

    @Test("challenges that were collected before the lock are worth nothing", arguments: DatabaseKind.allCases)
    func collectedChallenges(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            let (first, second) = (try await alice.challenge(), try await alice.challenge())
            for _ in 0..<5 { _ = try await server.answers(first, with: "wrong!") }
            let right = phone.code(at: server.clock.now())
            #expect(try await server.answers(second, with: right).outcome == "403 Account locked")
        }
    }

    @Test("a hundred codes at once are five guesses", arguments: DatabaseKind.allCases)
    func parallelAttempts(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            _ = try await alice.turnsOnTwoFactor()
            let challenge = try await alice.challenge()
            let outcomes = try await atOnce(30) { _ in
                try await server.answers(challenge, with: "wrong!").outcome
            }
            #expect(outcomes.count { $0 == "401 Invalid code" } == 5)
            #expect(outcomes.count { $0 == "401 Expired token" } == 25)
        }
    }

    @Test("a challenge runs out after five minutes and works once", arguments: DatabaseKind.allCases)
    func challengeLife(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            let old = try await alice.challenge()
            server.clock.advance(by: .seconds(300))
            let code = phone.code(at: server.clock.now())
            #expect(try await server.answers(old, with: code).outcome == "401 Expired token")
            let new = try await alice.challenge()
            #expect(try await server.answers(new, with: code).outcome == "200")
            server.clock.advance(by: .seconds(30))
            let next = phone.code(at: server.clock.now())
            #expect(try await server.answers(new, with: next).outcome == "401 Expired token")
            for odd in ["", "x", "a\u{0}b", String(repeating: "A", count: 43)] {
                #expect(
                    try await server.answers(odd, with: next).outcome == "401 Expired token", "\(odd.debugDescription)")
            }
        }
    }

    @Test(
        "a challenge is of no use for another person's code, nor after the password was changed",
        arguments: DatabaseKind.allCases)
    func challengeIsBound(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let phone = try await alice.turnsOnTwoFactor()
            let other = try await bob.turnsOnTwoFactor()
            let challenge = try await alice.challenge()
            let foreign = other.code(at: server.clock.now())
            #expect(try await server.answers(challenge, with: foreign).outcome == "401 Invalid code")
            #expect(try await server.answers(challenge, with: other.backupCodes[0]).outcome == "401 Invalid code")
            try await alice.does(
                .PATCH, "/users/@me",
                ["password": .string(Person.newPassword), "current_password": .string(Person.password)])
            let right = phone.code(at: server.clock.now())
            #expect(try await server.answers(challenge, with: right).outcome == "401 Expired token")
        }
    }

    @Test("each backup code works once, however it is typed", arguments: DatabaseKind.allCases)
    func backupCodes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            #expect(Set(phone.backupCodes).count == 10)
            for code in [phone.backupCodes[0], phone.backupCodes[1].lowercased().replacing("-", with: " ")] {
                #expect(try await server.answers(try await alice.challenge(), with: code).outcome == "200")
                let again = try await server.answers(try await alice.challenge(), with: code)
                #expect(again.outcome == "401 Invalid code")
            }
            #expect(try await alice.does(.GET, "/auth/2fa/status")["backup_codes_remaining"] == 8)
        }
    }

    @Test("it is switched off with the password and a code, neither alone", arguments: DatabaseKind.allCases)
    func disable(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/auth/2fa/disable"
            let disable = { (password: String, code: String) -> JSON in
                ["password": .string(password), "code": .string(code)]
            }
            let early = try await alice.outcome(.POST, path, disable(Person.password, "123456"))
            #expect(early == "400 2FA is not enabled")
            let phone = try await alice.turnsOnTwoFactor()
            let code = phone.code(at: server.clock.now())
            let wrongPassword = try await alice.outcome(.POST, path, disable("Wrong horse 1!", code))
            #expect(wrongPassword == "401 Invalid password or code")
            let wrongCode = try await alice.outcome(.POST, path, disable(Person.password, "000000"))
            #expect(wrongCode == "401 Invalid password or code")
            #expect(try await alice.outcome(.POST, path, disable(Person.password, code)) == "200")
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
            let status = try await alice.does(.GET, "/auth/2fa/status")
            #expect(status == ["enabled": false, "backup_codes_remaining": 0])
        }
    }

    @Test(
        "who has session and password gets no more guesses at the code by switching it off",
        arguments: DatabaseKind.allCases)
    func disableGuesses(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            let wish = { (code: String) -> JSON in ["password": .string(Person.password), "code": .string(code)] }
            for _ in 0..<5 {
                let outcome = try await alice.outcome(.POST, "/auth/2fa/disable", wish("wrong!"))
                #expect(outcome == "401 Invalid password or code")
            }
            let right = wish(phone.code(at: server.clock.now()))
            #expect(try await alice.outcome(.POST, "/auth/2fa/disable", right) == "403 Account locked")
        }
    }

    @Test("the user's other devices learn that it was switched on", arguments: DatabaseKind.allCases)
    func events(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let listener = try await alice.listens()
            _ = try await alice.turnsOnTwoFactor()
            #expect(try await listener.awaits("USER_UPDATE")["d"]?["totp_enabled"] == true)
        }
    }

    @Test("the operator resets it for somebody who has lost the phone", arguments: DatabaseKind.allCases)
    func reset(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            _ = try await alice.turnsOnTwoFactor()
            try await server.operate { try await $0.resetTwoFactor(of: "alice@example.org") }
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
            await #expect(throws: APIError.twoFactorNotEnabled) {
                try await server.operate { try await $0.resetTwoFactor(of: "alice") }
            }
        }
    }

    @Test("switched off by the configuration, its routes are not there", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.two_factor": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, "/auth/2fa/status") == "503 Module not available")
            #expect(try await server.outcome(.POST, "/auth/2fa") == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["two_factor"] == false)
        }
    }
}
