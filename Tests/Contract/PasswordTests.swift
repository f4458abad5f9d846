import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import People

@Suite("Passwords")
struct PasswordTests {
    @Test("the list has the ten thousand commonest")
    func list() {
        #expect(CommonPasswords.list.split { $0 == " " || $0 == "\n" }.count == 10_000)
    }

    @Test(
        "common passwords stay common with ornaments",
        arguments: [
            "password", "PASSWORD", "Password1234!", "P@ssw0rd2024!", "!!Password!!", "Iloveyou12!!",
            "Sunshine#2024",
        ])
    func common(password: String) { #expect(CommonPasswords.contain(password)) }

    @Test(
        "others are not taken for common ones",
        arguments: [
            Person.password, Person.newPassword, "", "!", "Dragon-fly over 9 lakes", "X7#kq!Ab12zz", "a0987%4321#5A",
            "Пароль-длинный-7", "密码密码密码密码密码密码Aa1!",
        ])
    func uncommon(password: String) { #expect(!CommonPasswords.contain(password)) }

    @Test("a common password is refused and the rule is named", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let reply = try await server.send(
                .POST, "/auth/register", AccountTests.registration("alice", password: "Password1234!"))
            #expect(reply.outcome == "400 Weak password")
            #expect(reply.issues == ["password"])
        }
    }

    @Test("parameters are read from a hash, and compared")
    func parameters() throws {
        let hash = "$argon2id$v=19$m=65536,t=3,p=2$c2FsdA$aGFzaA"
        let parameters = try #require(PasswordHasher.Parameters(encoded: hash))
        #expect(parameters == PasswordHasher.Parameters(memory_KiB: 65_536, passes: 3, lanes: 2))
        #expect(PasswordHasher.Parameters(encoded: "$argon2i$v=19$m=65536,t=3,p=2$c2FsdA$aGFzaA") == nil)
        #expect(PasswordHasher.Parameters(encoded: "") == nil)
        let stronger = PasswordHasher.Parameters(memory_KiB: 65_536, passes: 4, lanes: 2)
        #expect(parameters.isWeaker(than: stronger))
        #expect(!stronger.isWeaker(than: parameters))
        #expect(!parameters.isWeaker(than: parameters))
    }

    @Test("what the password of an unknown account is checked against costs as much as any other hash")
    func decoy() async throws {
        let parameters = PasswordHasher.Parameters(memory_KiB: 32, passes: 2, lanes: 2)
        let hasher = PasswordHasher(parameters, concurrency: 1, randomness: SystemRandomness())
        let decoy = try await hasher.decoyHash()
        #expect(PasswordHasher.Parameters(encoded: decoy) == parameters)
        #expect(try await hasher.decoyHash() == decoy, "it is made once, not at each login")
        #expect(try await hasher.verify(Password("a password that nobody has"), against: nil, for: .login) == .none)
        await hasher.shutDown()
    }

    @Test("a login makes the hash anew when the parameters have risen", arguments: DatabaseKind.allCases)
    func rehash(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            try await TestServer.with(databaseURL: url) { server in _ = try await server.person("alice") }
            try await TestServer.with(databaseURL: url, ["passwords.argon2_memory_kib": "64"]) { server in
                for _ in 0..<2 {
                    #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
                }
                let hash = try await Self.hash(of: "alice", place)
                #expect(hash.contains("m=64,"))
            }
            try await TestServer.with(databaseURL: url) { server in
                let reply = try await server.send(.POST, "/auth/login", AccountTests.login("alice"))
                #expect(reply.status == 200)
            }
            let hash = try await Self.hash(of: "alice", place)
            #expect(hash.contains("m=64,"), "a hash never gets weaker")
        }
    }

    private static func hash(of name: String, _ place: DatabasePlace) async throws -> String {
        let configuration = DatabaseConfiguration(
            migrations: Instance.migrations, logger: TestServer.silent, maximumConnections: 2)
        return try await place.withDatabase(configuration) { database in
            try await database.read { tx in try AccountStore.credentials(of: name, tx)?.passwordHash } ?? "none"
        }
    }
}
