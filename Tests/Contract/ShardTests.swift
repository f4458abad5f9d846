import Client
import Events
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat

/// Bots that divide their servers among several sessions (contract: Gateway, Shards).
@Suite("Shards")
struct ShardTests {
    private static let count = 3
    /// All intents, of which presences are left out where each session may hear of the same person.
    private static let intents: Int64 = 0xF_FEFF

    /// A bot with servers in each of its shards, and somebody to do something there.
    private struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let bot: Bot
        /// By shard.
        var nests: [[Community]]
        let conversation: String

        /// The bot's session, or one that takes all.
        func listens(_ shard: Int?, intents: Int64 = ShardTests.intents) async throws -> (Listener, ready: JSON) {
            let listener = Listener(socket: try await GatewaySocket.open(port: server.port))
            var options: [String: JSON] = ["intents": .integer(intents)]
            if let shard { options["shard"] = [.integer(Int64(shard)), .integer(Int64(ShardTests.count))] }
            return (listener, try await listener.identify(token: bot.token, options))
        }

        /// Makes a server that belongs to a shard, with the bot in it.
        func nest(of shard: Int) async throws -> Community {
            while true {
                // Identifiers of one millisecond belong to one shard.
                server.clock.advance(by: .milliseconds(1))
                let nest = try await alice.foundsServer()
                guard try ShardTests.shard(nest.id) == shard else { continue }
                try await alice.brings(bot, to: nest)
                return nest
            }
        }

        /// Does what there is to do in a server.
        func stirs(_ nest: Community) async throws {
            let message = try await alice.says("hello", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(message)"
            try await alice.does(.PATCH, path, ["content": "hello again"])
            try await alice.does(.POST, "/channels/\(nest.general)/typing")
            try await bob.joins(nest)
            try await bob.says("<@\(bot.id)> hi", in: nest.general)
            let role = try await alice.does(.POST, "/servers/\(nest.id)/roles", ["name": "Bird"]).text("id")
            try await alice.does(.DELETE, "/servers/\(nest.id)/roles/\(role)")
            let channel = try await alice.does(
                .POST, "/servers/\(nest.id)/channels", ["name": "den", "type": "text"]
            ).text("id")
            try await alice.says("in here", in: channel)
            try await alice.does(.DELETE, "/channels/\(channel)")
            try await alice.does(.PATCH, "/servers/\(nest.id)", ["name": "Nest again"])
            try await alice.does(.DELETE, path)
            try await bob.does(.POST, "/servers/\(nest.id)/leave")
        }
    }

    private static func shard(_ id: String) throws -> Int { Int(try #require(Int64(id)) >> 22 % Int64(count)) }

    private static func with(
        _ kind: DatabaseKind, _ settings: [String: String] = [:], each: Int = 1,
        _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        let settings = ["gateway.connections_per_user": "20"].merging(settings) { $1 }
        try await TestServer.with(kind, settings) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let bot = try await alice.makesBot()
            try await alice.does(
                .PUT, "/applications/\(bot.application)",
                ["name": "App", "privileged_intents": ["GUILD_MEMBERS", "GUILD_PRESENCES", "MESSAGE_CONTENT"]])
            let opened = try await bot.send(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)])
            var scene = Scene(
                server: server, alice: alice, bob: bob, bot: bot, nests: [],
                conversation: try opened.json.text("id"))
            for shard in 0..<count {
                var nests: [Community] = []
                for _ in 0..<each { nests.append(try await scene.nest(of: shard)) }
                scene.nests.append(nests)
            }
            try await body(scene)
        }
    }

    /// What an event says and to whom it belongs, to be told apart from others.
    private struct Heard: Hashable {
        let text: String
        let home: Int

        init(_ event: JSON) throws {
            let data = event["d"] ?? .null
            let name = event["t"]?.string ?? ""
            let server = data["server_id"]?.string ?? data["server"]?["id"]?.string
            let own = name == "GUILD_UPDATE" || name == "GUILD_DELETE" ? data["id"]?.string : nil
            home = try (server ?? own).map(ShardTests.shard) ?? 0
            text = "\(name) \(String(decoding: data.jsonBytes, as: UTF8.self))"
        }
    }

    /// Events up to the message that ends them all.
    private static func events(of listener: Listener, until end: String) async throws -> [Heard] {
        var heard: [Heard] = []
        while true {
            let event = try await listener.next(op: 0)
            if event["t"] == "RESUMED" { continue }
            if event["d"]?["content"]?.string == end { return heard }
            heard.append(try Heard(event))
        }
    }

    /// Says something that each session hears last.
    private static func ends(_ scene: Scene) async throws {
        for nests in scene.nests { try await scene.alice.says("the end", in: nests[0].general) }
    }

    private static func counts(_ heard: [Heard]) -> [Heard: Int] {
        Dictionary(heard.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// That the sessions heard together what one that takes all has heard, each only what belongs to it.
    private static func expect(_ parts: [[Heard]], are all: [Heard]) {
        for (shard, part) in parts.enumerated() {
            #expect(part.filter { $0.home != shard } == [], "shard \(shard)")
            #expect(part == all.filter { $0.home == shard }, "shard \(shard), in the same order")
        }
        #expect(counts(parts.flatMap { $0 }) == counts(all))
    }

    @Test(
        "every event reaches the session whose it is and no other, those of conversations the first",
        arguments: DatabaseKind.allCases)
    func live(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (all, _) = try await scene.listens(nil)
            var sessions: [Listener] = []
            for shard in 0..<Self.count { sessions.append(try await scene.listens(shard).0) }
            for nests in scene.nests { try await scene.stirs(nests[0]) }
            try await scene.alice.says("in private", in: scene.conversation)
            try await scene.alice.does(.POST, "/channels/\(scene.conversation)/typing")
            // What comes and goes meanwhile.
            for shard in 0..<Self.count {
                let nest = try await scene.nest(of: shard)
                try await scene.stirs(nest)
                if shard == 1 { try await scene.alice.does(.DELETE, "/servers/\(nest.id)/members/\(scene.bot.id)") }
                if shard == 2 { try await scene.alice.does(.DELETE, "/servers/\(nest.id)") }
            }
            try await Self.ends(scene)
            var whole: [Heard] = []
            for _ in 0..<Self.count { whole += try await Self.events(of: all, until: "the end") }
            var parts: [[Heard]] = []
            for session in sessions { parts.append(try await Self.events(of: session, until: "the end")) }
            Self.expect(parts, are: whole)
            let names = Set(whole.map { $0.text.prefix { $0 != " " } })
            for name in [
                "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "TYPING_START", "GUILD_MEMBER_ADD",
                "GUILD_MEMBER_REMOVE", "GUILD_ROLE_CREATE", "GUILD_ROLE_DELETE", "CHANNEL_CREATE", "CHANNEL_DELETE",
                "GUILD_UPDATE", "GUILD_CREATE", "GUILD_DELETE",
            ] {
                #expect(names.contains(Substring(name)), "\(name)")
            }
            #expect(parts.allSatisfy { $0.count > 12 })
        }
    }

    @Test(
        "READY has the servers of the session, and private channels are in the first", arguments: DatabaseKind.allCases)
    func ready(kind: DatabaseKind) async throws {
        try await Self.with(kind, each: 2) { scene in
            for nest in scene.nests.flatMap({ $0 }) { try await scene.alice.says("unread", in: nest.general) }
            try await scene.alice.says("unread", in: scene.conversation)
            for shard in 0..<Self.count {
                let (listener, ready) = try await scene.listens(shard)
                let data = ready["d"] ?? .null
                #expect(data["shard"] == [.integer(Int64(shard)), 3])
                let servers = try (data["servers"]?.array ?? []).map { try ($0["server"] ?? .null).text("id") }
                #expect(servers == scene.nests[shard].map(\.id).sorted())
                let conversations = try (data["private_channels"]?.array ?? []).map { try $0.text("id") }
                #expect(conversations == (shard == 0 ? [scene.conversation] : []))
                let read = Set((data["read_state"]?.array ?? []).compactMap { $0["channel_id"]?.string })
                let known = Set(scene.nests[shard].map(\.general) + conversations)
                #expect(read.isSubset(of: known))
                await listener.socket.disconnect()
            }
        }
    }

    @Test("a session that is resumed keeps its part", arguments: DatabaseKind.allCases)
    func resuming(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            var absences: [(session: String, sequence: Int64)] = []
            let shards: [Int?] = [nil, 0, 1, 2]
            for shard in shards {
                let (listener, ready) = try await scene.listens(shard)
                absences.append((try (ready["d"] ?? .null).text("session_id"), ready["s"]?.integer ?? -1))
                await listener.socket.disconnect()
            }
            for nests in scene.nests {
                try await scene.alice.says("missed", in: nests[0].general)
                try await scene.alice.does(.PATCH, "/servers/\(nests[0].id)", ["name": "Nest again"])
            }
            try await scene.alice.says("in private", in: scene.conversation)
            for shard in 0..<Self.count {
                let (stays, goes) = (try await scene.nest(of: shard), try await scene.nest(of: shard))
                try await scene.alice.says("new", in: stays.general)
                try await scene.alice.says("gone", in: goes.general)
                try await scene.alice.does(.DELETE, "/servers/\(goes.id)/members/\(scene.bot.id)")
            }
            var listeners: [Listener] = []
            for absence in absences {
                let listener = Listener(socket: try await GatewaySocket.open(port: scene.server.port))
                _ = try await listener.next(op: 10)
                try await listener.socket.send([
                    "op": 6,
                    "d": [
                        "token": .string(scene.bot.token), "session_id": .string(absence.session),
                        "seq": .integer(absence.sequence),
                    ],
                ])
                listeners.append(listener)
            }
            try await Self.ends(scene)
            var whole: [Heard] = []
            for _ in 0..<Self.count { whole += try await Self.events(of: listeners[0], until: "the end") }
            var parts: [[Heard]] = []
            for listener in listeners.dropFirst() {
                parts.append(try await Self.events(of: listener, until: "the end"))
            }
            Self.expect(parts, are: whole)
            #expect(parts.allSatisfy { $0.contains { $0.text.contains("missed") && $0.text.hasPrefix("MESSAGE") } })
            #expect(parts.allSatisfy { $0.contains { $0.text.hasPrefix("GUILD_CREATE") } })
            #expect(parts[0].contains { $0.text.contains("in private") })
        }
    }

    @Test(
        "somebody's presence is told where their servers are, and members are found there",
        arguments: DatabaseKind.allCases)
    func people(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            var sessions: [Listener] = []
            for shard in 0..<Self.count { sessions.append(try await scene.listens(shard, intents: 0xF_FFFF).0) }
            try await scene.bob.joins(scene.nests[1][0])
            for session in [sessions[1]] { try await session.awaits("GUILD_MEMBER_ADD") }
            let desk = try await scene.bob.listens()
            var presence = try await sessions[1].awaits("PRESENCE_UPDATE")["d"]
            while presence?["user_id"]?.string != scene.bob.id {
                presence = try await sessions[1].awaits("PRESENCE_UPDATE")["d"]
            }
            #expect(presence?["status"] == "online")
            // A session is not answered for what is another one's.
            for nest in [scene.nests[1][0], scene.nests[0][0]] {
                try await sessions[0].socket.send(["op": 8, "d": ["server_id": .string(nest.id)]])
            }
            let chunk = try await sessions[0].awaits("GUILD_MEMBERS_CHUNK")
            #expect(chunk["d"]?["server_id"]?.string == scene.nests[0][0].id)
            try await Self.ends(scene)
            for session in [sessions[0], sessions[2]] {
                let heard = try await Self.events(of: session, until: "the end")
                #expect(!heard.contains { $0.text.hasPrefix("PRESENCE_UPDATE") && $0.text.contains(scene.bob.id) })
            }
            await desk.socket.disconnect()
        }
    }

    // MARK: Limits

    /// How an IDENTIFY ends that is not granted; nil if it is.
    private static func refusal(_ bot: Bot, _ shard: JSON?) async throws -> String? {
        let socket = try await GatewaySocket.open(port: bot.server.port)
        var data: [String: JSON] = ["token": .string(bot.token), "intents": 1]
        if let shard { data["shard"] = shard }
        try await socket.send(["op": 2, "d": .object(data)])
        while let frame = try? await socket.next() {
            guard frame["t"] == "READY" else { continue }
            await socket.disconnect()
            return nil
        }
        let close = try await socket.closed()
        return "\(close.code) \(close.reason)"
    }

    @Test("who is in more servers than one session may have must divide them", arguments: DatabaseKind.allCases)
    func tooMany(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["gateway.servers_per_shard": "2", "gateway.connections_per_user": "1"]) { scene in
            let refusal = "4011 too many servers for one session"
            #expect(try await Self.refusal(scene.bot, nil) == refusal)
            #expect(try await Self.refusal(scene.bot, [0, 1]) == refusal)
            for shard in 0..<Self.count {
                try await eventually {
                    try await Self.refusal(scene.bot, [.integer(Int64(shard)), 3]) == nil
                }
            }
            // It needs three sessions, so it may have as many connections.
            #expect(try await scene.bot.send(.GET, "/gateway/bot").json["shards"] == 3)
            var listeners: [Listener] = []
            try await eventually {
                guard let session = try? await scene.listens(listeners.count).0 else { return false }
                listeners.append(session)
                return listeners.count == Self.count
            }
            #expect(try await Self.refusal(scene.bot, [0, 3]) == "4008 too many connections")
        }
    }

    @Test("a shard that can't be is refused", arguments: DatabaseKind.allCases)
    func impossible(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let bot = try await server.person("alice").makesBot()
            for shard: JSON in [
                [0, 0], [-1, 2], [2, 2], [0, 65_536], [9_223_372_036_854_775_807, 2], [.number(0.5), 2], ["0", "1"],
                "0,1", [0], [0, 1, 2], [], [:], true, 7, [[0], [1]], [.null, .null],
            ] {
                let refusal = try await Self.refusal(bot, shard)
                #expect(
                    refusal == "4010 shard must be [index, count] with index below count",
                    "\(String(decoding: shard.jsonBytes, as: UTF8.self))")
            }
            #expect(try await Self.refusal(bot, .null) == nil)
            #expect(try await Self.refusal(bot, [65_534, 65_535]) == nil)
        }
    }

    @Test(
        "a bot asks how to connect; each session that it begins counts for a day, also after a restart",
        arguments: DatabaseKind.allCases)
    func starts(kind: DatabaseKind) async throws {
        let settings = [
            "rate_limiting.enabled": "true", "gateway.session_starts_per_day": "3", "gateway.max_concurrency": "2",
        ]
        let bots = ShardTests.Box<Bot>()
        @Sendable func limit(_ bot: Bot) async throws -> [Int64?] {
            let starts = try await bot.send(.GET, "/gateway/bot").json["session_start_limit"]
            return ["total", "remaining", "reset_after", "max_concurrency"].map { starts?[$0]?.integer }
        }
        try await TestServer.restarting(kind, settings) { server in
            let alice = try await server.person("alice")
            let bot = try await alice.makesBot()
            let answer = try await bot.send(.GET, "/gateway/bot")
            #expect(answer.json["url"]?.string == "ws://localhost/gateway")
            #expect(answer.json["shards"] == 1)
            #expect(try await limit(bot) == [3, 3, 0, 2])
            #expect(try await alice.outcome(.GET, "/gateway/bot") == "403 Permission denied")
            #expect(try await server.outcome(.GET, "/gateway/bot") == "401 Authentication required")
            #expect(try await Self.refusal(bot, nil) == nil)
            server.clock.advance(by: .seconds(3600))
            #expect(try await Self.refusal(bot, [1, 2]) == nil)
            #expect(try await limit(bot) == [3, 1, 23 * 3_600_000, 2])
            bots.value = bot
        } then: { server in
            let known = try #require(bots.value)
            let bot = Bot(server: server, application: known.application, id: known.id, token: known.token)
            #expect(try await limit(bot) == [3, 1, 23 * 3_600_000, 2])
            server.clock.advance(by: .seconds(60))
            #expect(try await Self.refusal(bot, nil) == nil)
            server.clock.advance(by: .seconds(60))
            #expect(try await Self.refusal(bot, nil) == "4008 too many sessions in a day")
            server.clock.advance(by: .seconds(23 * 3600))
            #expect(try await limit(bot) == [3, 3, 0, 2])
            #expect(try await Self.refusal(bot, nil) == nil)
        }
    }

    @Test("sessions identify one after the other, as many at a time as are allowed", arguments: DatabaseKind.allCases)
    func concurrency(kind: DatabaseKind) async throws {
        let settings = [
            "rate_limiting.enabled": "true", "gateway.max_concurrency": "2", "gateway.identify_interval_seconds": "5",
        ]
        try await TestServer.with(kind, settings) { server in
            let bot = try await server.person("alice").makesBot()
            server.clock.advance(by: .seconds(5))
            #expect(try await Self.refusal(bot, [0, 4]) == nil)
            #expect(try await Self.refusal(bot, [1, 4]) == nil)
            for shard in [2, 3, 0] {
                #expect(try await Self.refusal(bot, [.integer(Int64(shard)), 4]) == "4008 one IDENTIFY at a time")
            }
            server.clock.advance(by: .seconds(5))
            #expect(try await Self.refusal(bot, [2, 4]) == nil)
        }
    }

    // MARK: The rule

    /// Something that a test hands on.
    private final class Box<Value: Sendable>: Sendable {
        private let content = NIOLockedValueBox<Value?>(nil)

        var value: Value? {
            get { content.withLockedValue { $0 } }
            set { content.withLockedValue { $0 = newValue } }
        }
    }

    private static func members(of schema: JSONSchema) -> Set<String> {
        switch schema {
        case .named(_, let schema), .nullable(let schema): members(of: schema)
        case .either(let one, let other): members(of: one).intersection(members(of: other))
        case .object(let properties): Set(properties.map(\.name))
        default: []
        }
    }

    @Test("events that name no server are about people, about oneself, or about the server")
    func declared() {
        let known: Set<String> = [
            "READY", "RESUMED", "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE",
            // Of people, as all see them who see them anywhere.
            "PRESENCE_UPDATE", "USER_UPDATE",
            // Told to one user alone.
            "SECURITY_ALERT", "SECURITY_LOGOUT", "USER_SETTINGS_UPDATE", "RELATIONSHIP_ADD", "RELATIONSHIP_REMOVE",
            "NOTIFICATION_DELETE", "MESSAGING_SETTINGS_UPDATE", "MESSAGE_ACK", "MESSAGE_BOOKMARK_REMOVE",
            "REMINDER_CREATE", "REMINDER_UPDATE", "REMINDER_DELETE",
            // Answers to one session.
            "VOICE_ERROR",
        ]
        let nameless = Instance.events.filter { !Self.members(of: $0.payload).contains("server_id") }.map(
            \.name.rawValue)
        #expect(
            Set(nameless).subtracting(known).sorted() == [],
            "a session that takes a part of the servers can't tell whether these are for it")
    }
}
