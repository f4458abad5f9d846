import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Community

@Suite("Notification settings")
struct NotificationSettingTests {
    private static let path = "/users/@me/notification-settings"

    @Test("settings are read, changed one by one, and told to one's own devices", arguments: DatabaseKind.allCases)
    func changing(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let alice = scene.alice
            let standard: JSON = [
                "email": "off", "digest_hour": 8, "push_preview": "full", "quiet_hours": .null, "servers": [:],
                "channels": [:],
            ]
            #expect(try await alice.does(.GET, Self.path) == standard)
            let listener = Listener(socket: try await GatewaySocket.open(port: scene.server.port, path: "/gateway"))
            #expect(try await listener.identify(token: alice.token)["d"]?["notification_settings"] == standard)
            let changed = try await alice.does(
                .PUT, Self.path,
                ["email": "daily", "digest_hour": 23, "quiet_hours": ["from": "22:30", "to": "07:05"]])
            #expect(changed["email"] == "daily" && changed["push_preview"] == "full")
            #expect(changed["quiet_hours"] == ["from": "22:30", "to": "07:05"])
            let told = try await scene.aliceHears.hears("USER_SETTINGS_UPDATE")["d"]
            let text = told?["settings"]?["notifications"]?.string ?? ""
            #expect(JSON(text: text) == changed)
            try await scene.server.expectWritten([:]) {
                let again = try await alice.does(.PUT, Self.path, ["email": "daily"])
                #expect(again == changed)
            }
            let cleared = try await alice.does(.PUT, Self.path, ["quiet_hours": .null, "push_preview": "none"])
            #expect(cleared["quiet_hours"] == .null && cleared["push_preview"] == "none")
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test("a place has what was said of it, until it is taken back", arguments: DatabaseKind.allCases)
    func places(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let (home, general) = ("\(Self.path)/servers/\(nest.id)", "\(Self.path)/channels/\(nest.general)")
            try await alice.does(.PUT, home, ["level": "all", "push": false])
            let until = server.clock.now().seconds + 3600
            let both = try await alice.does(.PUT, general, ["muted_until": .integer(until)])
            #expect(both["servers"]?[nest.id]?["level"] == "all" && both["servers"]?[nest.id]?["push"] == false)
            #expect(both["channels"]?[nest.general]?["muted_until"] == .integer(until))
            let more = try await alice.does(.PUT, home, ["suppress_roles": true])
            #expect(more["servers"]?[nest.id]?["level"] == "all")
            #expect(more["servers"]?[nest.id]?["suppress_roles"] == true)
            let less = try await alice.does(.PUT, general, ["muted_until": .null])
            #expect(less["channels"] == [:])
            let server2 = try await alice.does(
                .PUT, home, ["level": .null, "push": .null, "suppress_roles": .null])
            #expect(server2["servers"] == [:])
        }
    }

    @Test("wrong settings are refused by name", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let (nest, elsewhere) = (try await alice.foundsServer(), try await bob.foundsServer())
            for (body, field) in [
                (["email": "hourly"] as JSON, "email"), (["digest_hour": 24], "digest_hour"),
                (["push_preview": "title"], "push_preview"), (["email": .null], "email"),
                (["quiet_hours": ["from": "24:00", "to": "07:00"]], "quiet_hours"),
                (["quiet_hours": ["from": "07:00", "to": "07:00"]], "quiet_hours"),
                (["quiet_hours": ["from": "+7:00", "to": "08:00"]], "quiet_hours"),
                (["quiet_hours": ["from": "07:00"]], "quiet_hours"),
            ] {
                let reply = try await alice.send(.PUT, Self.path, body)
                #expect((reply.outcome, reply.issues) == ("400 Invalid input", [field]))
            }
            let level = { @Sendable (place: String) async throws -> String in
                try await alice.outcome(.PUT, "\(Self.path)/\(place)", ["level": "none"])
            }
            #expect(try await level("servers/\(nest.id)") == "200")
            #expect(try await level("servers/\(elsewhere.id)") == "403 Access denied")
            #expect(try await level("servers/77") == "404 Server not found")
            #expect(try await level("servers/x") == "400 Invalid server ID")
            #expect(try await level("channels/\(elsewhere.general)") == "403 Access denied")
            #expect(try await level("channels/77") == "404 Channel not found")
            #expect(try await level("channels/x") == "400 Invalid channel ID")
            #expect(
                try await alice.outcome(.PUT, "\(Self.path)/servers/\(nest.id)", ["level": "some"])
                    == "400 Invalid input")
            #expect(
                try await alice.outcome(.PUT, "/users/@me/settings/notifications", ["value": "{}"])
                    == "400 Invalid input")
            #expect(
                try await alice.outcome(.PUT, "/users/@me/settings/bulk", ["notifications": "{}", "a": "b"])
                    == "400 Invalid input")
            #expect(try await alice.does(.GET, "/users/@me/settings") == [:], "all of them or none")
        }
    }

    @Test("who leaves takes back what was said of the place", arguments: DatabaseKind.allCases)
    func leaving(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let notes = try await bob.conversation(with: alice)
            for place in ["servers/\(nest.id)", "channels/\(nest.general)", "channels/\(notes)"] {
                try await bob.does(.PUT, "\(Self.path)/\(place)", ["level": "none"])
            }
            try await bob.does(.POST, "/servers/\(nest.id)/leave")
            let left = try await bob.does(.GET, Self.path)
            #expect(left["servers"] == [:])
            #expect(left["channels"]?.keys == [notes])
        }
    }

    @Test("who does not want to be spoken to as a role or as everyone is not", arguments: DatabaseKind.allCases)
    func suppressing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let role = try await alice.makesRole("Cooks", in: nest, [], ["mentionable": true])
            try await alice.gives(role, to: bob, in: nest)
            let other = try await alice.opensChannel("other", in: nest)
            try await bob.does(.PUT, "\(Self.path)/servers/\(nest.id)", ["suppress_roles": true])
            try await bob.does(
                .PUT, "\(Self.path)/channels/\(other)", ["suppress_everyone": true, "suppress_roles": false])
            for channel in [nest.general, other] {
                for text in ["<@&\(role)>", "@everyone", "<@\(bob.id)>"] { try await alice.says(text, in: channel) }
            }
            let counts = try await bob.does(.GET, "/users/@me/unread")["mention_counts"]
            #expect(counts?[nest.general] == 2, "everyone, and the name")
            #expect(counts?[other] == 2, "the role, and the name")
            let told = try await bob.does(.GET, "/users/@me/notifications").array ?? []
            #expect(told.map { $0["channel_id"] } == [.string(other), .string(other), .string(nest.general)])
        }
    }

    // MARK: Rules

    private static func channel(
        _ id: Int64, category: Int64? = nil, server: Int64? = 9, parent: Int64? = nil
    ) -> Channel {
        Channel(
            id: ChannelID(rawValue: id), server: server.map(ServerID.init(rawValue:)), name: "c",
            type: parent == nil ? .text : .thread, position: 0, category: category.map(ChannelID.init(rawValue:)),
            nsfw: false, slowmode_s: 0, createdAt: Timestamp(seconds: 0),
            thread: parent.map {
                ThreadState(
                    parent: ChannelID(rawValue: $0), message: nil, isArchived: false, isLocked: false,
                    autoArchive_min: 60, memberCount: 1)
            })
    }

    @Test("a thread counts before its channel, that before the category, that before the server, that before the rule")
    func order() {
        let wishes = NotificationWishes(
            servers: [ServerID(rawValue: 9): PlaceWishes(level: .all, suppressesEveryone: true, pushes: false)],
            channels: [
                ChannelID(rawValue: 1): PlaceWishes(level: PlaceWishes.Level.none),
                ChannelID(rawValue: 2): PlaceWishes(mutedUntil: Timestamp(seconds: 100), pushes: true),
                ChannelID(rawValue: 3): PlaceWishes(level: .mentions, suppressesEveryone: false),
            ])
        let at = { (channel: Channel, parent: Channel?, seconds: Int64) in
            wishes.attention(to: channel, in: parent, at: Timestamp(seconds: seconds))
        }
        let (category, plain) = (Self.channel(1), Self.channel(4))
        let within = Self.channel(2, category: 1)
        let thread = Self.channel(3, parent: 2)
        #expect(at(plain, nil, 0).level == .all && !at(plain, nil, 0).pushes && at(plain, nil, 0).suppressesEveryone)
        #expect(at(category, nil, 0).level == PlaceWishes.Level.none)
        #expect(at(within, nil, 0).level == PlaceWishes.Level.none && at(within, nil, 99).isMuted)
        #expect(at(within, nil, 0).pushes && !at(within, nil, 100).isMuted)
        #expect(at(thread, within, 0).level == .mentions && at(thread, within, 0).isMuted)
        #expect(!at(thread, within, 0).suppressesEveryone && at(thread, within, 0).pushes)
        let nothing = NotificationWishes(servers: [:], channels: [:])
        let rule = { nothing.attention(to: $0, in: nil, at: Timestamp(seconds: 0)).level }
        #expect(rule(plain) == .mentions && rule(Self.channel(5, server: nil)) == .all)
    }
}
