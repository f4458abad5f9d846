import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import People

@Suite("The security log")
struct SecurityLogTests {
    private static let path = "/users/@me/security-log"
    private static let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
    private static let newerFirefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"

    private static func logIn(
        _ server: TestServer, _ password: String = Person.password, from address: String, with browser: String = firefox
    ) async throws -> HTTPReply {
        try await server.send(
            .POST, "/auth/login", AccountTests.login("alice", password),
            headers: ["x-forwarded-for": address, "user-agent": browser])
    }

    private static func actions(of person: Person, _ query: String = "") async throws -> [String] {
        try await person.does(.GET, path + query).array?.compactMap { $0["action"]?.string } ?? []
    }

    @Test("what one does to one's account stands in it, newest first", arguments: DatabaseKind.allCases)
    func own(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let device = try await alice.onAnotherDevice()
            let phone = try await alice.turnsOnTwoFactor()
            let session = try await alice.does(.GET, "/auth/sessions").array?.first { $0["current"] == false }
            try await alice.does(.DELETE, "/auth/sessions/\(try #require(session).text("id"))")
            #expect(try await device.outcome(.GET, "/users/@me") == "401 Invalid token")
            let newEmail: JSON = ["email": "new@example.org", "current_password": .string(Person.password)]
            try await alice.does(.PATCH, "/users/@me", newEmail)
            server.clock.advance(by: .seconds(60))
            let newPassword: JSON = [
                "password": .string(Person.newPassword), "current_password": .string(Person.password),
            ]
            try await alice.does(.PATCH, "/users/@me", newPassword)
            try await alice.does(
                .POST, "/auth/2fa/disable",
                ["password": .string(Person.newPassword), "code": .string(phone.code(at: server.clock.now()))])
            let application = try await alice.does(.POST, "/applications", ["name": "Counter"]).text("id")
            try await alice.does(.POST, "/applications/\(application)/bot")
            try await alice.does(.POST, "/users/@me/data-export", ["password": .string(Person.newPassword)])
            let expected = [
                "data_export", "bot_token", "two_factor_disable", "password_change", "email_change", "session_revoke",
                "two_factor_enable", "login", "login", "register",
            ]
            #expect(try await Self.actions(of: alice) == expected)
            let entries = try await alice.does(.GET, Self.path).array ?? []
            let change = try #require(entries.first { $0["action"] == "email_change" })
            #expect(change["severity"] == "warning" && change["ip_address"] == "127.0.0.1")
            #expect(change["details"]?["old_email"] == "alice@example.org" && change["count"] == 1)
            #expect(change["created_at"]?.integer != nil && change["session_id"]?.string != nil)
            // Pages, and one kind alone.
            let two = try await alice.does(.GET, Self.path + "?limit=2").array ?? []
            let next = try await Self.actions(of: alice, "?limit=2&before=\(try two[1].text("id"))")
            #expect(next == Array(expected[2..<4]))
            #expect(try await Self.actions(of: alice, "?action=login") == ["login", "login"])
            #expect(try await alice.outcome(.GET, Self.path + "?action=nonsense") == "400 Invalid input")
            #expect(try await alice.outcome(.GET, Self.path + "?limit=101") == "400 Invalid input")
            let bob = try await server.person("bob")
            #expect(try await Self.actions(of: bob) == ["login", "register"])
        }
    }

    @Test("failures from one address are counted by the hour, and lead to one alert", arguments: DatabaseKind.allCases)
    func failures(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, LockoutTests.proxied) { server in
            let alice = try await server.person("alice")
            let hears = try await alice.listens()
            for address in ["198.51.100.7", "203.0.113.9"] {
                for _ in 0..<7 { _ = try await Self.logIn(server, "Wrong horse 1!", from: address) }
            }
            let entries = try await alice.does(.GET, Self.path + "?action=login_failed").array ?? []
            #expect(entries.compactMap { $0["count"]?.integer } == [5, 5], "locked ones are not looked at")
            #expect(Set(entries.compactMap { $0["ip_address"]?.string }) == ["198.51.100.7", "203.0.113.9"])
            #expect(entries.allSatisfy { $0["severity"] == "info" && $0["user_agent"] == .string(Self.firefox) })
            let locks = try await alice.does(.GET, Self.path + "?action=lockout").array ?? []
            #expect(locks.count == 2 && locks.allSatisfy { $0["severity"] == "critical" })
            let alert = try await hears.hears("SECURITY_ALERT")["d"]
            #expect(alert?["action"] == "lockout" && alert?["ip_address"] == "198.51.100.7")
            #expect(alert?["id"] == locks.last?["id"] && alert?["severity"] == "critical")
            let told = try await hears.hears("NOTIFICATION_CREATE")["d"]
            #expect(told?["type"] == "security" && told?["user_id"] == .string(alice.id))
            let notifications = try await alice.does(.GET, "/users/@me/notifications")
            #expect(notifications.count == 1, "one an hour, wherever it comes from")
            server.clock.advance(by: .seconds(3600))
            _ = try await Self.logIn(server, "Wrong horse 1!", from: "198.51.100.7")
            let later = try await alice.does(.GET, Self.path + "?action=login_failed").array ?? []
            #expect(later.compactMap { $0["count"]?.integer } == [1, 5, 5])
        }
    }

    @Test("a login from where one was not seen for ninety days is told", arguments: DatabaseKind.allCases)
    func places(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, LockoutTests.proxied) { server in
            _ = try await server.send(
                .POST, "/auth/register", AccountTests.registration("alice"),
                headers: ["x-forwarded-for": "198.51.100.7", "user-agent": Self.firefox])
            /// Whether a login there is an alert.
            func isNews(_ address: String, _ browser: String = Self.firefox) async throws -> Bool {
                let reply = try await Self.logIn(server, from: address, with: browser)
                let alice = Person(
                    server: server, name: "alice", id: try #require(reply.json["user"]).text("id"),
                    token: try reply.json.text("token"))
                let newest = try await alice.does(.GET, Self.path + "?action=login&limit=1")[0]
                #expect(newest?["details"]?["new_place"] == .bool(newest?["severity"] == "warning"))
                server.clock.advance(by: .seconds(61))
                return newest?["severity"] == "warning"
            }
            #expect(try await !isNews("198.51.100.200", Self.newerFirefox), "the neighbourhood, and another version")
            #expect(try await isNews("198.51.101.7"))
            #expect(try await !isNews("198.51.101.8"), "from now on it is known")
            #expect(try await isNews("198.51.100.7", "curl/8.5.0"))
            #expect(try await isNews("2001:db8:1:2::1"))
            #expect(try await !isNews("2001:db8:1:ffff::9"))
            #expect(try await isNews("2001:db8:2::1"))
            server.clock.advance(by: .seconds(60 * 86_400))
            #expect(try await isNews("192.0.2.1"))
            server.clock.advance(by: .seconds(60 * 86_400))
            #expect(try await isNews("198.51.101.7"), "that was long ago")
        }
    }

    @Test("entries are kept for half a year, addresses for a quarter", arguments: DatabaseKind.allCases)
    func forgetting(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["sessions.lifetime_days": "365"]) { server in
            let alice = try await server.person("alice")
            server.clock.advance(by: .seconds(91 * 86_400))
            try await server.keepsUp()
            let entry = try await alice.does(.GET, Self.path)[0]
            #expect(entry?["ip_address"] == .null && entry?["user_agent"] == .null)
            server.clock.advance(by: .seconds(90 * 86_400))
            try await server.keepsUp()
            #expect(try await alice.does(.GET, Self.path) == [])
        }
    }

    @Test("what administrators do is told without saying which of them", arguments: DatabaseKind.allCases)
    func administrators(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (root, alice) = (try await server.administrator(), try await server.person("alice"))
            try await root.does(.POST, "/admin/users/\(alice.id)/lock")
            try await root.does(.POST, "/admin/users/\(alice.id)/unlock")
            let back = try await alice.onAnotherDevice()
            let entries = try await back.does(.GET, Self.path + "?action=admin_action").array ?? []
            #expect(entries.compactMap { $0["details"]?["action"]?.string } == ["user.unlock", "user.lock"])
            for entry in entries { #expect(!entry.text.contains(root.id) && entry["ip_address"] == .null) }
        }
    }

    @Test("the other name has it in its own shape, and one's acts in a server", arguments: DatabaseKind.allCases)
    func otherName(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/features/users/@me/audit-logs"
            let own = try await bob.does(.GET, path)["entries"]?.array ?? []
            #expect(own.compactMap { $0["action"]?.string } == ["login", "register"])
            #expect(own[0]["user_id"] == .string(bob.id) && own[0]["server_id"] == .null)
            #expect(own[0]["target_type"] == .null && own[0]["reason"] == .null)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)", ["name": "Eyrie"], headers: ["x-audit-log-reason": "why"])
            let there = "\(path)?server_id=\(nest.id)"
            let acts = try await alice.does(.GET, there)["entries"]?.array ?? []
            let act = try #require(acts.first { $0["action"] == "server.update" })
            #expect(act["target_type"] == "server" && act["target_id"] == .string(nest.id))
            #expect(act["server_id"] == .string(nest.id) && act["changes"]?["name"] != nil)
            #expect(try await alice.does(.GET, there + "&action=server.update")["entries"]?.count == 1)
            #expect(try await alice.does(.GET, "\(path)?action=register")["entries"]?.count == 1)
            for (asked, outcome) in [
                ("\(path)?action=server.update", "400 Invalid input"),
                (there + "&action=register", "400 Invalid input"),
                ("\(path)?server_id=1", "404 Server not found"), ("\(path)?server_id=x", "400 Invalid input"),
            ] {
                #expect(try await alice.outcome(.GET, asked) == outcome, "\(asked)")
            }
            #expect(try await bob.outcome(.GET, there) == "403 Permission denied")
            let carol = try await scene.server.person("carol")
            #expect(try await carol.outcome(.GET, there) == "403 Access denied")
        }
    }

    @Test("a module that is off writes nothing down", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.security_log": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, Self.path) == "503 Module not available")
            #expect(try await alice.outcome(.GET, "/features/users/@me/audit-logs") == "503 Module not available")
            let nest = try await alice.foundsServer()
            let there = "/features/users/@me/audit-logs?server_id=\(nest.id)"
            #expect(try await alice.does(.GET, there)["entries"] == [])
        }
    }

    @Test("what matters is told by mail, once, and so is a backup code", arguments: DatabaseKind.allCases)
    func mails(kind: DatabaseKind) async throws {
        try await RecoveryTests.withMail(kind, LockoutTests.proxied) { server, mailbox in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            try await server.doesDueWork()
            let backup = try #require(phone.backupCodes.first)
            #expect(try await server.answers(try await alice.challenge(), with: backup).status == 200)
            try await server.doesDueWork()
            try await server.doesDueWork()
            let letters = try await mailbox.messages(3).map { try JSONParser.parse(Array($0.utf8)) }
            #expect(
                letters.map { $0["subject"]?.string } == [
                    "Verify your e-mail address", "Security of your account", "Security of your account",
                ])
            #expect(letters[1]["text"]?.string?.contains("second factor from now on") == true)
            #expect(letters[2]["text"]?.string?.contains("backup code") == true)
            #expect(letters[2]["text"]?.string?.contains("127.0.0.1") == true)
            let used = try await alice.does(.GET, Self.path + "?action=backup_code_use")[0]
            #expect(used?["details"]?["codes_left"] == .integer(Int64(phone.backupCodes.count - 1)))
        }
    }

    @Test("who knows the password and not the second factor is told of", arguments: DatabaseKind.allCases)
    func halfLogin(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, LockoutTests.proxied) { server in
            let alice = try await server.person("alice")
            _ = try await alice.turnsOnTwoFactor()
            let hears = try await alice.listens()
            // At home nothing is to be told.
            _ = try await alice.challenge()
            for _ in 0..<3 { #expect(try await Self.logIn(server, from: "203.0.113.9").status == 200) }
            let alert = try await hears.awaits("SECURITY_ALERT")["d"]
            #expect(alert?["action"] == "login_failed" && alert?["severity"] == "warning")
            let entries = try await alice.does(.GET, Self.path + "?action=login_failed").array ?? []
            #expect(entries.count == 1 && entries[0]["count"] == 3)
            #expect(entries[0]["details"]?["password_was_right"] == true)
        }
    }

    @Test("what matters is not pushed out, and who is displaced can see it", arguments: DatabaseKind.allCases)
    func pushingOut(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, LockoutTests.proxied.merging(["sessions.per_user": "2"]) { $1 }) { server in
            let alice = try await server.person("alice")
            _ = try await Self.logIn(server, from: "203.0.113.9")
            let id = try #require(Int64(alice.id))
            try await server.fill(
                500,
                """
                INSERT INTO security_log (id, user_id, action, severity, count, details, created_at, is_unmailed)
                VALUES ($1, $2, 'login', 'info', 1, '{}', 1, FALSE)
                """, [UserID(rawValue: id)])
            let reply = try await Self.logIn(server, from: "203.0.113.9")
            let device = Person(server: server, name: "alice", id: alice.id, token: try reply.json.text("token"))
            let logins = try await device.does(.GET, Self.path + "?action=login&limit=3").array ?? []
            #expect(logins.contains { $0["severity"] == "warning" })
            let ended = try await device.does(.GET, Self.path + "?action=session_revoke")[0]
            #expect(ended?["details"]?["displaced"] == true && ended?["details"]?["sessions"] == 1)
        }
    }
}
