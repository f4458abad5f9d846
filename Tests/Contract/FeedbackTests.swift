import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Feedback")
struct FeedbackTests {
    @Test("administrators read what users have told, and nobody else", arguments: DatabaseKind.allCases)
    func tickets(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let told = try await alice.does(
                .POST, "/feedback", ["content": "It rains", "category": "bug", "rating": 2])
            #expect(told["success"] == true)
            #expect(told["status"] == "open")
            let plain = try await bob.does(.POST, "/feedback", ["text": "nice place"])
            let ids = [try plain.text("id"), try told.text("id")]

            let list = try await root.does(.GET, "/admin/tickets")
            #expect(list.column("id") == ids, "the newest first")
            let ticket = try await root.does(.GET, "/admin/tickets/\(ids[1])")
            #expect(ticket == list[1])
            #expect(
                ticket == [
                    "id": .string(ids[1]), "user_id": .string(alice.id), "username": "alice", "content": "It rains",
                    "category": "bug", "rating": 2, "status": "open", "assigned_to": .null,
                    "created_at": .integer(server.clock.now().seconds),
                    "updated_at": .integer(server.clock.now().seconds), "resolved_at": .null, "resolved_by": .null,
                    "notes": [],
                ])
            for (query, expected) in [
                ("?category=bug", [ids[1]]), ("?user_id=\(bob.id)", [ids[0]]), ("?limit=1", [ids[0]]),
                ("?before=\(ids[0])", [ids[1]]), ("?status=open", ids), ("?status_filter=closed", []),
                ("?assigned_to=\(root.id)", []),
            ] {
                #expect(try await root.does(.GET, "/admin/tickets\(query)").column("id") == expected, "\(query)")
            }
            #expect(try await root.does(.GET, "/admin/stats")["open_tickets"] == 2)
            for path in ["/admin/tickets", "/admin/tickets/\(ids[0])"] {
                #expect(try await bob.outcome(.GET, path) == "403 Admin access required")
                #expect(try await server.outcome(.GET, path) == "401 Authentication required")
            }
            #expect(try await root.outcome(.GET, "/admin/tickets/1") == "404 Resource not found")
            #expect(try await root.outcome(.GET, "/admin/tickets/x") == "400 Invalid input")
        }
    }

    @Test("five in an hour and twenty in a day are enough", arguments: DatabaseKind.allCases)
    func limits(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            func tells() async throws -> HTTPReply {
                try await alice.send(.POST, "/feedback", ["content": "again"])
            }
            for hour in 0..<4 {
                for _ in 0..<5 { #expect(try await tells().status == 200) }
                let refused = try await tells()
                #expect(refused.outcome == "429 Rate limited")
                #expect(refused.json["error"]?["retry_after"] != nil)
                #expect(refused.headers["retry-after"].first.flatMap(Int.init) ?? 0 > (hour < 3 ? 3000 : 60_000))
                server.clock.advance(by: .seconds(3601))
            }
            #expect(try await tells().outcome == "429 Rate limited", "of the day")
            server.clock.advance(by: .seconds(86_400))
            #expect(try await alice.onAnotherDevice().outcome(.POST, "/feedback", ["content": "again"]) == "200")
        }
    }

    @Test("what can't be feedback is refused", arguments: DatabaseKind.allCases)
    func rules(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for body: JSON in [
                [:], ["content": ""], ["content": "  "], ["content": .string(String(repeating: "x", count: 2001))],
                ["content": "a", "rating": 6], ["content": "a", "category": "weather"],
            ] {
                #expect(try await alice.outcome(.POST, "/feedback", body) == "400 Invalid input", "\(body)")
            }
        }
    }

    // MARK: Answers

    @Test("a ticket is seen to, answered and closed, and its author is told", arguments: DatabaseKind.allCases)
    func answering(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (root, alice) = (try await server.administrator(), try await server.person("alice"))
            let id = try await alice.does(.POST, "/feedback", ["content": "It rains"]).text("id")
            let (own, path) = ("/feedback/\(id)", "/admin/tickets/\(id)")
            try await server.expectWritten([:]) {
                let taken: JSON = ["assigned_to": .string(root.id), "category": "bug"]
                let assigned = try await root.does(.PATCH, path, taken)
                #expect(assigned["assigned_to"] == .string(root.id) && assigned["category"] == "bug")
                try await root.does(.POST, "\(path)/notes", ["content": "who is that?"])
            }
            server.clock.advance(by: .seconds(60))
            try await server.expectWritten(["NOTIFICATION_CREATE": 2]) {
                try await root.does(.PATCH, "\(path)/status", ["status": "in_progress"])
                try await root.does(.PATCH, "\(path)/status", ["status": "in_progress"])
                try await root.does(.POST, "\(path)/notes", ["content": "Where?", "public": true])
            }
            let told = try await alice.does(.GET, "/users/@me/notifications").array ?? []
            #expect(told.compactMap { $0["type"]?.string } == ["feedback", "feedback"])
            #expect(told.allSatisfy { $0["user_id"] == .string(alice.id) })
            let seen = try await alice.does(.GET, own)
            #expect(seen["status"] == "in_progress" && seen["notes"]?.column("content") == ["Where?"])
            #expect(seen["notes"]?[0]?["admin_username"]?.string != nil && seen["notes"]?[0]?["public"] == true)
            #expect(try await root.does(.GET, "\(path)/notes").column("content") == ["who is that?", "Where?"])
            #expect(try await root.does(.GET, path)["notes"]?.count == 2)
            #expect(seen["updated_at"] == .integer(server.clock.now().seconds))

            #expect(seen["assigned_to"] == .null && seen["resolved_by"] == .null, "that is no business of hers")
            let solved = try await root.does(.PATCH, "\(path)/status", ["status": "resolved"])
            #expect(solved["resolved_by"] == .string(root.id) && solved["resolved_at"] != .null)
            let answer = try await alice.does(.POST, "\(own)/notes", ["content": "Still wet"])
            #expect(answer["admin_id"] == .null && answer["public"] == true && answer["ticket_id"] == .string(id))
            let again = try await alice.does(.GET, own)
            #expect(again["status"] == "open" && again["resolved_at"] == .null && again["resolved_by"] == .null)
            #expect(try await alice.does(.GET, "/feedback")[0] == again)
            server.clock.advance(by: .seconds(60))
            try await root.does(.POST, "\(path)/notes", ["content": "hm"])
            #expect(try await alice.does(.GET, own)["updated_at"] == again["updated_at"], "what she can't see")
            try await root.does(.PATCH, "\(path)/status", ["status": "closed"])
            #expect(try await alice.outcome(.POST, "\(own)/notes", ["content": "hm"]) == "409 Already handled")
            let counts: JSON = ["open": 0, "in_progress": 0, "resolved": 0, "closed": 1, "total": 1]
            #expect(try await root.does(.GET, "/admin/tickets/counts") == counts)
            #expect(try await root.does(.PATCH, path, ["assigned_to": .null])["assigned_to"] == .null)
            let logged = try await root.does(.GET, "/admin/audit-logs").column("action")
            #expect(Set(logged).isSuperset(of: ["ticket.status", "ticket.update", "ticket.note"]))
        }
    }

    @Test("others' tickets are not there, and what is wrong is refused", arguments: DatabaseKind.allCases)
    func strangers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let id = try await alice.does(.POST, "/feedback", ["content": "It rains"]).text("id")
            let note: JSON = ["content": "me too"]
            #expect(try await bob.does(.GET, "/feedback") == [])
            for number in [id, "1"] {
                #expect(try await bob.outcome(.GET, "/feedback/\(number)") == "404 Resource not found")
                #expect(try await bob.outcome(.POST, "/feedback/\(number)/notes", note) == "404 Resource not found")
            }
            #expect(try await bob.outcome(.GET, "/feedback/x") == "400 Invalid input")
            let path = "/admin/tickets/\(id)"
            let asked: [(HTTPMethod, String, JSON?)] = [
                (.GET, "/admin/tickets/counts", nil), (.PATCH, "\(path)/status", ["status": "open"]),
                (.PATCH, path, ["category": "bug"]), (.GET, "\(path)/notes", nil), (.POST, "\(path)/notes", note),
            ]
            for (method, path, body) in asked {
                #expect(try await alice.outcome(method, path, body) == "403 Admin access required", "\(path)")
                guard path.contains(id) else { continue }
                let missing = path.replacing(id, with: "1")
                #expect(try await root.outcome(method, missing, body) == "404 Resource not found", "\(path)")
                #expect(try await root.outcome(method, path.replacing(id, with: "x"), body) == "400 Invalid input")
            }
            let wrong: [(HTTPMethod, String, JSON)] = [
                (.PATCH, "\(path)/status", ["status": "done"]), (.PATCH, "\(path)/status", [:]),
                (.PATCH, path, ["assigned_to": .string(alice.id)]), (.PATCH, path, ["assigned_to": "1"]),
                (.PATCH, path, ["category": "rain"]), (.POST, "\(path)/notes", ["content": " "]),
                (.POST, "\(path)/notes", ["content": .string(String(repeating: "x", count: 2001))]),
                (.POST, "\(path)/notes", ["content": "a", "public": "yes"]),
            ]
            for (method, path, body) in wrong {
                #expect(try await root.outcome(method, path, body) == "400 Invalid input", "\(path): \(body.text)")
            }
            #expect(try await alice.outcome(.POST, "/feedback/\(id)/notes", ["content": ""]) == "400 Invalid input")
        }
    }

    @Test("how much one may still tell follows the operator's rates", arguments: DatabaseKind.allCases)
    func allowance(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limits.feedback": "2/h, 3/day"]) { server in
            let alice = try await server.person("alice")
            func allowance() async throws -> JSON { try await alice.does(.GET, "/feedback/status") }
            let fresh: JSON = [
                "enabled": true, "submissions_this_hour": 0, "submissions_today": 0, "max_per_hour": 2,
                "max_per_day": 3, "can_submit": true,
            ]
            #expect(try await allowance() == fresh)
            for _ in 0..<2 { try await alice.does(.POST, "/feedback", ["content": "again"]) }
            #expect(try await allowance()["can_submit"] == false)
            #expect(try await alice.outcome(.POST, "/feedback", ["content": "again"]) == "429 Rate limited")
            server.clock.advance(by: .seconds(3601))
            #expect(try await allowance()["can_submit"] == true)
            try await alice.does(.POST, "/feedback", ["content": "again"])
            #expect(try await allowance()["submissions_today"] == 3)
            #expect(try await alice.outcome(.POST, "/feedback", ["content": "again"]) == "429 Rate limited")
        }
    }

    @Test("a list has the end of each talk, a ticket all of it", arguments: DatabaseKind.allCases)
    func longTalks(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (root, alice) = (try await server.administrator(), try await server.person("alice"))
            let id = try await alice.does(.POST, "/feedback", ["content": "It rains"]).text("id")
            for number in 1...12 {
                try await alice.does(.POST, "/feedback/\(id)/notes", ["content": .string("\(number)")])
            }
            let end = (3...12).map { "\($0)" }
            #expect(try await alice.does(.GET, "/feedback")[0]?["notes"]?.column("content") == end)
            #expect(try await root.does(.GET, "/admin/tickets")[0]?["notes"]?.column("content") == end)
            #expect(try await alice.does(.GET, "/feedback/\(id)")["notes"]?.count == 12)
            #expect(try await root.does(.GET, "/admin/tickets/\(id)/notes").count == 12)
        }
    }

    @Test("without the module there is none of it", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.feedback": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.POST, "/feedback", ["content": "a"]) == "503 Module not available")
            #expect(try await alice.outcome(.GET, "/feedback/status") == "503 Module not available")
            #expect(try await alice.does(.GET, "/capabilities")["feedback"] == false)
        }
    }
}
