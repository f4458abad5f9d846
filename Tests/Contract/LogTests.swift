import Client
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import People

@Suite("The log")
struct LogTests {
    @Test("neither secrets nor message contents are logged, even at the finest level", arguments: DatabaseKind.allCases)
    func noSecrets(kind: DatabaseKind) async throws {
        let lines = ReadableLog()
        let secrets = NIOLockedValueBox<[String]>([Person.password, "Wr0ng password!", "a secret word"])
        try await TestServer.with(kind, logger: lines.logger) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            secrets.withLockedValue { $0.append(alice.token) }
            try await alice.says("a secret word", in: nest.general)
            _ = try await server.send(.POST, "/auth/login", ["username": "alice", "password": "Wr0ng password!"])
            let phone = try await alice.turnsOnTwoFactor()
            let challenge = try await alice.challenge()
            _ = try await server.answers(challenge, with: phone.backupCodes[0])
            _ = try await server.send(.GET, "/qr?data=\(Base32.encode(phone.code.secret))")
            _ = try await server.send(.GET, "/users/@me", token: "a token that is wrong")
            let secret = Base32.encode(phone.code.secret)
            secrets.withLockedValue { $0 += phone.backupCodes + [challenge, secret, "a token that is wrong"] }
            _ = try await server.send(.POST, "/auth/login", bytes: Array(#"{"password":"Wr0ng password!"#.utf8))
            let listener = try await alice.listens()
            try await listener.socket.send(text: "a secret word")
            _ = try await listener.socket.closed()
        }
        let log = lines.text
        #expect(log.contains("/api/v1/auth/login"))
        #expect(log.contains("login [") && log.contains("refused ["), "who came and who was refused can be followed")
        for secret in secrets.withLockedValue({ $0 }) { #expect(!log.contains(secret), "\(secret) is in the log") }
    }
}
