import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("A conversation")
struct ConversationTests {
    @Test("two people register, share a server, and talk, live", arguments: DatabaseKind.allCases)
    func conversation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            let aliceListens = try await alice.listens()
            let bobListens = try await bob.listens()

            try await bob.joins(nest)
            let welcome = try await bobListens.hears("GUILD_CREATE")
            #expect(welcome["d"]?["server"]?["id"]?.string == nest.id)
            try await aliceListens.awaits("GUILD_MEMBER_ADD")

            let sent = try await alice.says("hello, bob", in: nest.general, nonce: "n-1")
            let heard = try await bobListens.hears("MESSAGE_CREATE")
            #expect(heard["d"] == sent)
            let echoed = try await aliceListens.hears("MESSAGE_CREATE")
            #expect(echoed["d"]?["nonce"] == "n-1")
            #expect(heard["s"] == echoed["s"])

            let history = try await bob.does(.GET, "/channels/\(nest.general)/messages")
            #expect(history == .array([sent]))
        }
    }

    @Test("a nonce that is sent again returns the first message and creates nothing", arguments: DatabaseKind.allCases)
    func nonce(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            let replies = try await withThrowingTaskGroup(of: HTTPReply.self) { group in
                for _ in 0..<12 {
                    group.addTask { try await alice.send(.POST, path, ["content": "once", "nonce": "same"]) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.filter { $0.status == 201 }.count == 1)
            #expect(replies.filter { $0.status == 200 }.count == 11)
            #expect(Set(replies.map { $0.json["id"]?.string }).count == 1)
            #expect(try await alice.does(.GET, path).count == 1)
        }
    }
}
