import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Users")
struct UserTests {
    @Test("oneself one sees whole, others only in public", arguments: DatabaseKind.allCases)
    func shapes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let me = try await alice.does(.GET, "/users/@me")
            #expect(
                me.keys == [
                    "id", "username", "email", "avatar_url", "created_at", "email_verified", "totp_enabled", "badges",
                    "bio", "display_name", "admin", "deletion_status", "deletion_at", "age_verified",
                ])
            #expect(me["admin"] == false)
            let seen = try await bob.does(.GET, "/users/\(alice.id)")
            #expect(
                seen.keys == ["id", "username", "display_name", "avatar_url", "bio", "created_at", "badges", "bot"])
            #expect(seen["id"]?.string == alice.id)
        }
    }

    @Test("a change touches what it names; null empties a field", arguments: DatabaseKind.allCases)
    func change(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let first = try await alice.does(.PATCH, "/users/@me", ["display_name": " Alice A. ", "bio": "a\nb"])
            #expect(first["display_name"] == "Alice A.")
            let second = try await alice.does(.PATCH, "/users/@me", ["display_name": .null])
            #expect(second["display_name"] == .null)
            #expect(second["bio"] == "a\nb")
            #expect(second["username"] == "alice")
            #expect(try await alice.does(.GET, "/users/@me") == second)
        }
    }

    @Test("a new user name must be free, but for one's own in another case", arguments: DatabaseKind.allCases)
    func username(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            _ = try await server.person("bob")
            #expect(
                try await alice.outcome(.PATCH, "/users/@me", ["username": "BOB"]) == "409 Username already taken")
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "ALICE"]) == "200")
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "carol"]) == "200")
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("carol")) == "200")
            // The old name is free again.
            _ = try await server.send(.POST, "/auth/register", AccountTests.registration("alice", email: "n@e.org"))
        }
    }

    @Test("two who change to one name at once do not both get it", arguments: DatabaseKind.allCases)
    func usernameRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let people = [try await server.person("alice"), try await server.person("bob")]
            let outcomes = try await atOnce(2) { index in
                try await people[index].outcome(.PATCH, "/users/@me", ["username": "carol"])
            }
            #expect(outcomes.sorted() == ["200", "409 Username already taken"])
        }
    }

    @Test("a new address needs the password and must be free", arguments: DatabaseKind.allCases)
    func email(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            _ = try await server.person("bob")
            let missing = try await alice.send(.PATCH, "/users/@me", ["email": "new@example.org"])
            #expect(missing.outcome == "400 Invalid input")
            #expect(missing.issues == ["current_password"])
            let wrong: JSON = ["email": "new@example.org", "current_password": "Wrong horse 1!"]
            #expect(try await alice.outcome(.PATCH, "/users/@me", wrong) == "401 Invalid credentials")
            let taken: JSON = ["email": "BOB@example.org", "current_password": .string(Person.password)]
            #expect(try await alice.outcome(.PATCH, "/users/@me", taken) == "409 Email already taken")
            let right: JSON = ["email": "new@example.org", "current_password": .string(Person.password)]
            let changed = try await alice.does(.PATCH, "/users/@me", right)
            #expect(changed["email"] == "new@example.org")
            #expect(changed["email_verified"] == false)
        }
    }

    @Test("a new password ends the other logins and their sockets", arguments: DatabaseKind.allCases)
    func password(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.onAnotherDevice()
            let listener = try await phone.listens()
            let new = "Battery staple 2?"
            let weak: JSON = ["password": "weak", "current_password": .string(Person.password)]
            #expect(try await alice.outcome(.PATCH, "/users/@me", weak) == "400 Weak password")
            let change: JSON = ["password": .string(new), "current_password": .string(Person.password)]
            try await alice.does(.PATCH, "/users/@me", change)
            #expect(try await listener.socket.closed().code == 4004)
            #expect(try await phone.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await alice.outcome(.GET, "/users/@me") == "200")
            let old = AccountTests.login("alice")
            #expect(try await server.outcome(.POST, "/auth/login", old) == "401 Invalid credentials")
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice", new)) == "200")
        }
    }

    @Test("of two password changes from one old password only one counts", arguments: DatabaseKind.allCases)
    func passwordRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let outcomes = try await atOnce(2) { index in
                try await alice.outcome(
                    .PATCH, "/users/@me",
                    [
                        "password": .string("Battery staple \(index)?"), "current_password": .string(Person.password),
                    ])
            }
            #expect(outcomes.sorted() == ["200", "401 Invalid credentials"])
        }
    }

    /// Names that pretend to be none, or another.
    static let refusedNames = [
        "", " ", "\u{3000}", "\u{200B}", "\u{2060}\u{2060}", "\u{FEFF}", "\u{3164}", "\u{2800}", "a\u{202E}b",
        "a\u{2066}b",
        "a\u{200B}b", "a\u{200F}b", "a\u{AD}b", "a\nb", "a\tb", "a\u{0}b", "a\u{7F}b", "a\u{85}b", "a\u{2028}b",
        "\u{301}",
    ]

    static let acceptedNames = [
        "A", "Ünïcödé", "e\u{301}", "محمد", "דניאל", "नेहा", "می\u{200C}خواهم", "👩\u{200D}🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "a b", "名前",
    ]

    @Test(
        "names show what they are: nothing invisible, no controls, no changes of direction",
        arguments: DatabaseKind.allCases)
    func names(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for name in Self.refusedNames {
                let reply = try await alice.send(.PATCH, "/users/@me", ["display_name": .string(name)])
                #expect(reply.outcome == "400 Invalid input", "\(name.debugDescription)")
                #expect(reply.issues == ["display_name"])
            }
            for name in Self.acceptedNames {
                let changed = try await alice.does(.PATCH, "/users/@me", ["display_name": .string(name)])
                #expect(changed["display_name"]?.string?.utf8.elementsEqual(name.utf8) == true)
            }
        }
    }

    @Test("lengths count scalars", arguments: DatabaseKind.allCases)
    func lengths(kind: DatabaseKind) async throws {
        let full: [(String, String, Int)] = [
            ("display_name", "👍", 32), ("display_name", "e\u{301}", 16), ("bio", "👍", 1000),
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for (field, unit, count) in full {
                let longest = String(repeating: unit, count: count)
                #expect(try await alice.outcome(.PATCH, "/users/@me", [field: .string(longest)].json) == "200")
                let tooLong = try await alice.send(.PATCH, "/users/@me", [field: .string(longest + "x")].json)
                #expect(tooLong.outcome == "400 Invalid input")
                #expect(tooLong.issues == [field])
            }
        }
    }

    @Test("search finds the exact name in any case, and nothing else", arguments: DatabaseKind.allCases)
    func search(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let found = try await alice.does(.GET, "/users/search?username=ALICE")
            #expect(found.column("id") == [alice.id])
            #expect(found[0]?["email"] == nil)
            for query in ["alic", "alice%25", "%25", "a____", "alice%00", "%00", "%ff", "%zz", "alice%40example.org"] {
                let outcome = try await alice.send(.GET, "/users/search?username=\(query)")
                #expect(outcome.json == [] || outcome.status == 400, "\(query): \(outcome.text)")
            }
            #expect(try await alice.outcome(.GET, "/users/search") == "400 Invalid input")
            #expect(try await alice.outcome(.GET, "/users/search?username=") == "400 Invalid input")
        }
    }

    @Test("an unknown user is not found", arguments: DatabaseKind.allCases)
    func unknown(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, "/users/1") == "404 User not found")
            #expect(try await alice.outcome(.GET, "/users/9223372036854775807") == "404 User not found")
        }
    }
}

extension [String: JSON] {
    var json: JSON { .object(self) }
}
