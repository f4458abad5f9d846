import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Names and notations of other clients")
struct OtherNameTests {
    @Test("an id in a body may be a number, of which no digit is lost", arguments: DatabaseKind.allCases)
    func identifiers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            let first = try await alice.says("first", in: nest.general).text("id")
            let number = try #require(Int64(first))
            #expect(number > 1 << 53, "or a double would do")
            let reply = try await alice.does(.POST, path, ["content": "second", "reply_to_id": .integer(number)])
            #expect(reply["reply_to_id"] == .string(first), "answers have texts")
            let next = try await alice.outcome(.POST, path, ["content": "x", "reply_to_id": .integer(number - 1)])
            #expect(
                next == "404 Message not found", "a number that only a double would take for the same is another id")
            #expect(
                try await alice.outcome(.POST, "/relationships", ["user_id": .integer(try #require(Int64(bob.id)))])
                    == "200")
            for body in [
                #"{"content":"x","reply_to_id":0}"#, #"{"content":"x","reply_to_id":-1}"#,
                #"{"content":"x","reply_to_id":1.0}"#,
                #"{"content":"x","reply_to_id":1e3}"#, #"{"content":"x","reply_to_id":9223372036854775808}"#,
                #"{"content":"x","reply_to_id":true}"#, #"{"content":"x","reply_to_id":""}"#,
                #"{"content":"x","reply_to_id":"+1"}"#,
            ] {
                let answer = try await server.send(.POST, path, bytes: Array(body.utf8), token: alice.token)
                #expect(answer.outcome == "400 Invalid input", "\(body)")
            }
            let largest = #"{"content":"x","reply_to_id":9223372036854775807}"#
            #expect(
                try await server.send(.POST, path, bytes: Array(largest.utf8), token: alice.token).outcome
                    == "404 Message not found")
        }
    }

    @Test("several channels are marked as read by a map, too", arguments: DatabaseKind.allCases)
    func acknowledging(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let other = try await alice.opensChannel("other", in: nest)
            let first = try await alice.says("1", in: nest.general).text("id")
            for channel in [nest.general, other] { try await alice.says("2", in: channel) }
            let map: JSON = .object([nest.general: .string(first), other: .null])
            #expect(try await bob.does(.POST, "/channels/ack/bulk", map)["success"] == true)
            let counts = try await bob.does(.GET, "/users/@me/unread")["unread_counts"]
            #expect(counts?[nest.general] == 1 && (counts?[other] ?? 0) == 0)
            let number: JSON = .object([nest.general: .integer(try #require(Int64(first)))])
            #expect(try await bob.outcome(.POST, "/channels/ack/bulk", number) == "200")
            let list: JSON = ["channels": [["channel_id": .string(nest.general)]]]
            #expect(try await bob.outcome(.POST, "/channels/ack/bulk", list) == "200")
            for body in [[:], ["x": "1"], .object([nest.general: "x"]), [1]] as [JSON] {
                #expect(try await bob.outcome(.POST, "/channels/ack/bulk", body) == "400 Invalid input", "\(body)")
            }
        }
    }

    @Test("feedback, blocked hashes and badges go by their other names", arguments: DatabaseKind.allCases)
    func administration(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (root, bob) = (try await server.administrator(), try await server.person("bob"))
            for body in [["content": "it rains"], ["text": "it rains"]] as [JSON] {
                #expect(try await bob.outcome(.POST, "/feedback", body) == "200")
            }
            for body in [[:], ["content": " "], ["content": .string(String(repeating: "a", count: 2001))]] as [JSON] {
                #expect(try await bob.outcome(.POST, "/feedback", body) == "400 Invalid input")
            }
            let hash = String(repeating: "ab", count: 32)
            let blocked = try await root.does(.POST, "/admin/blocked-hashes", ["hash_value": .string(hash)])
            #expect(blocked["value"] == .string(hash))
            #expect(try await root.outcome(.POST, "/admin/blocked-hashes", [:]) == "400 Invalid input")
            #expect(try await root.outcome(.DELETE, "/admin/blocked-hashes?hash_value=\(hash)") == "200")
            #expect(try await root.does(.GET, "/admin/blocked-hashes").count == 0)
            for method in [HTTPMethod.POST, .PUT] {
                let given = try await root.does(method, "/admin/users/\(bob.id)/badges/verified")
                #expect(given["badges"]?.column("name") == ["verified"])
                try await root.does(.DELETE, "/admin/users/\(bob.id)/badges/verified")
            }
        }
    }
}
