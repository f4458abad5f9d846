import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

/// A passkey counts as both factors, so that making and removing one takes both, and its owner hears of it.
@Suite("Proof before passkeys")
struct PasskeyProofTests {
    static let options = "/auth/passkeys/options/register"

    static func begins(_ person: Person, _ body: JSON) async throws -> HTTPReply {
        try await person.send(.POST, options, body)
    }

    static func makes(_ passkey: SoftPasskey, _ person: Person, _ body: JSON) async throws -> JSON {
        let begun = try await begins(person, body)
        guard begun.status == 200 else { throw UnexpectedReply(begun) }
        let made = try await person.send(
            .POST, "/auth/passkeys/register",
            ["credential": passkey.registration(for: try begun.json.text("challenge"))])
        guard made.status == 201 else { throw UnexpectedReply(made) }
        return made.json
    }

    @Test("with a second factor on, a passkey takes password and code", arguments: DatabaseKind.allCases)
    func secondFactor(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            let password = JSON.string(Person.password)
            for body: JSON in [
                ["password": password], ["password": password, "code": "000000"],
            ] {
                #expect(try await Self.begins(alice, body).outcome == "401 Invalid password or code", "\(body)")
            }
            let code = JSON.string(phone.code(at: server.clock.now()))
            let made = try await Self.makes(SoftPasskey(), alice, ["password": password, "code": code])
            #expect(
                try await Self.begins(alice, ["password": password, "code": code]).outcome
                    == "401 Invalid password or code", "a code counts once")
            let path = "/auth/passkeys/\(try made.text("id"))"
            #expect(
                try await alice.outcome(.DELETE, path, ["password": password]) == "401 Invalid password or code")
            let backup = JSON.string(phone.backupCodes[0])
            #expect(try await alice.outcome(.DELETE, path, ["password": password, "code": backup]) == "200")
            #expect(try await alice.does(.GET, "/auth/passkeys") == [])
        }
    }

    @Test("guesses at the code end in the lock", arguments: DatabaseKind.allCases)
    func guesses(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            _ = try await alice.turnsOnTwoFactor()
            var outcomes: Set<String> = []
            for index in 0..<8 {
                let body: JSON = ["password": .string(Person.password), "code": .string("00000\(index)")]
                outcomes.insert(try await Self.begins(alice, body).outcome)
            }
            #expect(outcomes == ["401 Invalid password or code", "403 Account locked"])
        }
    }

    @Test("without a second factor the password is enough", arguments: DatabaseKind.allCases)
    func passwordAlone(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            #expect(try await Self.begins(alice, ["password": "Wrong horse 1!"]).outcome == "401 Invalid credentials")
            _ = try await Self.makes(SoftPasskey(), alice, ["password": .string(Person.password)])
            #expect(try await alice.does(.GET, "/auth/passkeys").count == 1)
        }
    }

    @Test("letters tell of passkeys, and a reset of the password removes them", arguments: DatabaseKind.allCases)
    func letters(kind: DatabaseKind) async throws {
        try await RecoveryTests.withMail(kind, ["http.public_url": "http://localhost"]) { server, mailbox in
            let alice = try await server.person("alice")
            let password = JSON.string(Person.password)
            let first = try await Self.makes(SoftPasskey(), alice, ["password": password])
            #expect(
                try await RecoveryTests.letter(2, in: mailbox).subject == "A passkey was added to your account")
            try await alice.does(.DELETE, "/auth/passkeys/\(try first.text("id"))", ["password": password])
            #expect(
                try await RecoveryTests.letter(3, in: mailbox).subject == "A passkey was removed from your account")
            _ = try await Self.makes(SoftPasskey(), alice, ["password": password])
            _ = try await RecoveryTests.letter(4, in: mailbox)
            #expect(
                try await server.outcome(.POST, RecoveryTests.request, ["email": "alice@example.org"]) == "200")
            let token = try #require(try await RecoveryTests.letter(5, in: mailbox).token)
            #expect(try await RecoveryTests.resets(server, token, to: Person.newPassword) == "200")
            let again = try await alice.onAnotherDevice(password: Person.newPassword)
            #expect(try await again.does(.GET, "/auth/passkeys") == [])
            #expect(try await RecoveryTests.letter(6, in: mailbox).subject == "Your password was reset")
        }
    }

    @Test("a change of one's own password keeps the passkeys", arguments: DatabaseKind.allCases)
    func change(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            _ = try await Self.makes(SoftPasskey(), alice, ["password": .string(Person.password)])
            try await alice.does(
                .PATCH, "/users/@me",
                ["password": .string(Person.newPassword), "current_password": .string(Person.password)])
            #expect(try await alice.does(.GET, "/auth/passkeys").count == 1)
        }
    }
}
