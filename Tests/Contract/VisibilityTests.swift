import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// The same story in two worlds that differ only in something secret: whoever must not know it receives the same in both,
/// byte for byte.
@Suite("Two worlds")
struct VisibilityTests {
    /// What happens behind somebody's back.
    enum Secret: String, CaseIterable, Sendable {
        case otherChannel
        case otherConversation
        case blockedProfile
        case invisiblePerson
        case bans
        case notes
        case reordering
        case categoryDeletion
        case firstOverwrite
        case privateCreation
        case privateThread
        case hiddenVotes
        case messagingSettings
        case hiddenProfile
        case silentReading
        case hiddenEvent
        case hiddenFromStrangers

        /// In these, what can be seen hangs on the feature alone, and not on how one comes to see less.
        fileprivate static let ofFeatures: Set<Secret> = [
            .hiddenVotes, .messagingSettings, .hiddenProfile, .silentReading, .hiddenEvent, .hiddenFromStrangers,
        ]

        fileprivate var turns: [Turn] { Self.ofFeatures.contains(self) ? [.none, .kick] : Turn.allCases }
    }

    /// How somebody comes to see less.
    enum Turn: String, CaseIterable, Sendable {
        case none
        case kick
        case ban
        case roleChange
        case channelMadePrivate
        case leaving
        case deletion
    }

    struct World: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let mallory: Person
        let nest: Community
        let hidden: String
        let insider: String
        /// Polls in the channel that all see, whose results one is to be told later.
        let polls: [String]
        /// What Mallory has said there.
        let said: String
    }

    @Test(
        "who must not know a secret can't tell whether there is one", arguments: DatabaseKind.allCases,
        Secret.allCases.flatMap { secret in secret.turns.map { (secret, $0) } })
    func worlds(kind: DatabaseKind, story: (Secret, Turn)) async throws {
        let quiet = try await Self.live(kind, story.0, story.1, isSecret: false)
        let busy = try await Self.live(kind, story.0, story.1, isSecret: true)
        #expect(quiet.count == busy.count, "\(story)")
        for (one, other) in zip(quiet, busy) { #expect(one == other, "\(story)") }
    }

    /// - Returns: everything that Mallory received.
    static func live(
        _ kind: DatabaseKind, _ secret: Secret, _ turn: Turn, isSecret: Bool
    ) async throws -> [String] {
        let received = Received()
        try await TestServer.with(kind) { server in
            let world = try await make(server)
            let listener = try await world.mallory.listens()
            if isSecret { try await happen(secret, in: world) }
            try await world.alice.says("seen by all", in: world.nest.general)
            try await take(turn, in: world)
            // What is gone has no more secrets.
            if isSecret, turn != .deletion { try await happen(secret, in: world) }
            // What is told in the background has been told by then.
            if turn == .none { for _ in 0..<2 { try await server.doesDueWork() } }
            let own = try await world.mallory.foundsServer("End")
            try await world.mallory.says("the end", in: own.general)
            let masks = world.masks
            while true {
                let event = try await listener.next(op: 0)
                await received.add(masks.apply(event, keepsPosition: false))
                if event["d"]?["content"] == "the end" { break }
            }
            // Whether Alice has a device on is no secret where everybody is counted.
            for path in world.paths + (secret == .blockedProfile ? [] : world.countingPaths) {
                let reply = try await world.mallory.send(.GET, path)
                await received.add(
                    "\(path.prefix { $0 != "?" && !$0.isNumber }) " + masks.apply(reply.json, keepsPosition: false))
            }
            for attempt in world.attempts {
                await received.add(try await world.mallory.outcome(.POST, attempt.path, attempt.body))
            }
        }
        return await received.texts
    }

    private static func make(_ server: TestServer) async throws -> World {
        let alice = try await server.person("alice")
        let bob = try await server.person("bob")
        let mallory = try await server.person("mallory")
        let nest = try await alice.foundsServer()
        for person in [bob, mallory] { try await person.joins(nest) }
        let insider = try await alice.makesRole("insider", in: nest, ["messages.read"])
        try await alice.gives(insider, to: bob, in: nest)
        let hidden = try await alice.opensChannel("hidden", in: nest)
        try await alice.closes(hidden, in: nest, but: [insider])
        try await alice.does(.POST, "/relationships/block", ["user_id": .string(mallory.id)])
        try await bob.does(.PUT, "/users/@me/presence", ["status": "invisible"])
        try await bob.does(.PATCH, "/users/@me/messaging-settings", ["read_receipts_enabled": false])
        try await alice.does(.PATCH, "/channels/\(nest.general)", ["read_receipts": true])
        try await alice.does(
            .PUT, "/servers/\(nest.id)/discovery",
            ["enabled": true, "summary": "A place for herons", "category": "community"])
        try await alice.does(.PATCH, "/servers/\(nest.id)/widget", ["enabled": true])
        try await alice.does(
            .PUT, "/servers/\(nest.id)/welcome-screen",
            ["enabled": true, "channels": [["channel_id": .string(hidden), "description": "psst"]]])
        try await mallory.does(.PUT, "/users/@me/keyword-alerts", ["keywords": ["psst"]])
        var polls: [String] = []
        for visibility in ["after_vote", "after_end"] {
            let poll: JSON = [
                "channel_id": .string(nest.general), "question": "which?", "options": ["this", "that"],
                "results_visibility": .string(visibility), "anonymous": false,
            ]
            polls.append(try await bob.does(.POST, "/polls", poll).text("id"))
        }
        let said = try await mallory.says("who reads this?", in: nest.general).text("id")
        return World(
            server: server, alice: alice, bob: bob, mallory: mallory, nest: nest, hidden: hidden, insider: insider,
            polls: polls, said: said)
    }

    private static func happen(_ secret: Secret, in world: World) async throws {
        switch secret {
        case .otherChannel:
            let message = try await world.bob.says("psst @everyone <@\(world.mallory.id)>", in: world.hidden).text("id")
            try await world.bob.does(.PUT, "/channels/\(world.hidden)/messages/\(message)/reactions/:tada:")
            try await world.alice.does(.PUT, "/channels/\(world.hidden)/pins/\(message)")
            try await world.bob.does(.POST, "/channels/\(world.hidden)/typing")
            try await world.alice.does(.PATCH, "/channels/\(world.hidden)", ["topic": .string("secret \(message)")])
            let thread = try await world.bob.does(.POST, "/channels/\(world.hidden)/threads", ["name": "plot"])
            try await world.bob.says("deeper", in: try thread.text("id"))
            try await world.bob.does(
                .POST, "/polls",
                [
                    "channel_id": .string(world.hidden), "question": "now?", "options": ["yes", "no"],
                    "duration_hours": 1,
                ])
        case .otherConversation:
            let talk = try await world.alice.conversation(with: world.bob)
            try await world.alice.says("between us <@\(world.mallory.id)>", in: talk)
            try await world.bob.does(.POST, "/channels/\(talk)/typing")
        case .blockedProfile:
            let device = try await world.alice.listens()
            await device.socket.disconnect()
            try await world.alice.does(
                .PUT, "/users/@me/presence", ["status": "dnd", "custom_status": "away from M."])
        case .invisiblePerson:
            let device = try await world.bob.listens()
            try await device.socket.send(["op": 3, "d": ["status": "idle"]])
            try await world.bob.does(
                .PUT, "/users/@me/presence", ["status": "invisible", "custom_status": "hiding"])
            await device.socket.disconnect()
        case .bans:
            try await world.alice.does(.PATCH, "/servers/\(world.nest.id)/members/\(world.bob.id)", ["nickname": .null])
            _ = try await world.alice.does(.GET, "/servers/\(world.nest.id)/audit-logs")
            _ = try await world.alice.invites(to: world.nest)
            let hook = try await world.alice.does(
                .POST, "/webhooks", ["channel_id": .string(world.hidden), "name": "H"])
            try await world.alice.does(.DELETE, "/webhooks/\(try hook.text("id"))")
        case .notes:
            try await world.alice.does(.PUT, "/users/\(world.mallory.id)/note", ["note": "do not trust"])
            try await world.alice.does(.PUT, "/settings/secret", ["value": "x"])
            try await world.alice.does(
                .POST, "/reports/users", ["user_id": .string(world.mallory.id), "reason": "watch them"])
            let notes = try await world.alice.does(.GET, "/users/@me/notes").text("id")
            try await world.alice.says("mallory again", in: notes)
        case .privateThread: try await whisper(in: world)
        case .hiddenVotes, .messagingSettings, .hiddenProfile, .silentReading, .hiddenEvent, .hiddenFromStrangers:
            try await withhold(secret, in: world)
        case .reordering, .categoryDeletion, .firstOverwrite, .privateCreation:
            try await rearrange(secret, in: world)
        }
    }

    /// What features keep from who must not know.
    private static func withhold(_ secret: Secret, in world: World) async throws {
        let (alice, bob, nest) = (world.alice, world.bob, world.nest)
        switch secret {
        case .hiddenVotes:
            for poll in world.polls {
                try await bob.does(.POST, "/polls/\(poll)/vote", ["options": [0]])
                try await alice.does(.POST, "/polls/\(poll)/vote", ["options": [1]])
                try await alice.does(.POST, "/polls/\(poll)/vote", ["options": []])
            }
        case .messagingSettings:
            // Mallory is blocked: that Alice would hear of nobody else, either, is not hers to know.
            try await alice.does(
                .PATCH, "/users/@me/messaging-settings",
                [
                    "allow_dms_from": "nobody", "group_dms_from": "nobody", "friend_requests_from": "nobody",
                    "server_dms": [nest.id: false], "typing_indicators_enabled": false,
                ])
            try await alice.does(.POST, "/channels/\(nest.general)/typing")
        case .hiddenProfile:
            let profile: JSON = [
                "bio": "psst", "location": "psst", "timezone": "Asia/Tokyo", "pronouns": "they",
                "accent_color": "#123456", "social_links": [["name": "psst", "url": "https://example.org/psst"]],
            ]
            let fields = ["bio", "location", "timezone", "pronouns", "accent_color", "social_links"]
            let nobody = JSON.object(Dictionary(uniqueKeysWithValues: fields.map { ($0, JSON.string("nobody")) }))
            try await bob.does(.PATCH, "/users/@me/profile", ["visibility": nobody])
            for person in [alice, bob] { try await person.does(.PATCH, "/users/@me/profile", profile) }
        case .silentReading:
            for person in [alice, bob] {
                _ = try await person.does(.GET, "/channels/\(nest.general)/messages")
                try await person.does(.POST, "/channels/\(nest.general)/messages/ack")
            }
        case .hiddenEvent:
            let plan = try await alice.plans("psst", in: nest, ["channel_id": .string(world.hidden)])
            try await bob.answers(plan)
            try await alice.does(.PATCH, plan.path, ["name": "psst psst"])
            try await alice.does(.DELETE, plan.path)
            let other = try await alice.plans("psst", in: nest, ["channel_id": .string(world.hidden)])
            try await bob.answers(other)
        default:
            // Seen by members alone, if by anybody: a guest of the directory learns nothing of it.
            _ = try await alice.opensChannel(
                "psst", in: nest,
                [
                    "overwrites": [
                        .overwrite("role", id: try await alice.everyoneRole(of: nest), deny: ["channels.view"])
                    ]
                ]
            )
            try await alice.does(.POST, "/servers/\(nest.id)/templates", ["name": "psst"])
        }
    }

    /// A private thread in a channel that Mallory sees, with everything that can be done in it.
    private static func whisper(in world: World) async throws {
        let (alice, bob, general) = (world.alice, world.bob, world.nest.general)
        let thread = try await alice.does(
            .POST, "/channels/\(general)/threads", ["name": "psst", "thread_type": "private", "invitable": false]
        ).text("id")
        let members = "/threads/\(thread)/members"
        try await alice.does(.PUT, "\(members)/\(bob.id)")
        let message = try await bob.says("psst @everyone <@\(world.mallory.id)>", in: thread).text("id")
        try await bob.does(.PUT, "/channels/\(thread)/messages/\(message)/reactions/:tada:")
        try await bob.does(.POST, "/channels/\(thread)/typing")
        try await alice.does(.PUT, "/channels/\(thread)/pins/\(message)")
        try await alice.does(.PATCH, "/threads/\(thread)", ["name": "psst again", "archived": true])
        try await bob.does(
            .PATCH, "/channels/\(thread)/messages/\(message)", ["content": .string("psst <@\(world.mallory.id)>")])
        try await alice.says("psst", in: thread)
        try await bob.does(.DELETE, "\(members)/@me")
        try await alice.does(.PUT, "\(members)/\(bob.id)")
        try await alice.does(.DELETE, "\(members)/\(bob.id)")
        try await alice.does(.DELETE, "/channels/\(thread)/messages/\(message)")
        try await alice.does(.DELETE, "/threads/\(thread)")
        let other = try await alice.does(
            .POST, "/channels/\(general)/threads", ["name": "psst", "thread_type": "private"])
        try await alice.says("psst", in: try other.text("id"))
    }

    /// What is done to channels and categories of which Mallory sees none. What is made for it is gone in the end, so that
    /// it can be done again.
    private static func rearrange(_ secret: Secret, in world: World) async throws {
        let (alice, nest) = (world.alice, world.nest)
        let everyone = try await alice.everyoneRole(of: nest)
        let closed: JSON = [.overwrite("role", id: everyone, deny: ["channels.view"])]
        let category = try await alice.opensChannel("vault", in: nest, ["type": "category", "overwrites": closed])
        let inside = try await alice.opensChannel("safe", in: nest, ["category_id": .string(category)])
        try await alice.says("psst @everyone <@\(world.mallory.id)>", in: inside)
        switch secret {
        case .reordering:
            for place: JSON in [.null, .string(category)] {
                try await alice.does(
                    .PATCH, "/servers/\(nest.id)/channels",
                    [
                        ["id": .string(inside), "position": 7, "category_id": place],
                        ["id": .string(world.hidden), "position": 8, "category_id": place],
                    ])
            }
        case .firstOverwrite:
            try await alice.sets(world.insider, "role", in: inside, allow: ["channels.view"])
            try await world.bob.says("psst", in: inside)
            try await alice.sets(everyone, "role", in: inside, deny: ["channels.view", "messages.send"])
        case .categoryDeletion:
            try await alice.does(.DELETE, "/channels/\(category)")
            try await alice.says("psst", in: inside)
            try await alice.does(.PATCH, "/channels/\(inside)", ["topic": "secret"])
        default:
            let made = try await alice.opensChannel("made", in: nest, ["overwrites": closed])
            try await alice.says("psst", in: made)
            try await alice.does(.DELETE, "/channels/\(made)")
        }
        try await alice.does(.DELETE, "/channels/\(inside)")
        if secret != .categoryDeletion { try await alice.does(.DELETE, "/channels/\(category)") }
    }

    private static func take(_ turn: Turn, in world: World) async throws {
        let member = "/servers/\(world.nest.id)/members/\(world.mallory.id)"
        switch turn {
        case .none: break
        case .kick: try await world.alice.does(.DELETE, member)
        case .ban: try await world.alice.does(.PUT, "/servers/\(world.nest.id)/bans/\(world.mallory.id)")
        case .roleChange:
            let everyone = try await world.alice.everyoneRole(of: world.nest)
            try await world.alice.does(
                .PATCH, "/servers/\(world.nest.id)/roles/\(everyone)", ["permissions": ["messages.read": false]])
        case .channelMadePrivate:
            try await world.alice.closes(world.nest.general, in: world.nest, but: [world.insider])
        case .leaving: try await world.mallory.does(.POST, "/servers/\(world.nest.id)/leave")
        case .deletion: try await world.alice.does(.DELETE, "/servers/\(world.nest.id)")
        }
    }
}

private actor Received {
    private(set) var texts: [String] = []

    func add(_ text: String) { texts.append(text) }
}

extension VisibilityTests.World {
    /// What Mallory asks for.
    fileprivate var paths: [String] {
        [
            "/users/@me", "/users/@me/unread", "/users/@me/notifications", "/users/@me/channels", "/relationships/@me",
            "/servers", "/servers/\(nest.id)", "/servers/\(nest.id)/channels", "/servers/\(nest.id)/members",
            "/servers/\(nest.id)/roles", "/servers/\(nest.id)/emojis", "/servers/\(nest.id)/audit-logs",
            "/servers/\(nest.id)/bans", "/servers/\(nest.id)/invites", "/servers/\(nest.id)/webhooks",
            "/servers/\(nest.id)/permissions", "/channels/\(nest.general)", "/channels/\(nest.general)/messages",
            "/channels/\(nest.general)/pins", "/channels/\(nest.general)/threads",
            "/channels/\(nest.general)/threads?type=private", "/servers/\(nest.id)/threads/active",
            "/channels/\(hidden)",
            "/channels/\(hidden)/messages", "/channels/\(hidden)/threads", "/channels/\(hidden)/messages/unread",
            "/channels/\(hidden)/messages/search?content=psst", "/search/messages?q=s", "/search/users?q=a",
            "/users/\(alice.id)", "/users/\(alice.id)/presence", "/users/\(alice.id)/note", "/users/\(bob.id)",
            "/users/\(bob.id)/presence", "/users/\(alice.id)/profile", "/users/\(bob.id)/profile",
            "/channels/\(nest.general)/messages/\(said)/read-receipts", "/channels/\(nest.general)/messages/\(said)",
            "/servers/\(nest.id)/events", "/users/@me/events", "/servers/\(nest.id)/welcome-screen",
            "/servers/\(nest.id)/templates", "/servers/\(nest.id)/stickers", "/servers/\(nest.id)/sounds",
            "/users/@me/recent-chats",
        ] + polls.flatMap { ["/polls/\($0)", "/polls/\($0)/results", "/polls/\($0)/options/0/voters"] }
    }

    /// Where all who are connected are counted.
    fileprivate var countingPaths: [String] {
        ["/servers/\(nest.id)/preview", "/discovery/servers", "/servers/\(nest.id)/widget.json"]
    }

    /// What Mallory tries with somebody who has blocked her.
    fileprivate var attempts: [(path: String, body: JSON)] {
        [
            ("/users/@me/channels", ["recipient_id": .string(alice.id)]),
            ("/users/@me/channels", ["recipient_ids": [.string(alice.id), .string(bob.id)]]),
            ("/relationships", ["user_id": .string(alice.id)]),
        ]
    }

    /// The worlds have other ids and moments; which is which stays comparable.
    fileprivate var masks: Masks { Masks() }
}

/// Replaces what differs between any two runs: ids by the order in which they turn up, moments and positions by nothing.
private final class Masks: Sendable {
    private let names = Names()

    func apply(_ json: JSON, keepsPosition: Bool) -> String {
        var json = json
        if case .object(var members) = json {
            members["s"] = nil
            json = .object(members)
        }
        return names.masked(json).text
    }
}

private final class Names: @unchecked Sendable {
    // Only ever used by the one task that reads what was received.
    private var known: [String: String] = [:]

    func masked(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): return .string(mask(text))
        case .array(let elements): return .array(elements.map(masked))
        case .object(let members):
            var result: [String: JSON] = [:]
            for key in members.keys.sorted() {
                let isMoment = key.hasSuffix("_at") || key == "last_seen" || key == "timestamp"
                result[mask(key)] = isMoment && members[key] != .null ? "moment" : members[key].map(masked)
            }
            return .object(result)
        default: return json
        }
    }

    private func mask(_ text: String) -> String {
        guard text.count >= 15, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return text }
        if let name = known[text] { return name }
        let name = "id\(known.count)"
        known[text] = name
        return name
    }
}
