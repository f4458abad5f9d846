import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Accounts")
struct AccountTests {
    static func registration(
        _ username: String, email: String? = nil, password: String = Person.password
    ) -> JSON {
        [
            "username": .string(username), "email": .string(email ?? "\(username)@example.org"),
            "password": .string(password),
        ]
    }

    static func login(_ username: String, _ password: String = Person.password) -> JSON {
        ["username": .string(username), "password": .string(password)]
    }

    @Test("who registers is logged in", arguments: DatabaseKind.allCases)
    func register(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let reply = try await server.send(.POST, "/auth/register", Self.registration("Alice"))
            #expect(reply.status == 201)
            #expect(reply.json["status"] == "success")
            let me = try await server.send(.GET, "/users/@me", token: try reply.json.text("token"))
            #expect(me.json == reply.json["user"])
            #expect(me.json["username"] == "Alice")
            #expect(me.json["email"] == "Alice@example.org")
            #expect(me.json["email_verified"] == false)
        }
    }

    @Test("names and addresses are taken whatever their case", arguments: DatabaseKind.allCases)
    func taken(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            let sameName = Self.registration("ALICE", email: "other@example.org")
            #expect(try await server.outcome(.POST, "/auth/register", sameName) == "409 Username already taken")
            let sameAddress = Self.registration("other", email: "Alice@Example.ORG")
            #expect(try await server.outcome(.POST, "/auth/register", sameAddress) == "409 Email already taken")
        }
    }

    @Test("two registrations of one name at once make one account", arguments: DatabaseKind.allCases)
    func race(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let outcomes = try await atOnce(2) { index in
                try await server.outcome(
                    .POST, "/auth/register", Self.registration("alice", email: "a\(index)@example.org"))
            }
            #expect(outcomes.sorted() == ["201", "409 Username already taken"])
        }
    }

    @Test("two registrations of one address at once make one account", arguments: DatabaseKind.allCases)
    func addressRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let outcomes = try await atOnce(2) { index in
                try await server.outcome(
                    .POST, "/auth/register", Self.registration("alice\(index)", email: "alice@example.org"))
            }
            #expect(outcomes.sorted() == ["201", "409 Email already taken"])
        }
    }

    static let refusedUsernames = [
        "", "ab", String(repeating: "a", count: 33), "a b", " abc", "añb", "абв", "a\u{200B}bc", "abc\u{202E}",
        "abc\u{0}",
        "a@b", "a/b", "abc\n", "👩‍🚀👩‍🚀",
    ]

    @Test("user names are plain, of 3 to 32 characters", arguments: DatabaseKind.allCases)
    func usernames(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for name in Self.refusedUsernames {
                let body = Self.registration(name, email: "a@example.org")
                let reply = try await server.send(.POST, "/auth/register", body)
                #expect(reply.outcome == "400 Invalid input", "\(name.debugDescription)")
                #expect(reply.issues == ["username"], "\(name.debugDescription)")
            }
            for name in ["abc", "A.b-c_1", String(repeating: "z", count: 32)] {
                #expect(try await server.outcome(.POST, "/auth/register", Self.registration(name)) == "201")
            }
        }
    }

    static let refusedAddresses = [
        "", "x", "a@", "@b.org", "a@b@c.org", "a b@c.org", "a@-b.org", "a@b-.org", "a@b..org", "a@.org", "a\u{0}@b.org",
        "a\n@b.org", "a\u{200B}@b.org", "a\u{202E}@b.org", "a,b@c.org", String(repeating: "a", count: 65) + "@b.org",
        "a@" + String(repeating: "b", count: 64) + ".org", "a@" + String(repeating: "b.", count: 130) + "org",
    ]

    @Test("addresses have one @, a local part and a domain", arguments: DatabaseKind.allCases)
    func addresses(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for address in Self.refusedAddresses {
                let body = Self.registration("alice", email: address)
                let reply = try await server.send(.POST, "/auth/register", body)
                #expect(reply.outcome == "400 Invalid input", "\(address.debugDescription)")
                #expect(reply.issues == ["email"], "\(address.debugDescription)")
            }
            let unusual = Self.registration("alice", email: "a.b+c_d@sub.example-1.org")
            #expect(try await server.outcome(.POST, "/auth/register", unusual) == "201")
        }
    }

    @Test("a weak password is refused with each rule that it breaks", arguments: DatabaseKind.allCases)
    func weakPasswords(kind: DatabaseKind) async throws {
        let weak = [
            ("", 5), ("Short 1!", 1), ("correct horse 1!", 1), ("CORRECT HORSE 1!", 1), ("Correct horse one!", 1),
            ("Correcthorse1234", 1), ("correcthorsebattery", 3), ("Correct horse 1!\u{0}", 1),
            ("A1 " + String(repeating: "a", count: 126), 1),
        ]
        try await TestServer.with(kind) { server in
            for (password, unmet) in weak {
                let body = Self.registration("alice", password: password)
                let reply = try await server.send(.POST, "/auth/register", body)
                #expect(reply.outcome == "400 Weak password", "\(password.debugDescription)")
                #expect(reply.issues == Array(repeating: "password", count: unmet), "\(password.debugDescription)")
            }
            let longest = "A1 " + String(repeating: "a", count: 125)
            let body = Self.registration("alice", password: longest)
            #expect(try await server.outcome(.POST, "/auth/register", body) == "201")
        }
    }

    @Test("every wrong field is named at once", arguments: DatabaseKind.allCases)
    func allIssues(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let reply = try await server.send(.POST, "/auth/register", ["username": 7, "email": "x"])
            #expect(reply.outcome == "400 Invalid input")
            #expect(reply.issues == ["username", "email", "password"])
        }
    }

    @Test("one logs in by name or address, whatever their case", arguments: DatabaseKind.allCases)
    func logIn(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for name in ["alice", "ALICE", "alice@example.org", "Alice@EXAMPLE.org"] {
                let reply = try await server.send(.POST, "/auth/login", Self.login(name))
                #expect(reply.outcome == "200")
                #expect(reply.json["user"]?["id"]?.string == alice.id)
                #expect(reply.json["token"]?.string != alice.token)
            }
        }
    }

    @Test("a wrong password and an unknown account are answered alike", arguments: DatabaseKind.allCases)
    func wrongCredentials(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            let wrong = try await server.send(.POST, "/auth/login", Self.login("alice", "Wrong horse 1!"))
            let unknown = try await server.send(.POST, "/auth/login", Self.login("nobody", "Wrong horse 1!"))
            #expect(wrong.outcome == "401 Invalid credentials")
            #expect(wrong.body == unknown.body)
            #expect(wrong.headers.map(\.name).sorted() == unknown.headers.map(\.name).sorted())
        }
    }

    @Test("names that no account can have are unknown like any other", arguments: DatabaseKind.allCases)
    func impossibleNames(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            for name in ["a\u{0}b", "a\u{0}@example.org", "%", "' OR 1=1 --", "👩‍🚀", String(repeating: "x", count: 254)] {
                let outcome = try await server.outcome(.POST, "/auth/login", Self.login(name))
                #expect(outcome == "401 Invalid credentials", "\(name.debugDescription)")
            }
        }
    }

    @Test("a password counts to the last byte", arguments: DatabaseKind.allCases)
    func exactPassword(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            for password in [Person.password + " ", " " + Person.password, Person.password.lowercased(), ""] {
                let outcome = try await server.outcome(.POST, "/auth/login", Self.login("alice", password))
                #expect(outcome == "401 Invalid credentials", "\(password.debugDescription)")
            }
        }
    }

    @Test("a closed instance takes no accounts and says so beforehand", arguments: DatabaseKind.allCases)
    func closed(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["registration.mode": "closed"]) { server in
            let outcome = try await server.outcome(.POST, "/auth/register", Self.registration("alice"))
            #expect(outcome == "403 Registration is closed")
            #expect(try await server.send(.GET, "/capabilities").json["registration"] == "closed")
        }
    }

    @Test("the password requirements can be asked for", arguments: DatabaseKind.allCases)
    func requirements(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let requirements = try await server.send(.GET, "/auth/password-requirements").json
            #expect(
                requirements == [
                    "min_length": 12, "max_length": 128, "require_uppercase": true, "require_lowercase": true,
                    "require_digit": true, "require_special": true, "age_gate_enabled": false,
                    "age_verification_type": "off", "minimum_age": .null,
                ])
        }
    }
}
