import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Features
@testable import Community
@testable import Content
@testable import People

@Suite("Full servers and accounts")
struct FullnessTests {
    @Test(
        "of open conversations the quietest is put away, and comes back when something is said in it",
        arguments: DatabaseKind.allCases)
    func conversations(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, carol) = (
                try await server.person("alice"), try await server.person("bob"), try await server.person("carol")
            )
            let nest = try await alice.foundsServer()
            let open = { @Sendable (other: Person) async throws -> String in
                try await alice.does(.POST, "/users/@me/channels", ["recipient_id": .string(other.id)]).text("id")
            }
            let first = try await open(bob)
            let (channel, user) = (try ChannelID(parsing: first), try UserID(parsing: alice.id))
            let most = PrivateChannels.openCap.maximum
            try await server.copies(
                most - 1, of: "channels", where: "id", is: channel, with: ["id": "CAST($1 AS BIGINT)"])
            try await server.fill(
                most - 1,
                "INSERT INTO participants (channel_id, user_id, is_open, joined_at) VALUES ($1, $2, TRUE, 1)", [user])
            let listener = try await alice.listens()
            #expect(try await alice.does(.GET, "/users/@me/channels").count == most)
            let newest = try await open(carol)
            #expect(try await listener.awaits("CHANNEL_DELETE")["d"]?["id"] == "1")
            #expect(try await alice.does(.GET, "/users/@me/channels").count == most)
            #expect(try await open(bob) == first, "what is open stays")
            try await alice.does(.DELETE, "/channels/\(first)")
            try await bob.does(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)])
            try await bob.says("hello", in: first)
            while try await listener.awaits("CHANNEL_CREATE")["d"]?["id"] != .string(first) {}
            let listed = try await alice.does(.GET, "/users/@me/channels").column("id")
            #expect(listed.count == most && listed.contains(first) && listed.contains(newest))
            try await alice.goesOn(in: nest)
        }
    }

    @Test("a server full of channels, overwrites, invites, threads and pins works", arguments: DatabaseKind.allCases)
    func fullServer(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let role = try await alice.makesRole("r", in: nest)
            let channel = try await alice.opensChannel("more", in: nest)
            let thread = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "t"]).text("id")
            let code = try await alice.does(.POST, "/channels/\(nest.general)/invites").text("code")
            let number: StaticSQL = "CAST($1 AS BIGINT)"
            let there = try await alice.does(.GET, "/servers/\(nest.id)/channels").count
            try await server.copies(
                500 - there, of: "channels", where: "id", is: try ChannelID(parsing: channel), with: ["id": number])
            let (home, subject) = (try ServerID(parsing: nest.id), try RoleID(parsing: role).rawValue)
            try await server.onDatabase { tx in
                let channels = try ChannelStore.channels(of: home, tx)
                for index in 0..<OverwriteChange.maximumPerServer {
                    try tx.execute(
                        "INSERT INTO overwrites (channel_id, subject_id, is_role, allow, deny) VALUES ($1, $2, TRUE, 1, 2)",
                        [channels[index % channels.count].id, subject + Int64(index / channels.count)])
                }
            }
            try await server.copies(
                Invites.maximumPerServer - 1, of: "invites", where: "code", is: code,
                with: ["code": "'x' || CAST(CAST($1 AS BIGINT) AS TEXT)"])
            let opened = try ChannelID(parsing: thread)
            for table: StaticSQL in ["threads", "channels"] {
                let key: StaticSQL = table.text == "threads" ? "channel_id" : "id"
                try await server.copies(
                    Threads.activeCap.maximum - 1, of: table, where: key, is: opened,
                    with: [key.text: "CAST($1 AS BIGINT) + 1000"])
            }
            for _ in 0..<50 {
                let message = try await alice.says("pinned", in: nest.general).text("id")
                try await alice.does(.PUT, "/channels/\(nest.general)/pins/\(message)")
            }
            let last = try await alice.says("hello", in: nest.general).text("id")
            let refusals: [(HTTPMethod, String, JSON?)] = [
                (.POST, "/servers/\(nest.id)/channels", ["name": "x"]),
                (.PUT, "/channels/\(channel)/overwrites/\(bob.id)", ["type": "member", "allow": ["channels.view"]]),
                (.POST, "/channels/\(nest.general)/invites", nil),
                (.POST, "/channels/\(nest.general)/threads", ["name": "x"]),
                (.PUT, "/channels/\(nest.general)/pins/\(last)", nil),
            ]
            for (method, path, body) in refusals {
                #expect(try await alice.outcome(method, path, body) == "400 Invalid input", "\(method) \(path)")
            }
            try await alice.goesOn(in: nest)
            try await bob.goesOn(in: nest)
        }
    }

    @Test("an account with all that one can have works", arguments: DatabaseKind.allCases)
    func fullAccount(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] {
                try await person.joins(nest)
                try await alice.befriends(person)
            }
            for number in 2...100 { _ = try await alice.foundsServer("Nest \(number)") }
            for number in 0..<Applications.maximumPerUser {
                try await alice.does(.POST, "/applications", ["name": .string("app \(number)")])
            }
            let pair: JSON = ["recipient_ids": [.string(bob.id), .string(carol.id)]]
            for _ in 0..<PrivateChannels.maximumGroups { try await alice.does(.POST, "/users/@me/channels", pair) }
            let later: JSON = ["content": "later", "send_at": .integer(server.clock.now().seconds + 3600)]
            var places = [nest.general]
            for number in 1...3 { places.append(try await alice.opensChannel("c\(number)", in: nest)) }
            for place in places {
                for _ in 0..<ScheduledMessages.maximumPerChannel {
                    try await alice.does(.POST, "/channels/\(place)/scheduled-messages", later)
                }
            }
            try await carol.isCopied(Relationships.maximum)
            let user = try UserID(parsing: alice.id)
            try await server.fill(
                Relationships.maximum - 2,
                "INSERT INTO relationships (other_id, user_id, status, created_at) VALUES ($1, $2, 'friend', 1)", [user]
            )
            try await server.fill(
                Notifications.maximumPerUser,
                "INSERT INTO notifications (id, owner_id, kind, user_id, is_read, created_at) VALUES ($1, $2, 'mention', $1, FALSE, 1)",
                [user])
            let dave = try await server.person("dave")
            let fifth = try await alice.opensChannel("c4", in: nest)
            try await dave.does(.POST, "/relationships", ["user_id": .string(alice.id)])
            let refusals: [(HTTPMethod, String, JSON?)] = [
                (.POST, "/servers", ["name": "one more"]), (.POST, "/applications", ["name": "one more"]),
                (.POST, "/users/@me/channels", pair), (.POST, "/channels/\(fifth)/scheduled-messages", later),
                (.PUT, "/relationships/\(dave.id)/accept", nil),
            ]
            for (method, path, body) in refusals {
                #expect(try await alice.outcome(method, path, body) == "400 Invalid input", "\(method) \(path)")
            }
            try await bob.says("hi <@\(alice.id)>", in: nest.general)
            #expect(try await alice.does(.GET, "/users/@me/notifications?limit=1").column("type") == ["mention"])
            try await alice.goesOn(in: nest)
            try await bob.goesOn(in: nest)
        }
    }
}
