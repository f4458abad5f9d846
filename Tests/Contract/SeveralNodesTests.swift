import Chat
import Client
import Database
import Foundation
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary

/// Several servers on one database, behind whatever leads people to them.
@Suite("Several nodes")
struct SeveralNodesTests {
    /// Two nodes, each with a clock of its own.
    static func with(
        _ settings: [String: String] = [:], skew: Duration = .zero,
        _ body: @escaping @Sendable (TestServer, TestServer) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await with(databaseURL: place.address, settings, skew: skew, body)
        }
    }

    private static func with(
        databaseURL: String, _ settings: [String: String], skew: Duration = .zero,
        _ body: @escaping @Sendable (TestServer, TestServer) async throws -> Void
    ) async throws {
        let now = SystemClock().now()
        let (clock, other) = (ManualClock(now), ManualClock(now + skew))
        try await TestServer.with(databaseURL: databaseURL, clock: clock, settings) { first in
            let folder = try Self.folder(beside: first, settings)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let own = settings.merging(["data": folder]) { _, new in new }
            try await TestServer.with(databaseURL: databaseURL, clock: other, own) { second in
                try await body(first, second)
            }
        }
    }

    /// A data folder that has the files in common with another node's where that is said.
    private static func folder(beside first: TestServer, _ settings: [String: String]) throws -> String {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if settings["media.shared_folder"] == "true" {
            try files.createSymbolicLink(atPath: folder + "/media", withDestinationPath: first.folder + "/media")
        }
        return folder
    }

    @Test("who is connected to one node hears what is said on another one, that writes nothing")
    func live() async throws {
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
            for _ in 0..<10 {
                let name = "bob\(Int.random(in: 0..<1_000_000_000))"
                let bob = try await first.person(name)
                try await bob.on(second).does(.GET, "/users/@me")
                try await bob.does(.POST, "/auth/logout")
                // Before the node has heard of it, or after.
                let socket = try await GatewaySocket.open(port: second.port)
                try await socket.send(["op": 2, "d": ["token": .string(bob.token)]])
                #expect(try await socket.next()["op"] == 10)
                await #expect(throws: ClientError.self) { try await socket.next() }
                #expect(try await socket.closed().code == 4004)
            }
        }
    }

    /// Waits until somebody's presence is told as that.
    static func hears(_ listener: Listener, of person: Person, _ status: String) async throws {
        while try await PresenceTests.hears(listener, of: person)["status"]?.string != status {}
    }

    @Test("who is connected to one node is there for all, and gone when they have left every node")
    func presence() async throws {
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with { first, second in
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
        try await Self.with(RecoveryTests.mail(to: mailbox)) { first, second in
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
        try await Self.with(skew: .milliseconds(skew_ms)) { first, second in
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
                try await Self.with(databaseURL: place.address, settings) { second, third in
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
        try await Self.with(["gateway.connections_per_user": "2"]) { first, second in
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
        try await Self.with(settings) { first, second in
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

    @Test("what a node says of itself is read as it was said; what no node says is nothing")
    func reports() throws {
        let report = NodeReport(
            version: "a.1.0-1", startedAt: Timestamp(seconds: 9), position: 7, lag: 1, sessions: 3,
            skew: .milliseconds(-4),
            leads: true, folder: "abc", difficulties: [.files, .bus])
        let read = try #require(NodeReport(String(decoding: report.jsonBytes, as: UTF8.self)))
        #expect(read.jsonBytes == report.jsonBytes)
        let late = String(decoding: report.jsonBytes, as: UTF8.self)
            .replacing(#""started_at":9"#, with: #""started_at":9223372036854775807"#)
        for odd in ["", "{}", "[]", late] { #expect(NodeReport(odd) == nil) }
    }

    /// Asks whether a node is ready until the answer is that one.
    /// - Parameter obstacle: one of those that it tells; nil for none.
    private static func ready(_ server: TestServer, obstacle: String?) async throws {
        try await eventually {
            let reply = try await server.send(.GET, "/ready")
            // The clocks of tests stand still, so that after a while there is one more.
            return obstacle.map { reply.status == 503 && reply.issues.contains($0) } ?? (reply.status == 200)
        }
    }

    @Test(
        "a node whose clock is wrong takes nobody's number, and says that it is not ready", arguments: [-90, 90, 3600])
    func wrongClock(skew_s: Int) async throws {
        try await Self.with(["media.shared_folder": "true"], skew: .seconds(skew_s)) { first, second in
            try await Self.ready(second, obstacle: "clock")
            try await Self.ready(first, obstacle: nil)
            let numbers = try await first.onDatabase { tx in
                try tx.all("SELECT number FROM workers ORDER BY number") { $0.int(0) }
            }
            #expect(numbers == [0, 1])
            // The healthy one goes on.
            let alice = try await first.person("alice")
            try await alice.says("hello", in: alice.foundsServer().general)
        }
    }

    @Test("a node that comes with a folder of files of its own is not ready, unless the folder is said to be shared")
    func folders() async throws {
        try await Self.with { first, second in
            try await Self.ready(second, obstacle: "files")
            try await Self.ready(first, obstacle: nil)
        }
        let shared = ["media.shared_folder": "true"]
        try await Self.with(shared) { first, second in
            for node in [first, second] { try await Self.ready(node, obstacle: nil) }
        }
        // It is said, and is not so: as where a network's folder is not mounted.
        try await TestDatabase.withPlace(.postgresql) { place in
            try await TestServer.with(databaseURL: place.address, shared) { first in
                try await Self.ready(first, obstacle: nil)
                try await TestServer.with(databaseURL: place.address, shared) { second in
                    try await Self.ready(second, obstacle: "files")
                    try await Self.ready(first, obstacle: nil)
                    let root = try await first.administrator()
                    try await eventually {
                        let nodes = try await root.does(.GET, "/admin/nodes")["nodes"]?.array ?? []
                        return nodes.map { $0["problems"] } == [[], ["files"]]
                    }
                }
            }
        }
    }

    @Test("nodes that begin a folder at the same time read one name in it, and others another one")
    func folderNames() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for place in ["one", "two"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(place)/files", withIntermediateDirectories: true)
        }
        let name = { @Sendable (place: String, node: Int) in
            let folder = "\(root)/\(place)/\(node)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: folder + "/media") {
                try FileManager.default.createSymbolicLink(
                    atPath: folder + "/media", withDestinationPath: "\(root)/\(place)/files")
            }
            let settings = try await LoadedSettings.load(
                file: nil, environment: [:], flags: ["data": folder, "media.shared_folder": "true"])
            return try settings.sharedFolderName(SystemRandomness())
        }
        let first = try await atOnce(16) { try await name("one", $0) }
        #expect(Set(first).count == 1)
        #expect(try await name("one", 3) == first[0])
        #expect(try await name("two", 3) != first[0])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/one/files") == ["name"])
    }

    @Test("who comes with files elsewhere is a stranger until the others are gone; who was there first is none")
    func places() {
        func renewal(others: Int, alike: Int) -> WorkerLease.Renewal {
            WorkerLease.Renewal(
                number: 0, isNew: false, skew: .zero, nodesWithOtherStores: others, nodesWithThisStore: alike)
        }
        var (first, second, third) = (FilePlace(), FilePlace(), FilePlace())
        #expect(first.judge(renewal(others: 0, alike: 1)) == (false, false))
        #expect(second.judge(renewal(others: 1, alike: 1)) == (true, true))
        #expect(first.judge(renewal(others: 1, alike: 1)) == (false, true))
        #expect(second.judge(renewal(others: 1, alike: 1)) == (true, false))
        // Whoever comes to one of the first's kind is right with it.
        #expect(third.judge(renewal(others: 1, alike: 2)) == (false, true))
        #expect(second.judge(renewal(others: 0, alike: 1)) == (false, false))
        #expect(second.judge(renewal(others: 1, alike: 1)) == (false, true))
    }

    @Test("who lost the number takes another one, and nothing is written while it is in doubt")
    func lostNumber() async throws {
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations) { database in
            let (clock, now) = (SystemClock(), ContinuousClock.now)
            let lease = try await WorkerLease.take(from: database, holder: "one", store: "a")
            #expect(lease.number == 0 && lease.claim(at: .now) != nil)
            #expect(lease.claim(at: now + .seconds(46)) == nil)
            // It slept, and its time ran out.
            try await database.write { tx in try tx.execute("UPDATE workers SET expires_at = 0 WHERE number = 0") }
            let other = try await WorkerLease.take(from: database, holder: "two", store: "b")
            #expect(other.number == 0)
            let claim = lease.claim(at: .now)
            let renewal = try await lease.renew(in: database, clock: clock) { number in
                #expect(number == 1 && lease.number == 0)
            }
            #expect(renewal.isNew && renewal.number == 1 && lease.number == 1)
            #expect(lease.claim(at: .now) != claim)
            #expect(renewal.nodesWithOtherStores == 1 && renewal.nodesWithThisStore == 1)
            #expect(abs(renewal.skew.wholeMilliseconds) < 1000)
            let again = try await lease.renew(in: database, clock: clock)
            #expect(!again.isNew && again.number == 1)
            try await lease.giveBack(to: database)
            #expect(try await other.renew(in: database, clock: clock).nodesWithOtherStores == 0)
        }
    }

    @Test("a node that is started again in its folder is not taken for two that keep files in the same place")
    func startedAgain() async throws {
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations) { database in
            let clock = SystemClock()
            _ = try await WorkerLease.take(from: database, holder: "first.1", store: "a")
            // It is killed, and its time is not over.
            _ = try await WorkerLease.take(from: database, holder: "second.1", store: "b")
            let again = try await WorkerLease.take(from: database, holder: "second.2", store: "b")
            let renewal = try await again.renew(in: database, clock: clock)
            #expect(renewal.nodesWithThisStore == 1 && renewal.nodesWithOtherStores == 1)
            var place = FilePlace()
            #expect(place.judge(renewal).isStranger)
        }
    }

    @Test("a number that is in doubt writes nothing, and reads on")
    func doubt() async throws {
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations) { database in
            let lease = try await WorkerLease.take(from: database, holder: "one")
            let moment = NIOLockedValueBox(ContinuousClock.now)
            let now = { @Sendable in moment.withLockedValue { $0 } }
            let leased = NodeDatabase(
                database: database, lease: lease, contact: DatabaseContact(now: now), now: now)
            let writes = { @Sendable in
                try await leased.write { tx in
                    try tx.execute("INSERT INTO instance_settings (key, value) VALUES ('a', $1)", [[UInt8(1)]])
                }
            }
            moment.withLockedValue { $0 += .seconds(46) }
            await #expect(throws: DatabaseError.self) { try await writes() }
            #expect(try await leased.read { tx in try tx.count("SELECT 1 FROM instance_settings") } == 0)
            moment.withLockedValue { $0 = .now }
            try await writes()
            // It falls asleep while it writes.
            await #expect(throws: DatabaseError.self) {
                try await leased.write { tx in
                    try tx.execute("DELETE FROM instance_settings")
                    moment.withLockedValue { $0 += .seconds(46) }
                }
            }
            #expect(try await leased.read { tx in try tx.count("SELECT 1 FROM instance_settings") } == 1)
        }
    }
}

extension Person {
    /// The same login, on another node.
    func on(_ server: TestServer) -> Person { Person(server: server, name: name, id: id, token: token) }
}
