import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import People

/// Names that would speak for the server, and those that it gives itself (decision 013).
@Suite("Reserved names")
struct ReservedNameTests {
    static let reserved = [
        "admin", "Administrator", "everyone", "here", "system", "Aviary", "ADMIN", "a.d.m.i.n", "adm1n", "4dmin",
        "adrnin",
        "5ystem", "sy_stem", "every-one", "_here_", "h3re", "av1ary", "avlary", "deleted", "deleted-1", "Deleted.User",
        "de1eted_2", "staff", "official", "moderation", "security", "supp0rt", "user-123", "User-9", "bot-1",
    ]

    static let free = [
        "alice", "admiral", "adminton", "sysadmin", "there", "heretic", "systematic", "everyone2", "bird", "user2",
        "user-bob", "bot",
        "robot-1", "root", "undeleted", "username",
    ]

    @Test("names that look like the server's own are reserved", arguments: reserved)
    func contains(name: String) { #expect(ReservedName.contains(name) || GeneratedName.contains(name)) }

    @Test("names that only resemble them are not", arguments: free)
    func containsNot(name: String) { #expect(!ReservedName.contains(name) && !GeneratedName.contains(name)) }

    @Test("a reserved name can't be had by any way", arguments: DatabaseKind.allCases)
    func ways(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let application = try await alice.does(.POST, "/applications", ["name": "App"]).text("id")
            for name in ["Admin", "here", "SYSTEM", "deleted-\(alice.id)", "user-\(alice.id)", "bot-77"] {
                let username = JSON.string(name)
                let ways = [
                    try await server.send(
                        .POST, "/auth/register",
                        ["username": username, "email": "x@example.org", "password": .string(Person.password)]),
                    try await alice.send(.PATCH, "/users/@me", ["username": username]),
                    try await alice.send(.POST, "/applications/\(application)/bot", ["username": username]),
                    try await root.send(
                        .POST, "/admin/users/\(alice.id)/force-rename", ["username": username]),
                ]
                for reply in ways {
                    #expect(reply.outcome == "400 Invalid input", "\(name)")
                    #expect(reply.issues == ["username"], "\(name)")
                }
            }
            let renamed = try await root.does(.POST, "/admin/users/\(alice.id)/force-rename", [:])
            #expect(renamed["username"]?.string == "user-\(alice.id)")
            let bot = try await alice.does(.POST, "/applications/\(application)/bot", [:]).text("bot_id")
            #expect(try await alice.does(.GET, "/users/\(bot)")["username"]?.string == "bot-\(bot)")
        }
    }

    @Test("the operator can have a reserved name, but none that the server gives", arguments: DatabaseKind.allCases)
    func operators(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            try await server.operate {
                _ = try await $0.create(username: "admin", email: "a@example.org", password: Person.password)
            }
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("admin")) == "200")
            await #expect(throws: APIError.self) {
                try await server.operate {
                    _ = try await $0.create(username: "user-1", email: "b@example.org", password: Person.password)
                }
            }
        }
    }

    @Test("who has such a name from before keeps it", arguments: DatabaseKind.allCases)
    func before(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let id = try UserID(parsing: alice.id)
            try await server.onDatabase { tx in
                var user = try UserStore.required(id, tx)
                user.username = "system"
                try UserStore.update(user, tx)
            }
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "System", "bio": "x"]) == "200")
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "alice"]) == "200")
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "system"]) == "400 Invalid input")
        }
    }

    @Test("nobody has an address below .invalid", arguments: DatabaseKind.allCases)
    func addresses(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for address in ["\(alice.id)@deleted.invalid", "1@bot.invalid", "x@INVALID", "x@a.b.Invalid"] {
                let registration = try await server.send(
                    .POST, "/auth/register",
                    ["username": "someone", "email": .string(address), "password": .string(Person.password)])
                #expect(registration.outcome == "400 Invalid input")
                #expect(registration.issues == ["email"])
                #expect(
                    try await alice.outcome(
                        .PATCH, "/users/@me",
                        ["email": .string(address), "current_password": .string(Person.password)])
                        == "400 Invalid input")
            }
            #expect(
                try await alice.outcome(
                    .PATCH, "/users/@me",
                    ["email": "x@invalid.example.org", "current_password": .string(Person.password)]) == "200")
        }
    }

    @Test(
        "who comes from another provider with a reserved or banned name gets one like it",
        arguments: DatabaseKind.allCases)
    func singleSignOn(kind: DatabaseKind) async throws {
        try await SingleSignOnTests.withProvider(kind) { server, provider in
            let root = try await server.administrator()
            try await root.does(.POST, "/admin/banned-usernames", ["value": "spam*"])
            func name(_ subject: String, _ wanted: String) async throws -> String {
                try await provider.knows(
                    subject,
                    [
                        "preferred_username": .string(wanted), "email": .string("\(subject)@example.org"),
                        "email_verified": true,
                    ])
                let reply = try await server.logsIn(subject, at: provider)
                return try reply.json["user"]?.text("username") ?? reply.text
            }
            #expect(try await name("one", "Admin") == "Admin2")
            #expect(try await name("two", "everyone") == "everyone2")
            #expect(try await name("three", "spammer").hasPrefix("user-"), "no number helps there")
        }
    }
}
