import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import Community
@testable import Features
@testable import Files
@testable import People

@Suite("Administrators")
struct AdminTests {
    @Test("only administrators come here", arguments: DatabaseKind.allCases)
    func access(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let root = try await server.administrator()
            for path in [
                "users", "users/\(alice.id)", "tiers", "badges", "servers", "reports", "blocked-ips",
                "banned-usernames",
                "blocked-hashes", "stats", "audit-logs", "jobs", "nodes", "users/\(alice.id)/features",
            ] {
                #expect(try await alice.outcome(.GET, "/admin/\(path)") == "403 Admin access required", "\(path)")
                #expect(try await server.outcome(.GET, "/admin/\(path)") == "401 Authentication required", "\(path)")
                #expect(try await root.outcome(.GET, "/admin/\(path)") == "200", "\(path)")
            }
            #expect(
                try await alice.outcome(.PUT, "/features/admin/users/\(alice.id)/tier", ["tier": "staff"])
                    == "403 Admin access required")
        }
    }

    @Test("an account is found, locked, renamed, and let go", arguments: DatabaseKind.allCases)
    func users(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let path = "/admin/users/\(alice.id)"
            for query in ["ali", "ALICE@example", alice.id] {
                #expect(
                    try await root.does(.GET, "/admin/users?q=\(query)").column("username") == ["alice"], "\(query)")
            }
            #expect(try await root.does(.GET, "/admin/users?limit=1").count == 1)
            let hears = try await alice.listens()
            #expect(try await root.does(.POST, "\(path)/lock")["locked_at"] != .null)
            #expect(try await hears.socket.closed().code == 4004)
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            let login = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice"))
            #expect(login == "403 Account locked")
            #expect(
                try await server.outcome(.POST, "/auth/login", AccountTests.login("alice", "Wrong horse 1!"))
                    == "401 Invalid credentials", "only who knows the password learns of it")
            try await root.does(.POST, "\(path)/unlock")
            let again = try await alice.onAnotherDevice()
            #expect(try await root.does(.POST, "\(path)/force-rename")["username"]?.string == "user-\(alice.id)")
            #expect(
                try await root.outcome(.POST, "\(path)/force-rename", ["username": "ROOT"])
                    == "409 Username already taken")
            #expect(try await again.does(.GET, "/users/@me")["username"]?.string == "user-\(alice.id)")
            try await root.does(.POST, "\(path)/logout")
            #expect(try await again.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await root.outcome(.POST, "/admin/users/\(root.id)/lock") == "400 Invalid input")
            #expect(try await root.outcome(.POST, "/admin/users/1/lock") == "404 User not found")
            let other = try await server.administrator("second")
            #expect(try await root.outcome(.POST, "/admin/users/\(other.id)/lock") == "403 Permission denied")
            let log = try await root.does(.GET, "/admin/audit-logs")
            #expect(log.column("action") == ["user.logout", "user.rename", "user.unlock", "user.lock"])
            #expect(log[0]?["admin_id"]?.string == root.id)
        }
    }

    @Test("tiers and badges are given and seen", arguments: DatabaseKind.allCases)
    func benefits(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            for path in ["/admin/users/\(alice.id)", "/features/admin/users/\(alice.id)"] {
                #expect(try await root.does(.POST, "\(path)/badges/bug_hunter")["badges"]?.count == 1)
                #expect(try await root.does(.GET, "\(path)/features")["badges"]?.count == 1)
                #expect(try await root.does(.DELETE, "\(path)/badges/bug_hunter")["badges"] == [])
                #expect(try await root.does(.PUT, "\(path)/badges/bug_hunter")["badges"]?.count == 1)
                #expect(try await root.does(.PUT, "\(path)/tier", ["tier": "premium"])["tier"] == "premium")
                #expect(try await root.outcome(.PUT, "\(path)/badges/king") == "400 Invalid input")
                #expect(try await root.outcome(.PUT, "\(path)/tier", ["tier": "gold"]) == "400 Invalid input")
            }
            let features = try await alice.does(.GET, "/users/@me/features")
            #expect(features["badges"].map { $0.column("name") } == ["bug_hunter"])
            #expect(features["tier_limits"]?["max_file_size"] == .integer(100 << 20))
            #expect(try await root.does(.GET, "/users/\(alice.id)")["badges"] == ["bug_hunter"])
            let long = String(repeating: "m", count: 8000)
            let nest = try await alice.foundsServer()
            #expect(
                try await alice.outcome(.POST, "/channels/\(nest.general)/messages", ["content": .string(long)])
                    == "201")
            try await root.does(.DELETE, "/admin/users/\(alice.id)/badges/bug_hunter")
            #expect(try await alice.does(.GET, "/users/@me")["badges"] == [])
            #expect(
                try await root.does(.GET, "/admin/tiers").column("name") == ["standard", "alpha", "premium", "staff"])
        }
    }

    @Test("a tier's servers are counted, and a template gives a server its channels", arguments: DatabaseKind.allCases)
    func servers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.servers_per_user": "1"]) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let made = try await alice.does(.POST, "/servers", ["name": "Class", "template": "study"])
            let path = "/servers/\(try made.text("id"))/channels"
            #expect(
                try await alice.does(.GET, path).column("name")
                    == ["Channels", "general", "homework", "questions", "Study room"])
            #expect(try await alice.outcome(.POST, "/servers", ["name": "Two"]) == "400 Invalid input")
            try await root.does(.PUT, "/admin/users/\(alice.id)/tier", ["tier": "alpha"])
            #expect(try await alice.outcome(.POST, "/servers", ["name": "Two"]) == "201")
            #expect(try await alice.outcome(.POST, "/servers", ["name": "Three"]) == "400 Invalid input")
            try await root.does(.PUT, "/admin/users/\(alice.id)/tier", ["tier": "staff"])
            #expect(try await alice.outcome(.POST, "/servers", ["name": "Three"]) == "201")
            #expect(try await alice.outcome(.POST, "/servers", ["name": "X", "template": "x"]) == "400 Invalid input")
        }
    }

    @Test("addresses, names and files are kept out", arguments: DatabaseKind.allCases)
    func blocks(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.trusted_proxies": "127.0.0.1"]) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            let from = { @Sendable (address: String, token: String?) async throws -> String in
                var headers: HTTPHeaders = ["x-forwarded-for": address]
                if let token { headers.add(name: "authorization", value: "Bearer \(token)") }
                return try await server.send(.GET, token == nil ? "/version" : "/users/@me", headers: headers).outcome
            }
            try await root.does(.POST, "/admin/blocked-ips", ["value": "203.0.113.0/24", "reason": "flood"])
            #expect(try await from("203.0.113.7", nil) == "403 Access denied")
            #expect(try await from("203.0.113.7", alice.token) == "403 Access denied")
            #expect(try await from("203.0.113.7", root.token) == "200", "administrators are let in")
            #expect(try await from("203.0.114.7", alice.token) == "200")
            var handshake = ConnectionTests.handshake
            handshake.add(name: "x-forwarded-for", value: "203.0.113.7")
            #expect(try await server.send(.GET, "//gateway", headers: handshake).outcome == "403 Access denied")
            let socket = try await GatewaySocket.open(
                port: server.port, headers: ["x-forwarded-for": "203.0.114.7"])
            #expect(try await socket.next()["op"] == 10)
            await socket.disconnect()
            #expect(try await root.does(.GET, "/admin/blocked-ips").column("value") == ["203.0.113.0/24"])
            #expect(
                try await root.outcome(.POST, "/admin/blocked-ips", ["value": "127.0.0.0/8"]) == "400 Invalid input")
            #expect(try await root.outcome(.POST, "/admin/blocked-ips", ["value": "nonsense"]) == "400 Invalid input")
            try await root.does(.DELETE, "/admin/blocked-ips?value=203.0.113.0/24")
            #expect(try await from("203.0.113.7", alice.token) == "200")
            #expect(
                try await root.outcome(.DELETE, "/admin/blocked-ips?value=203.0.113.0/24") == "404 Resource not found")
            try await root.does(.POST, "/admin/banned-usernames", ["value": "Admin*"])
            let registration = AccountTests.registration("administrator", email: "x@example.org")
            #expect(try await server.outcome(.POST, "/auth/register", registration) == "400 Invalid input")
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "ADMIN2"]) == "400 Invalid input")
            #expect(try await alice.outcome(.PATCH, "/users/@me", ["username": "sysadmin"]) == "200")
            let hash = String(repeating: "ab", count: 32)
            try await root.does(.POST, "/admin/blocked-hashes", ["value": .string(hash.uppercased())])
            #expect(try await root.does(.GET, "/admin/blocked-hashes").column("value") == [hash])
            #expect(try await root.outcome(.POST, "/admin/blocked-hashes", ["value": "abc"]) == "400 Invalid input")
        }
    }

    @Test("what was kept out is let in again, once", arguments: DatabaseKind.allCases)
    func release(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let hash = String(repeating: "ab", count: 32)
            for (list, value) in [
                ("blocked-ips", "203.0.113.0/24"), ("banned-usernames", "spam*"), ("blocked-hashes", hash),
            ] {
                try await root.does(.POST, "/admin/\(list)", ["value": .string(value)])
                #expect(try await root.outcome(.DELETE, "/admin/\(list)?value=\(value)") == "200", "\(list)")
                #expect(try await root.does(.GET, "/admin/\(list)") == [], "\(list)")
                #expect(try await root.outcome(.DELETE, "/admin/\(list)") == "400 Invalid input", "\(list)")
                #expect(
                    try await root.outcome(.DELETE, "/admin/\(list)?value=\(value)") == "404 Resource not found",
                    "\(list)")
            }
        }
    }

    @Test(
        "a star stands for anything",
        arguments: [
            ("admin", "admin", true), ("admin", "admins", false), ("admin*", "admins", true), ("*min", "admin", true),
            ("a*n", "admin", true), ("a*x*n", "admin", false), ("a*m*n", "admin", true), ("ab*ba", "aba", false),
            ("*", "anything", true),
        ])
    func patterns(pattern: String, text: String, matches: Bool) {
        #expect(Glob.matches(pattern, text) == matches)
    }

    @Test("a report reaches the administrators with what was said", arguments: DatabaseKind.allCases)
    func reports(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let root = try await scene.server.administrator()
            let message = try await alice.says("bad words", in: nest.general).text("id")
            let receipt = try await bob.does(
                .POST, "/reports/messages",
                ["message_id": .string(message), "reason": "rude", "category": "harassment"])
            #expect(receipt["status"] == "open")
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(message)")
            try await bob.does(
                .POST, "/reports/users", ["user_id": .string(alice.id), "reason": "rude", "details": "d"])
            let listed = try await root.does(.GET, "/admin/reports?status=open")
            #expect(listed.column("type") == ["user", "message"])
            #expect(listed[1]?["content"] == "bad words")
            #expect(listed[1]?["server_id"]?.string == nest.id)
            let path = "/admin/reports/\(try receipt.text("id"))"
            let handled = try await root.does(.PATCH, path, ["status": "resolved", "note": "talked"])
            #expect(handled["handled_by"]?.string == root.id)
            #expect(try await root.does(.GET, "/admin/reports?status=open").count == 1)
            #expect(
                try await root.outcome(.PATCH, "/admin/reports/1", ["status": "resolved"]) == "404 Report not found")
            let carol = try await scene.server.person("carol")
            let other = try await alice.says("more", in: nest.general).text("id")
            #expect(
                try await carol.outcome(.POST, "/reports/messages", ["message_id": .string(other), "reason": "r"])
                    == "403 Access denied")
            for body: JSON in [
                ["reason": "r"], ["message_id": .string(other)],
                ["message_id": .string(other), "reason": "r", "category": "x"],
            ] {
                #expect(try await bob.outcome(.POST, "/reports/messages", body) == "400 Invalid input")
            }
            #expect(
                try await bob.outcome(.POST, "/reports/users", ["user_id": .string(bob.id), "reason": "r"])
                    == "400 Invalid input")
            #expect(
                try await bob.outcome(.POST, "/reports/users", ["user_id": "1", "reason": "r"]) == "404 User not found")
            try await bob.does(.POST, "/feedback", ["text": "nice place"])
            #expect(try await bob.outcome(.POST, "/feedback", ["text": ""]) == "400 Invalid input")
            let figures = try await root.does(.GET, "/admin/stats")
            #expect(figures["open_reports"] == 1)
            #expect(figures["users"] == 4)
            #expect(figures["messages"] == 1)
        }
    }

    @Test("a server is found and taken down", arguments: DatabaseKind.allCases)
    func takingDown(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let root = try await scene.server.administrator()
            let found = try await root.does(.GET, "/admin/servers?q=ne")
            #expect(found.column("id") == [scene.nest.id])
            #expect(found[0]?["member_count"] == 2)
            #expect(try await root.does(.GET, "/admin/servers/\(scene.nest.id)") == found[0])
            try await root.does(.DELETE, "/admin/servers/\(scene.nest.id)")
            try await scene.bobHears.hears("GUILD_DELETE")
            #expect(try await scene.bob.outcome(.GET, "/servers/\(scene.nest.id)") == "404 Server not found")
            #expect(try await root.outcome(.DELETE, "/admin/servers/\(scene.nest.id)") == "404 Server not found")
        }
    }

    // MARK: Leaving

    @Test("a deleted account comes back with a login, or is gone after thirty days", arguments: DatabaseKind.allCases)
    func deletion(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            try await alice.befriends(bob)
            let message = try await alice.says("I was here", in: nest.general).text("id")
            let body: JSON = ["password": .string(Person.password)]
            #expect(
                try await alice.outcome(.DELETE, "/users/@me", ["password": "Wrong horse 1!"])
                    == "401 Invalid credentials")
            #expect(try await alice.outcome(.DELETE, "/users/@me") == "400 Invalid input")
            try await alice.does(.DELETE, "/users/@me", body)
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            let back = try await alice.onAnotherDevice()
            #expect(try await back.does(.GET, "/users/@me")["deletion_status"] == "none")
            try await back.does(.DELETE, "/users/@me", body)
            server.clock.advance(by: .seconds(31 * 86_400))
            try await server.erasesDeletedAccounts()
            #expect(
                try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "401 Invalid credentials"
            )
            let bobAgain = try await bob.onAnotherDevice()
            let kept = try await bobAgain.does(.GET, "/channels/\(nest.general)/messages/\(message)")
            #expect(kept["content"] == "I was here")
            #expect(kept["author_username"]?.string == "deleted:\(alice.id)")
            let gone = try await bobAgain.does(.GET, "/users/\(alice.id)")
            #expect(gone["username"]?.string == "deleted:\(alice.id)")
            #expect(gone["bio"] == .null)
            #expect(try await bobAgain.does(.GET, "/relationships/@me") == [])
            let inherited = try await bobAgain.does(.GET, "/servers/\(nest.id)")
            #expect(inherited["owner_id"]?.string == bob.id)
            #expect(inherited["member_count"] == 1)
            let again = try await server.person("alice")
            #expect(again.id != alice.id, "name and address are free again")
        }
    }

    @Test("with a second factor both are needed to delete an account", arguments: DatabaseKind.allCases)
    func deletionWithTwoFactor(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            server.clock.advance(by: .seconds(30))
            let password = JSON.string(Person.password)
            #expect(
                try await alice.outcome(.DELETE, "/users/@me", ["password": password]) == "401 Invalid password or code"
            )
            #expect(
                try await alice.outcome(.DELETE, "/users/@me", ["password": password, "code": "000000"])
                    == "401 Invalid password or code")
            let code = JSON.string(phone.code(at: server.clock.now()))
            #expect(try await alice.outcome(.DELETE, "/users/@me", ["password": password, "code": code]) == "200")
        }
    }

    @Test("an administrator's deletion can be taken back", arguments: DatabaseKind.allCases)
    func adminDeletion(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let alice = try await server.person("alice")
            #expect(try await root.does(.DELETE, "/admin/users/\(alice.id)")["deletion_at"] != .null)
            #expect(
                try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "403 Account locked",
                "logging in does not undo it")
            #expect(try await root.does(.POST, "/admin/users/\(alice.id)/restore")["deletion_at"] == .null)
            _ = try await alice.onAnotherDevice()
        }
    }
}

extension TestServer {
    /// Does what the upkeep does once a minute.
    func erasesDeletedAccounts() async throws {
        try await operate { administration in
            let parts = administration.parts
            while try await parts.database.write({ tx in
                guard
                    let user = try tx.first(
                        "SELECT id FROM users WHERE deletion_at IS NOT NULL", [], { $0.id(0, UserID.self) })
                else { return false }
                try AccountErasure.erase(user, parts, tx)
                return true
            }) {}
        }
    }
}
