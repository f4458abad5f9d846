import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Read states")
struct ReadStateTests {
    static func unread(_ person: Person, _ channel: String) async throws -> JSON {
        try await person.does(.GET, "/channels/\(channel)/messages/unread")
    }

    @Test("messages of others are unread until they are acknowledged", arguments: DatabaseKind.allCases)
    func acknowledge(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages"
            var ids: [String] = []
            for index in 0..<4 {
                ids.append(try await alice.says("\(index) <@\(bob.id)>", in: nest.general).text("id"))
            }
            try await bob.says("mine", in: nest.general)
            #expect(
                try await Self.unread(bob, nest.general) == [
                    "channel_id": .string(nest.general), "unread_count": 4, "mention_count": 4,
                    "last_read_message_id": .null,
                ])
            #expect(try await Self.unread(alice, nest.general)["unread_count"] == 1)
            #expect(
                try await bob.does(.POST, "\(path)/ack?message_id=\(ids[1])")
                    == ["success": true, "messages_marked": 2])
            #expect(try await scene.bobHears.awaits("MESSAGE_ACK")["d"]?["unread_count"] == 2)
            #expect(
                try await bob.does(.POST, "\(path)/ack?message_id=\(ids[0])")["messages_marked"] == 0,
                "what comes late takes nothing back")
            #expect(try await Self.unread(bob, nest.general)["last_read_message_id"]?.string == ids[1])
            let back = try await bob.does(.POST, "\(path)/mark-unread", ["message_id": .string(ids[1])])
            #expect(back["unread_count"] == 3)
            #expect(try await bob.does(.POST, "\(path)/ack")["messages_marked"] == 3)
            #expect(try await bob.does(.GET, "/users/@me/unread") == ["unread_counts": [:], "mention_counts": [:]])
            let future = (Int64(ids[3]) ?? 0) + (1 << 62)
            #expect(try await bob.outcome(.POST, "\(path)/ack?message_id=\(future)") == "404 Message not found")
            #expect(try await bob.outcome(.POST, "\(path)/ack?message_id=x") == "400 Invalid input")
            #expect(try await bob.outcome(.POST, "\(path)/mark-unread", ["message_id": "1"]) == "404 Message not found")
        }
    }

    @Test("who joins later has not missed what was said before", arguments: DatabaseKind.allCases)
    func joining(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await alice.says("before", in: nest.general)
            server.clock.advance(by: .seconds(1))
            try await bob.joins(nest)
            server.clock.advance(by: .seconds(1))
            #expect(try await Self.unread(bob, nest.general)["unread_count"] == 0)
            try await alice.says("after", in: nest.general)
            #expect(try await Self.unread(bob, nest.general)["unread_count"] == 1)
            let listener = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
            let ready = try await listener.identify(token: bob.token)
            #expect(
                ready["d"]?["read_state"] == [
                    [
                        "channel_id": .string(nest.general), "unread_count": 1, "mention_count": 0,
                        "last_read_message_id": .null,
                    ]
                ])
        }
    }

    @Test("a whole server, or several channels, are read at once", arguments: DatabaseKind.allCases)
    func readAll(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let other = try await alice.opensChannel("other", in: nest)
            for channel in [nest.general, other, other] { try await alice.says("a", in: channel) }
            let unread = try await bob.does(.GET, "/users/@me/unread")
            #expect(unread["unread_counts"] == .object([nest.general: 1, other: 2]))
            #expect(try await bob.does(.POST, "/servers/\(nest.id)/messages/read-all")["messages_marked"] == 3)
            for channel in [nest.general, other] { try await alice.says("b", in: channel) }
            let bulk = try await bob.does(
                .POST, "/channels/ack/bulk",
                ["channels": [["channel_id": .string(nest.general)], ["channel_id": .string(other)]]])
            #expect(bulk["messages_marked"] == 2)
            #expect(try await bob.does(.GET, "/users/@me/unread")["unread_counts"] == [:])
            let carol = try await scene.server.person("carol")
            #expect(try await carol.outcome(.POST, "/servers/\(nest.id)/messages/read-all") == "403 Access denied")
            #expect(
                try await carol.outcome(
                    .POST, "/channels/ack/bulk", ["channels": [["channel_id": .string(other)]]]) == "403 Access denied")
            #expect(try await bob.outcome(.POST, "/channels/ack/bulk", ["channels": []]) == "400 Invalid input")
        }
    }

    /// A world of a few people, told in the words of the definition.
    struct Model {
        struct Message {
            let id: Int64
            let channel: Int
            let author: Int
            var mentioned: Set<Int>
            var everyone: Bool
        }

        var messages: [Message] = []
        var marks: [[Int64]]
        var blocks: Set<[Int]> = []
        var isOpen = [true, true]

        init(people: Int, channels: Int) {
            marks = Array(repeating: Array(repeating: 0, count: channels), count: people)
        }

        func unread(_ person: Int, _ channel: Int) -> [Message] {
            messages.filter {
                $0.channel == channel && $0.id > marks[person][channel] && $0.author != person
                    && !blocks.contains([person, $0.author])
            }
        }

        func mentions(_ person: Int, _ channel: Int) -> Int {
            unread(person, channel).count { $0.everyone || $0.mentioned.contains(person) }
        }
    }

    @Test("the counts are what the definition says, whatever happens", arguments: DatabaseKind.allCases, [1, 2, 3])
    func histories(kind: DatabaseKind, seed: UInt64) async throws {
        try await TestServer.with(kind) { server in
            var random = SplitMix(seed: seed)
            let people = [
                try await server.person("alice"), try await server.person("bob"), try await server.person("carol"),
            ]
            let nest = try await people[0].foundsServer()
            let everyone = try await people[0].everyoneRole(of: nest)
            try await people[0].does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["messages.mention_everyone": true]])
            for person in people.dropFirst() { try await person.joins(nest) }
            server.clock.advance(by: .seconds(1))
            let channels = [nest.general, try await people[0].opensChannel("other", in: nest)]
            var model = Model(people: 3, channels: 2)
            for step in 0..<60 {
                server.clock.advance(by: .milliseconds(5))
                let (person, channel) = (Int(random.next() % 3), Int(random.next() % 2))
                try await Self.act(Int(random.next() % 9), person, channel, people, channels, nest, &model, &random)
                let (reader, place) = (Int(random.next() % 3), Int(random.next() % 2))
                guard reader == 0 || model.isOpen[place] else { continue }
                let state = try await Self.unread(people[reader], channels[place])
                #expect(
                    state["unread_count"] == .integer(Int64(model.unread(reader, place).count)),
                    "seed \(seed), step \(step)")
                #expect(
                    state["mention_count"] == .integer(Int64(model.mentions(reader, place))),
                    "seed \(seed), step \(step)")
            }
            for (index, person) in people.enumerated() {
                let report = try await person.does(.GET, "/users/@me/unread")
                for channel in 0..<2 {
                    let isSeen = index == 0 || model.isOpen[channel]
                    let count = isSeen ? model.unread(index, channel).count : 0
                    let expected: JSON? = count == 0 ? nil : .integer(Int64(count))
                    #expect(report["unread_counts"]?[channels[channel]] == expected, "seed \(seed)")
                }
            }
        }
    }

    private static func act(
        _ action: Int, _ person: Int, _ channel: Int, _ people: [Person], _ channels: [String], _ nest: Community,
        _ model: inout Model, _ random: inout SplitMix
    ) async throws {
        let path = "/channels/\(channels[channel])/messages"
        guard person == 0 || model.isOpen[channel] else { return }
        let visible = model.messages.filter { $0.channel == channel }
        let some = visible.isEmpty ? nil : visible[Int(random.next() % UInt64(visible.count))]
        switch action {
        case 0...2:
            let target = Int(random.next() % 3)
            let toEveryone = random.next() % 4 == 0
            let canRead = target == 0 || model.isOpen[channel]
            let text = "hi <@\(people[target].id)>" + (toEveryone ? " @everyone" : "")
            let sent = try await people[person].says(text, in: channels[channel])
            model.messages.append(
                Model.Message(
                    id: Int64(try sent.text("id")) ?? 0, channel: channel, author: person,
                    mentioned: canRead ? [target] : [], everyone: toEveryone))
        case 3:
            guard let some else { return }
            try await people[0].does(.DELETE, "\(path)/\(some.id)")
            model.messages.removeAll { $0.id == some.id }
        case 4:
            guard visible.count >= 2 else { return }
            let ids = visible.suffix(2).map(\.id)
            try await people[0].does(
                .POST, "\(path)/bulk-delete", ["message_ids": .array(ids.map { .string(String($0)) })])
            model.messages.removeAll { ids.contains($0.id) }
        case 5:
            guard let some else { return }
            try await people[person].does(.POST, "\(path)/ack?message_id=\(some.id)")
            model.marks[person][channel] = max(model.marks[person][channel], some.id)
        case 6:
            guard let some else { return }
            try await people[person].does(.POST, "\(path)/mark-unread", ["message_id": .string(String(some.id))])
            model.marks[person][channel] = some.id - 1
        case 7:
            guard let some, some.author == person else { return }
            try await people[person].does(.PATCH, "\(path)/\(some.id)", ["content": .string("edited \(random.next())")])
            if let index = model.messages.firstIndex(where: { $0.id == some.id }) {
                model.messages[index].mentioned = []
                model.messages[index].everyone = false
            }
        default:
            guard person != 0 else { return }
            let pair = [person, 0]
            if model.blocks.remove(pair) == nil {
                try await people[person].does(.POST, "/relationships/block", ["user_id": .string(people[0].id)])
                model.blocks.insert(pair)
            } else {
                try await people[person].does(.DELETE, "/relationships/\(people[0].id)")
            }
        }
    }

    @Test(
        "a message that was changed to name somebody after they had read it is read again",
        arguments: DatabaseKind.allCases)
    func changedToName(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let id = try await alice.says("hello", in: general).text("id")
            let ways = [
                "/channels/\(general)/messages/ack?message_id=\(id)", "/servers/\(scene.nest.id)/messages/read-all",
            ]
            for (number, way) in ways.enumerated() {
                let text = "hi <@\(bob.id)> \(number)"
                try await bob.does(.POST, ways[0])
                try await alice.does(.PATCH, "/channels/\(general)/messages/\(id)", ["content": "hello"])
                try await alice.does(.PATCH, "/channels/\(general)/messages/\(id)", ["content": .string(text)])
                let read = { @Sendable () async throws -> [JSON?] in
                    try await bob.does(.GET, "/users/@me/notifications").array?.map { $0["read"] } ?? []
                }
                #expect(try await read().contains(false), "\(way)")
                try await bob.does(.POST, way)
                #expect(try await read().allSatisfy { $0 == true }, "\(way)")
            }
        }
    }
}

/// Random numbers that come again with the same seed (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
