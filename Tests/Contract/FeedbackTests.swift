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
}
