import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Read receipts")
struct ReceiptTests {
    /// Alice owns a server whose first channel gives receipts; Bob, Carol and Dave are in it.
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let carol: Person
        let dave: Person
        let nest: Community

        var messages: String { "/channels/\(nest.general)/messages" }

        func receipts(_ message: String) -> String { "\(messages)/\(message)/read-receipts" }

        func reads(_ person: Person, _ message: String, in channel: String? = nil) async throws {
            try await person.does(
                .POST, "/channels/\(channel ?? nest.general)/messages/ack?message_id=\(message)")
        }
    }

    static func with(
        _ kind: DatabaseKind, _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await TestServer.with(kind, settings) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let (carol, dave) = (try await server.person("carol"), try await server.person("dave"))
            let nest = try await alice.foundsServer()
            for person in [bob, carol, dave] { try await person.joins(nest) }
            try await alice.does(.PATCH, "/channels/\(nest.general)", ["read_receipts": true])
            try await body(Scene(server: server, alice: alice, bob: bob, carol: carol, dave: dave, nest: nest))
        }
    }

    @Test("who wrote is told who has read it, and when", arguments: DatabaseKind.allCases)
    func reading(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, carol) = (scene.alice, scene.bob, scene.carol)
            let hears = try await alice.listens()
            let first = try await alice.says("first", in: scene.nest.general).text("id")
            let second = try await alice.says("second", in: scene.nest.general).text("id")
            let before = try await alice.does(.GET, "\(scene.messages)/\(first)")
            #expect(before["read_count"] == 0 && before["delivery_count"] == 0)
            let now = scene.server.time.now().seconds
            try await scene.reads(bob, first)
            let told = try await hears.awaits("MESSAGE_READ_RECEIPT")["d"]
            #expect(told?["user_id"]?.string == bob.id && told?["last_read_message_id"]?.string == first)
            #expect(told?["channel_id"]?.string == scene.nest.general && told?["server_id"]?.string == scene.nest.id)
            scene.server.clock.advance(by: .seconds(60))
            try await scene.reads(bob, second)
            try await scene.reads(carol, second)
            let report = try await alice.does(.GET, scene.receipts(first))
            #expect(report["read_count"] == 2 && report["recipient_count"] == 3 && report["delivery_count"] == 2)
            #expect(report["readers"]?.column("username") == ["bob", "carol"])
            let moments = report["readers"]?.array?.compactMap { $0["read_at"]?.integer } ?? []
            #expect(moments.count == 2 && moments[0] - now < 30 && moments[1] - now >= 60)
            #expect(try await bob.does(.GET, "\(scene.receipts(first))?limit=1")["readers"]?.count == 1)
            #expect(
                try await bob.does(.GET, "\(scene.receipts(first))?after=\(bob.id)")["readers"]?.column("username")
                    == ["carol"])
            let listed = try await alice.does(.GET, scene.messages)
            #expect(listed[0]?["read_count"] == 2 && listed[1]?["read_count"] == 2)
            #expect(try await bob.does(.GET, scene.messages)[0]?["read_count"] == .null, "on others' it is not theirs")

            // What was read stays read, however far back the mark goes.
            try await bob.does(.POST, "\(scene.messages)/mark-unread", ["message_id": .string(first)])
            #expect(try await alice.does(.GET, scene.receipts(second))["read_count"] == 2)
            scene.server.clock.advance(by: .seconds(31 * 86_400))
            try await scene.server.keepsUp()
            let late = try await alice.onAnotherDevice().does(.GET, scene.receipts(first))
            #expect(late["read_count"] == 2)
            #expect(late["readers"]?.array?.allSatisfy { $0["read_at"] == .null } == true)
        }
    }

    @Test("who gives no receipts is told of none, and counts nowhere", arguments: DatabaseKind.allCases)
    func optingOut(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, carol, dave) = (scene.alice, scene.bob, scene.carol, scene.dave)
            let hears = try await alice.listens()
            let message = try await alice.says("read me", in: scene.nest.general).text("id")
            let settings = "/users/@me/messaging-settings"
            for person in [bob, carol, dave] { try await scene.reads(person, message) }
            var readers: Set<String> = []
            for _ in 0..<3 {
                readers.insert(try await hears.awaits("MESSAGE_READ_RECEIPT")["d"]?["user_id"]?.string ?? "")
            }
            #expect(readers == [bob.id, carol.id, dave.id])
            try await bob.does(.PATCH, settings, ["read_receipts_enabled": false])
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: scene.nest)
            _ = try await bot.send(.POST, "\(scene.messages)/ack")
            let report = try await alice.does(.GET, scene.receipts(message))
            #expect(report["read_count"] == 2 && report["recipient_count"] == 2)
            #expect(report["readers"]?.column("username") == ["carol", "dave"])
            let refused = try await bob.send(.GET, scene.receipts(message))
            #expect(refused.outcome == "403 Permission denied" && refused.issues == ["read_receipts_enabled"])
            let own = try await bob.says("mine", in: scene.nest.general).text("id")
            #expect(try await bob.does(.GET, "\(scene.messages)/\(own)")["read_count"] == .null)

            try await scene.reads(bob, own)
            try await scene.reads(carol, own)
            #expect(try await hears.awaits("MESSAGE_READ_RECEIPT")["d"]?["user_id"]?.string == carol.id)
            try await dave.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            let apart = try await alice.does(.GET, scene.receipts(message))
            #expect(apart["readers"]?.column("username") == ["carol"] && apart["recipient_count"] == 1)
            #expect(
                try await carol.does(.GET, scene.receipts(message))["readers"]?.column("username") == ["carol", "dave"])
            let silent = try await alice.says("in silence", in: scene.nest.general).text("id")
            _ = try await bob.does(.GET, scene.messages)
            try await scene.reads(bob, silent)
            for _ in 0..<2 { try await scene.server.doesDueWork() }
            try await bob.does(.PATCH, settings, ["read_receipts_enabled": true])
            #expect(try await alice.does(.GET, scene.receipts(message))["read_count"] == 2)
            let unsaid = try await alice.does(.GET, scene.receipts(silent))
            #expect(unsaid["read_count"] == 0 && unsaid["delivery_count"] == 0)
            let next = try await alice.says("next", in: scene.nest.general).text("id")
            try await scene.reads(bob, next)
            #expect(try await alice.does(.GET, scene.receipts(silent))["read_count"] == 1)
        }
    }

    @Test("they are on in private, off in servers, and off among many", arguments: DatabaseKind.allCases)
    func switches(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["limits.read_receipt_members": "4"]) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let talk = try await alice.conversation(with: bob)
            #expect(try await alice.does(.GET, "/channels/\(talk)")["read_receipts"] == true)
            let said = try await alice.says("between us", in: talk).text("id")
            let hears = try await alice.listens()
            try await scene.reads(bob, said, in: talk)
            #expect(try await hears.awaits("MESSAGE_READ_RECEIPT")["d"]?["server_id"] == .null)
            #expect(try await alice.does(.GET, "/channels/\(talk)/messages/\(said)")["read_count"] == 1)
            let group = try await alice.does(
                .POST, "/users/@me/channels", ["recipient_ids": [.string(bob.id), .string(scene.carol.id)]]
            ).text("id")
            #expect(
                try await bob.does(.PATCH, "/channels/\(group)", ["read_receipts": false])["read_receipts"] == false)
            let other = try await alice.says("quiet", in: group).text("id")
            let path = "/channels/\(group)/messages/\(other)/read-receipts"
            let refused = try await alice.send(.GET, path)
            #expect(refused.outcome == "403 Permission denied" && refused.issues == ["read_receipts"])

            let channel = try await alice.opensChannel("plain", in: scene.nest)
            #expect(try await alice.does(.GET, "/channels/\(channel)")["read_receipts"] == false)
            #expect(
                try await bob.outcome(.PATCH, "/channels/\(channel)", ["read_receipts": true])
                    == "403 Permission denied")
            let message = try await alice.says("counted", in: scene.nest.general).text("id")
            #expect(try await alice.outcome(.GET, scene.receipts(message)) == "200")
            let thread = try await bob.does(.POST, "/channels/\(scene.nest.general)/threads", ["name": "t"]).text("id")
            let below = try await bob.says("below", in: thread).text("id")
            try await scene.reads(alice, below, in: thread)
            #expect(try await bob.does(.GET, "/channels/\(thread)/messages/\(below)")["read_count"] == 1)
            // A bot is nobody; a fifth person is one too many.
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: scene.nest)
            #expect(try await alice.outcome(.GET, scene.receipts(message)) == "200")
            try await scene.server.person("erin").joins(scene.nest)
            #expect(try await alice.outcome(.GET, scene.receipts(message)) == "403 Permission denied")
            #expect(try await alice.does(.GET, "\(scene.messages)/\(message)")["read_count"] == .null)
            #expect(try await alice.outcome(.GET, scene.receipts("1")) == "404 Message not found")
            #expect(try await alice.outcome(.GET, scene.receipts("x")) == "400 Invalid message ID")
        }
    }

    @Test("it is delivered when it was fetched, or a device has told that it has it", arguments: DatabaseKind.allCases)
    func delivery(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, carol) = (scene.server, scene.alice, scene.bob, scene.carol)
            let device = try await carol.listens()
            let message = try await alice.says("on its way", in: scene.nest.general).text("id")
            let delivered = { @Sendable () async throws -> Int64? in
                for _ in 0..<2 { try await server.doesDueWork() }
                return try await alice.does(.GET, "\(scene.messages)/\(message)")["delivery_count"]?.integer
            }
            #expect(try await delivered() == 0)
            _ = try await bob.does(.GET, scene.messages)
            #expect(try await delivered() == 1)
            let event = try await device.hears("MESSAGE_CREATE")
            try await device.socket.send(["op": 1, "d": 0])
            #expect(try await delivered() == 1)
            try await device.socket.send(["op": 1, "d": event["s"] ?? .null])
            _ = try await device.next(op: 11)
            #expect(try await delivered() == 2)
            let report = try await alice.does(.GET, scene.receipts(message))
            #expect(report["read_count"] == 0 && report["delivery_count"] == 2)
            // Nobody has what was said before they came.
            let erin = try await server.person("erin")
            server.clock.advance(by: .seconds(5))
            try await erin.joins(scene.nest)
            let late = try await erin.listens()
            try await alice.says("after", in: scene.nest.general)
            let newer = try await late.hears("MESSAGE_CREATE")
            try await late.socket.send(["op": 1, "d": newer["s"] ?? .null])
            _ = try await late.next(op: 11)
            #expect(try await delivered() == 2)
        }
    }

    @Test("without the module there is nothing of it", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.read_receipts": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let message = try await alice.says("hello", in: nest.general).text("id")
            #expect(try await server.send(.GET, "/capabilities").json["read_receipts"] == false)
            let outcomes = [
                try await alice.outcome(.GET, "/channels/\(nest.general)/messages/\(message)/read-receipts"),
                try await alice.outcome(.PATCH, "/channels/\(nest.general)", ["read_receipts": true]),
                try await alice.outcome(
                    .POST, "/servers/\(nest.id)/channels", ["name": "a", "read_receipts": true]),
                try await alice.outcome(
                    .PATCH, "/users/@me/messaging-settings", ["read_receipts_enabled": true]),
            ]
            #expect(Set(outcomes) == ["503 Module not available"])
            #expect(try await alice.outcome(.POST, "/channels/\(nest.general)/messages/ack") == "200")
        }
    }

    @Test("what is counted is what the definition says", .byChance, arguments: DatabaseKind.allCases)
    func counts(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await Self.with(kind) { scene in
            var random = SplitMix(seed: seed)
            let alice = scene.alice
            var people = [scene.bob, scene.carol, scene.dave]
            people.append(try await scene.server.person("erin"))
            var (members, silent, apart): (Set<String>, Set<String>, Set<String>) = (
                Set(people.prefix(3).map(\.id)), [], []
            )
            var marks: [String: Int] = [:]
            var said: [(id: String, isThere: Bool)] = []
            for round in 0..<50 {
                let person = people.randomElement(using: &random) ?? scene.bob
                let isMember = members.contains(person.id)
                switch Int.random(in: 0..<8, using: &random) {
                case 0...2: said.append((try await alice.says("m\(round)", in: scene.nest.general).text("id"), true))
                case 3, 4:
                    guard isMember, let index = said.indices.randomElement(using: &random) else { continue }
                    try await scene.reads(person, said[index].id)
                    // Nothing is read but what is there, up to the newest.
                    let newest = said.lastIndex(where: \.isThere) ?? -1
                    // What is read in silence stays so.
                    guard !silent.contains(person.id) else { continue }
                    marks[person.id] = max(marks[person.id] ?? -1, min(index, newest))
                case 5:
                    guard let index = said.indices.randomElement(using: &random), said[index].isThere else { continue }
                    try await alice.does(.DELETE, "\(scene.messages)/\(said[index].id)")
                    said[index].isThere = false
                case 6 where !isMember || Bool.random(using: &random):
                    if isMember {
                        try await person.does(.POST, "/servers/\(scene.nest.id)/leave")
                    } else {
                        try await person.joins(scene.nest)
                    }
                    members.formSymmetricDifference([person.id])
                case 6:
                    silent.formSymmetricDifference([person.id])
                    try await person.does(
                        .PATCH, "/users/@me/messaging-settings",
                        ["read_receipts_enabled": .bool(!silent.contains(person.id))])
                default:
                    apart.formSymmetricDifference([person.id])
                    if apart.contains(person.id) {
                        try await person.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
                    } else {
                        try await person.does(.DELETE, "/relationships/\(alice.id)")
                    }
                }
                let recipients = people.filter {
                    members.contains($0.id) && !silent.contains($0.id) && !apart.contains($0.id)
                }
                for (index, message) in said.enumerated().suffix(6) where message.isThere {
                    let readers = recipients.filter { (marks[$0.id] ?? -1) >= index }.map(\.id).sorted()
                    let report = try await alice.does(.GET, scene.receipts(message.id))
                    #expect(report["readers"]?.column("user_id").sorted() == readers, "seed \(seed), round \(round)")
                    #expect(report["read_count"]?.integer == Int64(readers.count), "seed \(seed), round \(round)")
                    #expect(
                        report["recipient_count"]?.integer == Int64(recipients.count), "seed \(seed), round \(round)")
                    let fetched = try await alice.does(.GET, "\(scene.messages)/\(message.id)")["read_count"]
                    #expect(fetched?.integer == Int64(readers.count), "seed \(seed), round \(round)")
                }
            }
        }
    }
}
