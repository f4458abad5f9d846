import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Community
@testable import Content

@Suite("Mails of what was missed")
struct NotificationMailTests {
    private static let settings = "/users/@me/notification-settings"

    /// Alice and Bob, who has a verified address, in her server.
    struct Scene: Sendable {
        let server: TestServer
        let mailbox: TestMailbox
        let alice: Person
        let bob: Person
        let nest: Community

        /// Of the letters to Bob those about what he missed.
        func mails() throws -> [JSON] {
            try mailbox.messages.map { try JSONParser.parse(Array($0.utf8)) }.filter {
                $0["headers"]?["List-Unsubscribe"] != nil
            }
        }

        func mail(_ count: Int) async throws -> JSON {
            try await eventually { try mails().count >= count }
            let all = try mails()
            #expect(all.count == count, "\(all)")
            return all.last ?? .null
        }

        func waits(_ minutes: Int) { server.clock.advance(by: .seconds(minutes * 60 + 1)) }

        func nothingComes(after count: Int = 0) async throws {
            try await server.sendsMails()
            #expect(try mails().count == count)
        }

        /// What happens after that is told.
        func wants(_ wish: JSON) async throws {
            try await bob.does(.PUT, settings, wish)
            server.clock.advance(by: .seconds(1))
        }
    }

    static func with(
        _ kind: DatabaseKind, _ more: [String: String] = [:],
        _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await RecoveryTests.withMail(kind, more) { server, mailbox in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            try await server.verifies(bob)
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await body(Scene(server: server, mailbox: mailbox, alice: alice, bob: bob, nest: nest))
        }
    }

    @Test(
        "who misses a mention and a private message is written to after a quarter of an hour",
        arguments: DatabaseKind.allCases)
    func missed(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.wants(["email": "missed"])
            let private_ = try await scene.alice.conversation(with: scene.bob)
            try await scene.alice.says("<@\(scene.bob.id)> *look* ||hidden|| <b>&", in: scene.nest.general)
            try await scene.alice.says("first", in: private_)
            try await scene.alice.says("second", in: private_)
            scene.waits(14)
            try await scene.nothingComes()
            scene.waits(2)
            let mail = try await scene.mail(1)
            #expect(mail["to"] == ["bob@example.org"] && mail["type"] == "multipart/alternative")
            #expect(mail["subject"] == "3 messages wait for you")
            let text = try mail.text("text")
            #expect(text.contains("* alice in #general (Nest)\n  @bob look ▒▒▒ <b>&"))
            #expect(text.contains("* alice, 2 messages\n  second"))
            #expect(text.contains("https://chat.example.org/channels/\(scene.nest.id)/\(scene.nest.general)/"))
            #expect(!text.contains("hidden"))
            let html = try mail.text("html")
            #expect(html.contains("@bob look ▒▒▒ &lt;b&gt;&amp;") && !html.contains("hidden"))
            let headers = mail["headers"]
            #expect(headers?["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
            scene.waits(180)
            try await scene.nothingComes(after: 1)
        }
    }

    @Test("one is written to no more than once an hour, and of nothing twice", arguments: DatabaseKind.allCases)
    func hourly(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.wants(["email": "missed"])
            let private_ = try await scene.alice.conversation(with: scene.bob)
            try await scene.alice.says("early words", in: private_)
            scene.waits(16)
            #expect(try await scene.mail(1)["subject"] == "alice wrote to you")
            try await scene.alice.says("<@\(scene.bob.id)>", in: scene.nest.general)
            scene.waits(40)
            try await scene.nothingComes(after: 1)
            scene.waits(25)
            let second = try await scene.mail(2)
            #expect(second["subject"] == "alice mentioned you in #general (Nest)")
            let text = try second.text("text")
            #expect(!text.contains("early"))
        }
    }

    @Test("over a restart nobody is written to twice of the same", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        let mails = { @Sendable in mailbox.messages.count { $0.contains("List-Unsubscribe") } }
        try await TestServer.restarting(kind, RecoveryTests.mail(to: mailbox)) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            try await server.verifies(bob)
            let talk = try await alice.conversation(with: bob)
            try await bob.does(.PUT, Self.settings, ["email": "missed"])
            server.clock.advance(by: .seconds(1))
            try await alice.says("hello", in: talk)
            server.clock.advance(by: .seconds(961))
            try await eventually { mails() == 1 }
        } then: { server in
            for _ in 0..<3 {
                server.clock.advance(by: .seconds(3601))
                try await server.sendsMails()
            }
            #expect(mails() == 1)
        }
    }

    @Test(
        "who has read it, is there, does not want it, or has no verified address is not written to",
        arguments: DatabaseKind.allCases)
    func withheld(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let mention = { @Sendable in try await alice.says("<@\(bob.id)> hm", in: general).text("id") }
            _ = try await mention()
            scene.waits(20)
            try await scene.nothingComes()
            try await scene.wants(["email": "missed"])
            _ = try await mention()
            try await bob.does(.POST, "/channels/\(general)/messages/ack")
            scene.waits(20)
            try await scene.nothingComes()
            try await alice.does(.DELETE, "/channels/\(general)/messages/\(try await mention())")
            scene.waits(20)
            try await scene.nothingComes()
            _ = try await mention()
            try await bob.does(.PUT, "\(Self.settings)/channels/\(general)", ["level": "none"])
            scene.waits(20)
            try await scene.nothingComes()
            try await bob.does(.PUT, "\(Self.settings)/channels/\(general)", ["level": .null])

            let listener = try await bob.listens()
            _ = try await mention()
            scene.waits(20)
            try await scene.nothingComes()
            await listener.socket.disconnect()
            try await eventually {
                try await alice.does(.GET, "/users/\(bob.id)/presence")["status"] == "offline"
            }
            scene.waits(20)
            _ = try await scene.mail(1)

            let carol = try await scene.server.person("carol")
            try await carol.joins(scene.nest)
            try await carol.does(.PUT, Self.settings, ["email": "missed"])
            try await alice.says("<@\(carol.id)>", in: general)
            scene.waits(20)
            try await scene.nothingComes(after: 1)
        }
    }

    @Test(
        "a digest comes at its hour by the clock of the profile, with what is unread everywhere",
        arguments: DatabaseKind.allCases)
    func digest(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let day = scene.server.clock.now().seconds / 86_400 * 86_400
            scene.server.clock.set(Timestamp(seconds: day + 86_400))
            try await scene.bob.does(.PATCH, "/users/@me/profile", ["timezone": "Asia/Tokyo"])
            // 18 o'clock in Tokyo is 9 o'clock UTC.
            try await scene.wants(["email": "daily", "digest_hour": 18])
            try await scene.alice.says("nothing special", in: scene.nest.general)
            try await scene.alice.says("<@\(scene.bob.id)> look", in: scene.nest.general)
            scene.waits(8 * 60 + 59)
            try await scene.nothingComes()
            scene.waits(1)
            let text = try await scene.mail(1).text("text")
            #expect(text.contains("* alice in #general (Nest)"))
            #expect(text.contains("* Nest: 2 messages, https://chat.example.org/channels/\(scene.nest.id)"))
            scene.waits(24 * 60)
            try await scene.nothingComes(after: 1)
            try await scene.bob.does(.PATCH, "/users/@me/profile", ["timezone": "UTC"])
            scene.server.clock.advance(by: .seconds(1))
            try await scene.alice.says("more", in: scene.nest.general)
            // At 9 o'clock UTC, where it would have come, there is none: now it comes at 18.
            scene.waits(24 * 60)
            try await scene.nothingComes(after: 1)
            scene.waits(9 * 60)
            _ = try await scene.mail(2)
        }
    }

    @Test(
        "a press in the mail program ends the mails, and a program that looks at links does not",
        arguments: DatabaseKind.allCases)
    func unsubscribing(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.wants(["email": "missed"])
            try await scene.alice.says("<@\(scene.bob.id)>", in: scene.nest.general)
            scene.waits(16)
            let header = try await scene.mail(1)["headers"]?["List-Unsubscribe"]?.string ?? ""
            let token = try #require(
                header.wholeMatch(of: /<https:\/\/chat.example.org\/api\/v1\/unsubscribe\/([\w-]+)>/)
            ).1
            let path = "/unsubscribe/\(token)"
            let page = try await scene.server.fetch("/api/v1\(path)")
            #expect(page.status == 200 && page.text.contains("<form method=\"post\">"))
            #expect(page.headers["content-security-policy"].first?.contains("form-action 'self'") == true)
            #expect(try await scene.bob.does(.GET, Self.settings)["email"] == "missed")
            for _ in 0..<2 {
                let reply = try await scene.server.send(
                    .POST, path, bytes: Array("List-Unsubscribe=One-Click".utf8),
                    headers: ["content-type": "application/x-www-form-urlencoded"])
                #expect(reply.status == 200)
            }
            #expect(try await scene.bob.does(.GET, Self.settings)["email"] == "off")
            for method in [HTTPMethod.GET, .POST] {
                #expect(try await scene.server.outcome(method, "/unsubscribe/nobody") == "404 Resource not found")
            }
            try await scene.alice.says("<@\(scene.bob.id)>", in: scene.nest.general)
            scene.waits(120)
            try await scene.nothingComes(after: 1)
        }
    }

    @Test("a server without these mails says so", arguments: DatabaseKind.allCases)
    func switchedOff(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["modules.email_notifications": "false"]) { scene in
            let refused = try await scene.bob.outcome(.PUT, Self.settings, ["email": "daily"])
            #expect(refused == "503 Module not available")
            #expect(try await scene.bob.outcome(.PUT, Self.settings, ["quiet_hours": .null]) == "200")
            #expect(try await scene.server.outcome(.GET, "/unsubscribe/x") == "503 Module not available")
            #expect(try await scene.server.send(.GET, "/capabilities").json["email_notifications"] == false)
        }
    }

    @Test("what a node was writing when it ended is written by another one", arguments: DatabaseKind.allCases)
    func abandoned(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, bob) = (scene.server, try UserID(parsing: scene.bob.id))
            try await scene.wants(["email": "missed"])
            try await scene.alice.says("<@\(bob)> early", in: scene.nest.general)
            let later = server.clock.now() + .seconds(600)
            // As a node does that has written a mail and is about to send it.
            try await server.onDatabase { tx in
                let before = try #require(try MailPlanStore.plan(of: bob, tx))
                var plan = before
                (plan.dueAt, plan.coveredAt, plan.sentAt) = (nil, later, later)
                try MailPlanStore.set(plan, tx)
                _ = try MailPlanStore.take(before, tx)
            }
            try await scene.alice.says("<@\(bob)> meanwhile", in: scene.nest.general)
            scene.waits(90)
            try await scene.nothingComes()
            try await server.onDatabase { tx in try tx.execute("UPDATE notification_mails SET taken_until = 1") }
            try await eventually {
                try await server.onDatabase { tx in try MailPlanStore.plan(of: bob, tx)?.takenUntil == nil }
            }
            scene.waits(6)
            let text = try await scene.mail(1).text("text")
            #expect(text.contains("early") && text.contains("meanwhile"))
            scene.waits(180)
            try await scene.nothingComes(after: 1)
        }
    }

    // MARK: Rules

    @Test("the next digest is the next time that the clock shows the hour")
    func hours() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let next = { (mail: NotificationPreferences.Mail, hour: Int, moment: String) in
            let preferences = NotificationPreferences(mail: mail, digestHour: hour, preview: .full, quietHours: nil)
            return Timestamp(iso8601: moment).flatMap { MailPlan.digest(after: $0, preferences, in: berlin)?.iso8601 }
        }
        #expect(next(.daily, 8, "2026-01-10T06:59:59Z") == "2026-01-10T07:00:00.000Z")
        #expect(next(.daily, 8, "2026-01-10T07:00:00Z") == "2026-01-11T07:00:00.000Z")
        #expect(next(.daily, 8, "2026-07-10T00:00:00Z") == "2026-07-10T06:00:00.000Z")
        // 29 March 2026, when 2 o'clock is 3 o'clock.
        #expect(next(.daily, 2, "2026-03-28T12:00:00Z") == "2026-03-29T01:00:00.000Z")
        #expect(next(.weekly, 8, "2026-01-10T06:59:59Z") == "2026-01-12T07:00:00.000Z")
        #expect(next(.off, 8, "2026-01-10T06:59:59Z") == nil && next(.missed, 8, "2026-01-10T06:59:59Z") == nil)
    }

    @Test("quiet hours go over midnight, by the clock of the place")
    func quiet() throws {
        let tokyo = try #require(TimeZone(identifier: "Asia/Tokyo"))
        let night = QuietHours(from_min: 22 * 60, to_min: 7 * 60)
        let isQuiet = { (moment: String) in Timestamp(iso8601: moment).map { night.contain($0, in: tokyo) } }
        #expect(isQuiet("2026-01-10T12:59:59Z") == false && isQuiet("2026-01-10T13:00:00Z") == true)
        #expect(isQuiet("2026-01-10T21:59:59Z") == true && isQuiet("2026-01-10T22:00:00Z") == false)
    }
}

extension TestServer {
    /// Waits until the server has looked, from beginning to end, for mails that are due by now.
    func sendsMails() async throws {
        let mark = try await onDatabase { tx in
            try RecordingConnection.statements(of: tx) { _ = try MailPlanStore.due(limit: 1, $0) }
        }
        for statement in mark { try await statements.waits(for: statement, times: 2) }
    }

    /// Has somebody's address count as verified.
    func verifies(_ person: Person) async throws {
        let id = try UserID(parsing: person.id)
        try await onDatabase { tx in try tx.execute("UPDATE users SET email_verified = TRUE WHERE id = $1", [id]) }
    }
}
