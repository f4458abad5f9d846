import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Community
@testable import Content
@testable import People

/// What is unread has to be found out whatever others do to one.
@Suite("The cost of what is unread")
struct UnreadCostTests {
    /// Gives somebody roles that nobody makes by hand.
    private static func give(_ count: Int, to person: Person, in server: String) async throws {
        let (id, user) = (try ServerID(parsing: server), try UserID(parsing: person.id))
        try await person.server.onDatabase { tx in
            for number in 1...count {
                let role = Role(
                    id: RoleID(rawValue: id.rawValue - 100_000 + Int64(number)), server: id, name: "role \(number)",
                    color: nil,
                    position: number, permissions: [], hoist: false, mentionable: true, isDefault: false)
                try RoleStore.insert(role, tx)
                try tx.execute(
                    "INSERT INTO member_roles (server_id, user_id, role_id) VALUES ($1, $2, $3)", [id, user, role.id])
            }
        }
    }

    @Test("a thousand roles keep nobody from what is unread, nor from the gateway", arguments: DatabaseKind.allCases)
    func roles(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            var channels: [String] = []
            for number in 1...4 {
                let nest = try await alice.foundsServer("Nest \(number)")
                try await bob.joins(nest)
                try await Self.give(250, to: bob, in: nest.id)
                server.clock.advance(by: .seconds(1))
                let last = try RoleID(parsing: nest.id).rawValue - 100_000 + 250
                try await alice.says("hello <@&\(last)>", in: nest.general)
                try await alice.says("nobody is meant", in: nest.general)
                channels.append(nest.general)
            }
            let unread = try await bob.does(.GET, "/users/@me/unread")
            for channel in channels {
                #expect(unread["unread_counts"]?[channel] == 2)
                #expect(unread["mention_counts"]?[channel] == 1)
            }
            let listener = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
            let ready = try await listener.identify(token: bob.token)
            #expect(ready["d"]?["read_state"]?.array?.count == 4)
        }
    }

    @Test("a name counts as a whole, not as a part of another one", arguments: DatabaseKind.allCases)
    func wholeNames(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let channel = try ChannelID(parsing: nest.general)
            let user = try UserID(parsing: bob.id)
            let first = try await alice.says("one", in: nest.general).text("id")
            let counts = { @Sendable (mentions: String) async throws -> Int in
                try await scene.server.onDatabase { tx in
                    try tx.execute("UPDATE messages SET mentions = $1 WHERE id = $2", [mentions, Int64(first) ?? 0])
                    return try ReadStateStore.counts(
                        [.init(channel: channel, after: MessageID(rawValue: 0))], for: user,
                        names: Mentions.names(of: user, [RoleID(rawValue: 77)]), blocked: [], tx)[channel]?.mentions
                        ?? 0
                }
            }
            #expect(try await counts(" \(bob.id) ") == 1)
            #expect(try await counts(" 5 &77 ") == 1)
            #expect(try await counts(" 5 &8 * ") == 1)
            #expect(try await counts(" \(bob.id)0 &777 77 &7 ") == 0)
        }
    }

    @Test(
        "the statements are the same however many channels, roles, blocks, threads and messages there are",
        arguments: DatabaseKind.allCases)
    func texts(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let (user, id) = (try UserID(parsing: bob.id), try ServerID(parsing: nest.id))
            let path = "/channels/\(nest.general)/messages"
            let texts = { @Sendable () async throws -> Set<StaticSQL> in
                try await server.onDatabase { tx in
                    try Set(
                        RecordingConnection.statements(of: tx) { tx in
                            _ = try ReadStates.states(of: user, tx)
                            _ = try MemberStore.members(of: id, after: nil, query: nil, limit: 100, tx)
                            guard let channel = try ChannelStore.channel(ChannelID(parsing: nest.general), tx) else {
                                return
                            }
                            let page = try MessageStore.messages(in: channel, .newest, limit: 100, for: user, tx)
                            _ = try MessageStore.messages(page.map(\.id), in: channel, for: user, tx)
                            _ = try UserStore.faces(of: Set(page.map(\.author)), tx)
                            _ = try ChannelStore.overwrites(of: [channel.id], tx)
                        })
                }
            }
            let grow = { @Sendable (round: Int) async throws -> Void in
                for number in 0..<round {
                    server.clock.advance(by: .seconds(1))
                    let channel = try await alice.opensChannel("c\(round)-\(number)", in: nest)
                    try await alice.says("hello <@\(bob.id)> @everyone", in: channel)
                    let message = try await alice.says("root", in: nest.general).text("id")
                    try await alice.does(.PUT, "\(path)/\(message)/reactions/%F0%9F%91%8D")
                    let thread = try await alice.does(
                        .POST, "/channels/\(nest.general)/threads", ["name": .string("t\(round)-\(number)")]
                    ).text("id")
                    try await alice.does(.PATCH, "/threads/\(thread)", ["add_members": .array([.string(bob.id)])])
                    try await alice.says("in the thread", in: thread)
                    let stranger = try await server.person("s\(round)-\(number)")
                    try await stranger.joins(nest)
                    try await bob.does(.POST, "/relationships/block", ["user_id": .string(stranger.id)])
                }
                try await Self.give(round, to: bob, in: try await alice.foundsServer("S\(round)").id)
            }
            try await grow(1)
            let few = try await texts()
            try await grow(4)
            let many = try await texts()
            #expect(few.count > 10)
            #expect(many == few)
        }
    }

    @Test("archived threads cost nothing that grows with their number", arguments: DatabaseKind.allCases)
    func archived(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let thread = { @Sendable (number: Int, archived: Bool) async throws -> String in
                let id = try await alice.does(
                    .POST, "/channels/\(nest.general)/threads", ["name": .string("t\(number)")]
                ).text("id")
                try await alice.does(.PATCH, "/threads/\(id)", ["add_members": .array([.string(bob.id)])])
                try await alice.says("in it", in: id)
                if archived { try await alice.does(.PATCH, "/threads/\(id)", ["archived": true]) }
                return id
            }
            let open = try await thread(0, false)
            let user = try UserID(parsing: bob.id)
            let count = { @Sendable () async throws -> Int in
                try await server.onDatabase { tx in
                    try RecordingConnection.statements(of: tx) { _ = try ReadStates.states(of: user, $0) }.count
                }
            }
            let before = try await count()
            for number in 1...8 { _ = try await thread(number, true) }
            #expect(try await count() == before)
            let unread = try await bob.does(.GET, "/users/@me/unread")
            #expect(unread["unread_counts"]?.object?.keys.sorted() == [open])
        }
    }
}
