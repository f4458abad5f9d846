import Chat
import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary

/// Several servers on one database, behind whatever leads people to them.
@Suite("Several nodes")
struct SeveralNodesTests {
    @Test("who is connected to one node hears what is said on another one, that writes nothing")
    func live() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let listener = try await bob.on(second).listens()
            for number in 0..<20 {
                let said = try await alice.says("\(number)", in: nest.general)
                #expect(try await listener.awaits("MESSAGE_CREATE")["d"]?["id"] == .string(said.text("id")))
            }
        }
    }

    @Test("nobody is refused when many write on two nodes at once")
    func crowd() async throws {
        try await TwoNodes.with { first, second in
            let alice = try await first.person("alice")
            let nest = try await alice.foundsServer()
            var people = [alice]
            for number in 1...5 {
                let other = try await first.person("bob\(number)")
                try await other.joins(nest)
                people.append(number.isMultiple(of: 2) ? other : other.on(second))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for person in people {
                    group.addTask {
                        // Whoever is refused throws.
                        for number in 0..<15 { try await person.says("\(number)", in: nest.general) }
                    }
                }
                try await group.waitForAll()
            }
            let history = try await alice.does(.GET, "/channels/\(nest.general)/messages?limit=100")
            let said = (history.array ?? []).filter { $0["content"]?.string.flatMap { Int($0) } != nil }
            #expect(said.count == 90)
        }
    }

    @Test("what somebody types on one node is seen on another one")
    func transient() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let listener = try await bob.on(second).listens()
            // Whoever is there on another node is known by what the nodes tell each other, so from then on they do.
            try await eventually {
                let members = try await alice.does(.GET, "/servers/\(nest.id)/members").array ?? []
                return members.first { $0["user_id"]?.string == bob.id }?["presence"] == "online"
            }
            try await alice.does(.POST, "/channels/\(nest.general)/typing")
            let heard = try await listener.awaits("TYPING_START")["d"]
            #expect(heard?["user_id"]?.string == alice.id && heard?["channel_id"]?.string == nest.general)
        }
    }

    @Test("a maintenance that is begun on one node is one on all")
    func maintenance() async throws {
        try await TwoNodes.with { first, second in
            let root = try await first.administrator()
            let bob = try await first.person("bob").on(second)
            let listener = try await bob.listens()
            try await root.does(.POST, MaintenanceTests.path, [:])
            #expect(try await listener.socket.closed().code == 4016)
            #expect(try await bob.outcome(.GET, "/users/@me") == "503 Service unavailable")
            try await root.does(.DELETE, MaintenanceTests.path)
            try await second.untilOpen()
            #expect(try await bob.outcome(.GET, "/users/@me") == "200")
        }
    }

    @Test("what is read on one node is told on another one, to whom it concerns")
    func receipts() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await alice.does(.PATCH, "/channels/\(nest.general)", ["read_receipts": true])
            let message = try await alice.says("read me", in: nest.general).text("id")
            let listener = try await alice.on(second).listens()
            try await Self.knows(first, of: alice, in: nest)
            try await bob.does(.POST, "/channels/\(nest.general)/messages/ack?message_id=\(message)")
            let told = try await listener.awaits("MESSAGE_READ_RECEIPT")["d"]
            #expect(told?["user_id"]?.string == bob.id && told?["last_read_message_id"]?.string == message)
            #expect(
                try await alice.on(second).does(.GET, "/channels/\(nest.general)/messages/\(message)")["read_count"]
                    == 1)
            await listener.socket.disconnect()
        }
    }

    @Test("who was thrown out on one node hears no more of what is typed on another one")
    func thrownOut() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            for _ in 0..<10 {
                try await bob.joins(nest)
                let listener = try await bob.on(second).listens()
                try await alice.does(.DELETE, "/servers/\(nest.id)/members/\(bob.id)")
                try await alice.on(second).does(.POST, "/channels/\(nest.general)/typing")
                let own = try await bob.on(second).foundsServer("End")
                try await bob.on(second).does(.POST, "/channels/\(own.general)/typing")
                while true {
                    let event = try await listener.next(op: 0)
                    guard event["t"] == "TYPING_START" else { continue }
                    #expect(event["d"]?["channel_id"]?.string == own.general)
                    break
                }
                await listener.socket.disconnect()
                try await bob.does(.DELETE, "/servers/\(own.id)")
            }
        }
    }

    @Test("a login that ends on one node ends on all, with its sockets")
    func loggedOut() async throws {
        try await TwoNodes.with { first, second in
            let alice = try await first.person("alice")
            let listener = try await alice.on(second).listens()
            try await alice.on(second).does(.GET, "/users/@me")
            try await alice.does(.POST, "/auth/logout")
            #expect(try await listener.socket.closed().code == 4004)
            try await eventually { try await alice.on(second).outcome(.GET, "/users/@me") == "401 Invalid token" }
        }
    }

    @Test("a token that was replaced on one node ends on all, and nothing of it outlives the login")
    func replacedToken() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await bob.foundsServer()
            let listener = try await bob.on(second).listens()
            // What comes before it in the log has arrived by then.
            let arrives = {
                for _ in 0..<2 {
                    let said = try await bob.says("now", in: nest.general)
                    while try await listener.awaits("MESSAGE_CREATE")["d"]?["id"] != said["id"] {}
                }
            }
            try await alice.on(second).does(.GET, "/users/@me")
            let token = try await alice.does(.POST, "/auth/refresh").text("token")
            let renewed = Person(server: first, name: "alice", id: alice.id, token: token)
            // The node knows both for a moment.
            try await renewed.on(second).does(.GET, "/users/@me")
            try await arrives()
            #expect(try await alice.on(second).outcome(.GET, "/users/@me") == "401 Invalid token")
            try await renewed.on(second).does(.GET, "/users/@me")
            try await renewed.does(.POST, "/auth/logout")
            try await arrives()
            for person in [alice, renewed] {
                #expect(try await person.on(second).outcome(.GET, "/users/@me") == "401 Invalid token")
            }
            await listener.socket.disconnect()
        }
    }

    @Test("no socket begins with a token that has ended, whatever its node still believes")
    func endedToken() async throws {
        try await TwoNodes.with { first, second in
            let bob = try await first.person("bob")
            try await bob.on(second).does(.GET, "/users/@me")
            // As long as no notice has come to the other node.
            try await first.onDatabase { tx in
                try tx.execute("DELETE FROM sessions WHERE user_id = $1", [Int64(bob.id)])
            }
            try await bob.on(second).does(.GET, "/users/@me")
            let socket = try await GatewaySocket.open(port: second.port)
            try await socket.send(["op": 2, "d": ["token": .string(bob.token)]])
            #expect(try await socket.next()["op"] == 10)
            await #expect(throws: ClientError.self) { try await socket.next() }
            #expect(try await socket.closed().code == 4004)
        }
    }

    /// Waits until somebody's presence is told as that.
    static func hears(_ listener: Listener, of person: Person, _ status: String) async throws {
        while try await PresenceTests.hears(listener, of: person)["status"]?.string != status {}
    }

    @Test("who is connected to one node is there for all, and gone when they have left every node")
    func presence() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let (here, there) = (try await bob.listens(), try await bob.on(second).listens())
            let desk = try await alice.listens()
            for listener in [here, there] { try await Self.hears(listener, of: alice, "online") }
            let seen = try await bob.on(second).does(.GET, "/servers/\(nest.id)/members").array ?? []
            #expect(seen.first { $0["user_id"]?.string == alice.id }?["presence"] == "online")

            // A second device elsewhere; the first one goes, and nobody hears that she has gone.
            let phone = try await alice.on(second).listens()
            try await phone.socket.send(["op": 3, "d": ["status": "idle"]])
            await desk.socket.disconnect()
            for listener in [here, there] { try await Self.hears(listener, of: alice, "idle") }
            // What she chooses on one node counts on all.
            try await alice.does(.PUT, "/users/@me/presence", ["status": "dnd"])
            for listener in [here, there] { try await Self.hears(listener, of: alice, "dnd") }
            await phone.socket.disconnect()
            for listener in [here, there] { try await Self.hears(listener, of: alice, "offline") }
        }
    }

    @Test("who becomes a friend on one node is shown on another one, and gone there for whom they block")
    func parted() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let (desk, there) = (try await alice.listens(), try await bob.on(second).listens())
            try await alice.befriends(bob)
            try await Self.hears(there, of: alice, "online")
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            try await Self.hears(there, of: alice, "offline")
            await desk.socket.disconnect()
        }
    }

    @Test("what an account may do no longer, it may not on any node, however long its login was believed")
    func standing() async throws {
        try await TwoNodes.with { first, second in
            let root = try await first.administrator()
            for node in [first, second] {
                #expect(try await root.on(node).outcome(.GET, "/admin/maintenance") == "200")
            }
            try await first.operate { try await $0.dismiss("root") }
            // No clock goes on meanwhile.
            for node in [first, second] {
                try await eventually {
                    try await root.on(node).outcome(.GET, "/admin/maintenance") == "403 Admin access required"
                }
            }
        }
    }

    @Test("a node that comes later knows who was there before")
    func later() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let clock = ManualClock(SystemClock().now())
            try await TestServer.with(databaseURL: place.address, clock: clock) { first in
                let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
                let nest = try await alice.foundsServer()
                try await bob.joins(nest)
                let listener = try await alice.listens()
                try await TestServer.with(databaseURL: place.address, clock: clock) { second in
                    try await eventually {
                        let members = try await bob.on(second).does(.GET, "/servers/\(nest.id)/members").array ?? []
                        return members.first { $0["user_id"]?.string == alice.id }?["presence"] == "online"
                    }
                }
                await listener.socket.disconnect()
            }
        }
    }

    @Test("a temporary member who is connected to another node is not thrown out")
    func temporary() async throws {
        try await TwoNodes.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.does(.POST, "/channels/\(nest.general)/invites", ["temporary": true])
            // Connected to the one that does not decide.
            let listener = try await bob.on(second).listens()
            try await bob.does(.POST, "/channels/invites/\(try invite.text("code"))")
            // The one that was there first leads.
            try await first.doesDueWork()
            for _ in 0..<3 {
                for node in [first, second] { node.clock.advance(by: .seconds(200)) }
                try await first.doesDueWork()
            }
            let reads = try await bob.outcome(.GET, "/channels/\(nest.general)/messages")
            #expect(reads == "200")
            await listener.socket.disconnect()
            try await first.doesDueWork()
            try await eventually {
                for node in [first, second] { node.clock.advance(by: .seconds(200)) }
                return try await bob.outcome(.GET, "/channels/\(nest.general)/messages") != "200"
            }
        }
    }

    @Test("one node at a time looks at the links of a message, and another one does when it has ended")
    func previews() async throws {
        let gate = LinkPreviewTests.Gate()
        let link = try await LinkPreviewTests.page(gate.path)
        try await TwoNodes.with { first, second in
            let alice = try await first.person("alice")
            let nest = try await alice.foundsServer()
            let listener = try await alice.on(second).listens()
            try await alice.says(link, in: nest.general)
            for times in 1...2 {
                try await gate.isAsked(times: times)
                for node in [first, second] { try await node.looksForLinks() }
                #expect(try await LinkPreviewTests.requests(of: gate.path) == "\(times)")
                // Nobody is at it any more.
                guard times == 1 else { break }
                try await first.onDatabase { tx in try tx.execute("UPDATE preview_requests SET taken_until = 1") }
            }
            try await gate.opens()
            let told = try await listener.awaits("MESSAGE_UPDATE")["d"]
            #expect(LinkPreviewTests.titles(told) == ["Behind a gate"])
            try await eventually { try await LinkPreviewTests.line(second) == 0 }
            try await alice.says("end", in: nest.general)
            let next = try await listener.next(op: 0)
            #expect(next["t"] == "MESSAGE_CREATE", "it is told once")
        }
    }

    @Test("a letter is sent by one of the nodes, and so is a mail of what was missed")
    func mails() async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        try await TwoNodes.with(RecoveryTests.mail(to: mailbox)) { first, second in
            let alice = try await first.person("alice")
            for number in 1...8 {
                let node = number % 2 == 0 ? first : second
                let person = try await node.person("person\(number)")
                try await node.verifies(person)
                try await person.does(.PUT, "/users/@me/notification-settings", ["email": "missed"])
                for node in [first, second] { node.clock.advance(by: .seconds(1)) }
                try await alice.says("hello", in: try await alice.conversation(with: person))
            }
            try await eventually { try await LetterTests.line(first) == 0 }
            for node in [first, second] { node.clock.advance(by: .seconds(961)) }
            let missed = { mailbox.messages.count { $0.contains("List-Unsubscribe") } }
            try await eventually { missed() >= 8 }
            for node in [first, second] { try await node.sendsMails() }
            #expect(missed() == 8)
            let letters = try mailbox.messages.map(RecoveryTests.Letter.init).filter { $0.token != nil }.map(\.to)
            #expect(!letters.isEmpty && Set(letters).count == letters.count)
        }
    }

    @Test("what a node says whose clock is behind is newer than what was read, and unread", arguments: [-5000, 5000])
    func skewed(skew_ms: Int) async throws {
        try await TwoNodes.with(skew: .milliseconds(skew_ms)) { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            var newest = ""
            func says(_ person: Person) async throws {
                let id = try await person.says("hello", in: nest.general).text("id")
                #expect(try #require(Int64(id)) > Int64(newest) ?? 0)
                newest = id
            }
            for round in 0..<10 {
                try await says(alice)
                try await bob.does(.POST, "/channels/\(nest.general)/messages/ack?message_id=\(newest)")
                // Whoever takes back what was read makes no room for what comes.
                if round.isMultiple(of: 2) {
                    try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(newest)")
                }
                try await says(alice.on(second))
                #expect(try await ReadStateTests.unread(bob, nest.general)["unread_count"] == 1)
                try await bob.does(.POST, "/channels/\(nest.general)/messages/ack?message_id=\(newest)")
            }
        }
    }

    // MARK: Limits

    /// An address has so many requests, of which one is enough to be told, and there is a proxy that says whose they are.
    private static let limited = [
        "rate_limiting.enabled": "true", "rate_limits.address": "16/day", "rate_limits.user": "100000/day",
        "rate_limits.register": "1000/min", "http.trusted_proxies": "127.0.0.1",
    ]

    /// Waits until each node hears the others.
    private static func linked(_ nodes: [TestServer], in nest: Community) async throws {
        for (index, node) in nodes.enumerated() {
            let guest = try await nodes[0].person("guest\(index)")
            try await guest.joins(nest)
            let listener = try await guest.on(node).listens()
            for other in nodes where other.port != node.port { try await knows(other, of: guest, in: nest) }
            await listener.socket.disconnect()
        }
    }

    /// Waits until the others have heard of all that a node has let through: of the last request they hear last.
    /// - Parameter address: that asks for nothing else.
    private static func tells(_ node: TestServer, as address: String, _ others: TestServer...) async throws {
        let client: HTTPHeaders = ["x-forwarded-for": address]
        _ = try await node.send(.GET, "/version", headers: client)
        for other in others {
            // Which is not counted itself.
            try await eventually {
                try await other.send(.GET, "/health", headers: client).headers.first(name: "x-ratelimit-remaining")
                    == "15"
            }
        }
    }

    @Test("what is let through on one node counts on all")
    func limits() async throws {
        let settings = Self.limited.merging(["rate_limits.message_send": "8/day"]) { $1 }
        try await TestDatabase.withPlace(.postgresql) { place in
            try await TestServer.with(databaseURL: place.address, settings) { first in
                try await TwoNodes.with(databaseURL: place.address, settings) { second, third in
                    let alice = try await first.person("alice")
                    let nest = try await alice.foundsServer()
                    try await Self.linked([first, second, third], in: nest)
                    for _ in 0..<3 { try await alice.says("hello", in: nest.general) }
                    try await Self.tells(first, as: "192.0.2.1", second, third)
                    for _ in 0..<3 { try await alice.on(second).says("hello", in: nest.general) }
                    try await Self.tells(second, as: "192.0.2.2", first, third)
                    for _ in 0..<2 { try await alice.on(third).says("hello", in: nest.general) }
                    try await Self.tells(third, as: "192.0.2.3", first, second)
                    for node in [first, second, third] {
                        let outcome = try await alice.on(node).outcome(
                            .POST, "/channels/\(nest.general)/messages", ["content": "one more"])
                        #expect(outcome == "429 Rate limited")
                    }
                }
            }
        }
    }

    /// Waits until a node knows that somebody is connected to another one.
    private static func knows(_ node: TestServer, of person: Person, in nest: Community) async throws {
        try await eventually {
            let members = try await person.on(node).does(.GET, "/servers/\(nest.id)/members").array ?? []
            return members.first { $0["user_id"]?.string == person.id }?["presence"] == "online"
        }
    }

    /// How the gateway of a node answers an IDENTIFY that it does not grant.
    private static func refusal(of person: Person, on node: TestServer) async throws -> String {
        let socket = try await GatewaySocket.open(port: node.port, path: "/gateway")
        try await socket.send(["op": 2, "d": ["token": .string(person.token)]])
        let close = try await socket.closed()
        return "\(close.code) \(close.reason)"
    }

    @Test("a user has so many connections over all nodes")
    func connections() async throws {
        try await TwoNodes.with(["gateway.connections_per_user": "2"]) { first, second in
            let alice = try await first.person("alice")
            let nest = try await alice.foundsServer()
            let desk = try await alice.listens()
            try await Self.knows(second, of: alice, in: nest)
            let phone = try await alice.on(second).listens()
            #expect(try await Self.refusal(of: alice, on: second) == "4008 too many connections")
            await desk.socket.disconnect()
            try await eventually { (try? await alice.on(second).listens()) != nil }
            await phone.socket.disconnect()
        }
    }

    @Test("a login identifies once in a while over all nodes")
    func identifies() async throws {
        let settings = Self.limited.merging(["gateway.identify_interval_seconds": "3600"]) { $1 }
        try await TwoNodes.with(settings) { first, second in
            let alice = try await first.person("alice")
            let nest = try await alice.foundsServer()
            try await Self.linked([first, second], in: nest)
            let listener = try await alice.listens()
            try await Self.tells(first, as: "192.0.2.1", second)
            #expect(try await Self.refusal(of: alice, on: second) == "4008 one IDENTIFY at a time")
            await listener.socket.disconnect()
        }
    }

    // MARK: What nodes have in common
}
