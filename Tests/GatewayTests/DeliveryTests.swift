import Events
import Gateway
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import TestPrograms
import Testing

/// Which events reach whom, over real sockets.
@Suite(.timeLimit(.minutes(4))) struct DeliveryTests {
    /// The numbers of the messages up to and including `last`.
    private func numbers(_ client: TestClient, through last: Int64) async throws -> [Int64] {
        var numbers: [Int64] = []
        while numbers.last != last {
            let frame = try await client.event("MESSAGE_CREATE")
            numbers.append(frame["d"]?["n"]?.integer ?? -1)
            #expect(frame["s"]?.integer == numbers.last)
        }
        return numbers
    }

    @Test func `an event reaches each session that sees one of its audiences once`() async throws {
        let backend = TestBackend(["alice": 1, "bob": 2, "eve": 3])
        backend.state.withLockedValue {
            $0.audiences[UserID(rawValue: 1)] = [Audience(id: 1), Audience(id: 100), Audience(id: 200)]
            $0.audiences[UserID(rawValue: 2)] = [Audience(id: 2), Audience(id: 100)]
            $0.audiences[UserID(rawValue: 3)] = [Audience(id: 3)]
        }
        try await withServer(backend) { server in
            var clients: [TestClient] = []
            for name in ["alice", "bob", "eve"] {
                let client = try await server.connect()
                try await client.enter(name)
                clients.append(client)
            }
            server.gateway.publish([.test(1, to: [100, 200]), .test(2, to: [200]), .test(3, to: [100, 3, 3])])
            server.gateway.publish([.test(4, to: [1, 2, 3])])
            #expect(try await numbers(clients[0], through: 4) == [1, 2, 3, 4])
            #expect(try await numbers(clients[1], through: 4) == [1, 3, 4])
            #expect(try await numbers(clients[2], through: 4) == [3, 4])
        }
    }

    @Test func `intents keep away what was not asked for`() async throws {
        try await withServer(TestBackend()) { server in
            let messages = try await server.connect()
            try await messages.enter("alice", #","intents":512"#)
            let everything = try await server.connect()
            try await everything.enter("bob")
            server.gateway.publish([
                .test(1, intent: .guildMessages), .test(2, intent: .guildBans), .test(3),
            ])
            #expect(try await numbers(messages, through: 3) == [1, 3])
            #expect(try await numbers(everything, through: 3) == [1, 2, 3])
        }
    }

    @Test func `sight that is gained and lost counts from the next event on`() async throws {
        try await withServer(TestBackend()) { server in
            let alice = try await server.connect()
            try await alice.enter("alice")
            let bob = try await server.connect()
            try await bob.enter("bob")
            server.gateway.publish([
                .test(1, to: [300]), .sight(2, of: [1], gained: [300]), .test(3, to: [300]),
                .sight(4, of: [100], gained: [400]), .test(5, to: [400]), .sight(6, of: [400], lost: [300, 400]),
                .test(7, to: [300]), .test(8, to: [400]), .test(9, to: [100]),
            ])
            #expect(try await numbers(alice, through: 9) == [3, 5, 9])
            #expect(try await numbers(bob, through: 9) == [5, 9])
        }
    }

    @Test func `unlogged events carry the newest position`() async throws {
        try await withServer(TestBackend(position: 5), newestPosition: 5) { server in
            let client = try await server.connect()
            try await client.enter("alice")
            server.gateway.publishTransient(.typingStart, payload: Array("{}".utf8), to: [Audience(id: 100)])
            #expect(try await client.nextFrame()["s"]?.integer == 5)
            server.gateway.publish([.test(8)])
            server.gateway.publishTransient(.typingStart, payload: Array("{}".utf8), to: [Audience(id: 100)])
            #expect(try await client.nextFrame()["s"]?.integer == 8)
            let typing = try await client.nextFrame()
            #expect(typing["s"]?.integer == 8 && typing["t"]?.string == "TYPING_START")
        }
    }

    @Test func `an unlogged event waits for the log that its sender knew, and who has lost sight does not hear it`()
        async throws
    {
        try await withServer(TestBackend()) { server in
            let alice = try await server.connect()
            try await alice.enter("alice")
            let bob = try await server.connect()
            try await bob.enter("bob")
            let types = { (name: String, audience: Int64, horizon: Int64) in
                server.gateway.publishTransient(
                    EventName(rawValue: name), payload: Array("{}".utf8), to: [Audience(id: audience)],
                    knowing: horizon)
            }
            types("LATER", 100, 3)
            types("AT_ONCE", 100, 0)
            #expect(try await bob.nextFrame()["t"]?.string == "AT_ONCE")
            server.gateway.publish([.test(1), .sight(2, of: [2], lost: [100])])
            types("STILL_LATER", 100, 3)
            server.gateway.publish([.test(3), .test(4, to: [2])])
            #expect(try await bob.nextFrame()["s"]?.integer == 1)
            #expect(try await bob.nextFrame()["s"]?.integer == 4)
            var heard: [String] = []
            while heard.count < 5 { heard.append(try await alice.nextFrame()["t"]?.string ?? "") }
            #expect(heard == ["AT_ONCE", "MESSAGE_CREATE", "MESSAGE_CREATE", "LATER", "STILL_LATER"])
        }
    }

    @Test func `when a login ends, its sockets close and others stay`() async throws {
        let backend = TestBackend()
        backend.state.withLockedValue {
            $0.identities["phone"] = GatewayIdentity(user: UserID(rawValue: 1), login: SessionID(rawValue: 77))
        }
        try await withServer(backend) { server in
            let desk = try await server.connect()
            try await desk.enter("alice")
            let phone = try await server.connect()
            try await phone.enter("phone")
            server.gateway.publish([.test(1), .loginsEnded(2, [77], of: 1), .test(3)])
            #expect(try await numbers(phone, through: 1) == [1])
            #expect(try await phone.next() == .close(4004, "the login has ended"))
            #expect(try await numbers(desk, through: 3) == [1, 3])
        }
    }

    @Test func `a login that ends while its session begins does not get in`() async throws {
        let backend = TestBackend()
        try await withServer(backend) { server in
            backend.state.withLockedValue { state in
                state.beforeSnapshot = {
                    // The snapshot may well be newer than the event.
                    server.gateway.publish([.loginsEnded(1, [1001], of: 1)])
                    await server.keepsUp()
                }
                state.position = 5
            }
            let client = try await server.connect()
            _ = try await client.frame(10)
            try await client.identify("alice")
            #expect(try await client.closeFrame().code == 4004)
        }
    }

    @Test func `what happens between snapshot and session is made up for, in sight as well as in events`() async throws
    {
        let backend = TestBackend()
        try await withServer(backend) { server in
            backend.state.withLockedValue { state in
                state.position = 2
                state.beforeSnapshot = {
                    server.gateway.publish([
                        .test(1), .test(2), .test(3), .sight(4, of: [1], gained: [300], lost: [100]), .test(5),
                        .test(6, to: [300]), .test(7, intent: .guildBans),
                    ])
                    server.gateway.publishTransient(.typingStart, payload: Array("{}".utf8), to: [Audience(id: 300)])
                    await server.keepsUp()
                }
            }
            let client = try await server.connect()
            #expect(try await client.enter("alice", #","intents":512"#)["s"]?.integer == 2)
            server.gateway.publish([.test(8), .test(9, to: [300])])
            var seen: [String] = []
            while seen.count < 4 {
                let frame = try await client.nextFrame()
                seen.append("\(frame["t"]?.string ?? "") \(frame["s"]?.integer ?? -1)")
            }
            #expect(seen == ["MESSAGE_CREATE 3", "MESSAGE_CREATE 6", "TYPING_START 7", "MESSAGE_CREATE 9"])
        }
    }

    @Test func `events that a snapshot contains are not sent when they come after it`() async throws {
        try await withServer(TestBackend(position: 3)) { server in
            let client = try await server.connect()
            try await client.enter("alice")
            server.gateway.publish([.test(1), .sight(2, of: [1], lost: [100]), .test(3)])
            server.gateway.publishTransient(.typingStart, payload: Array("{}".utf8), to: [Audience(id: 100)])
            server.gateway.publish([.test(4)])
            let typing = try await client.nextFrame()
            #expect(typing["t"]?.string == "TYPING_START" && typing["s"]?.integer == 3)
            #expect(try await numbers(client, through: 4) == [4])
        }
    }

    @Test func `a client that does not read is closed as too slow, and does not hold up others`() async throws {
        let patient: (inout GatewayConfiguration) -> Void = {
            $0.maximumQueue_bytes = 256 * 1024
            $0.farewell = .seconds(300)
        }
        try await withServer(TestBackend(), configure: patient) { server in
            let slow = try await server.connect()
            try await slow.enter("alice")
            let quick = try await server.connect()
            try await quick.enter("bob")
            try await slow.setReading(false)
            for number in Int64(1)...400 {
                server.gateway.publish([.test(number, padding: 8000)])
                if number % 20 == 0 { _ = try await numbers(quick, through: number) }
            }
            try await slow.setReading(true)
            let (code, reason) = try await slow.closeFrame()
            #expect(code == 4000 && reason == "too slow")
            #expect(await server.gateway.connectionCount() <= 2)
        }
    }

    @Test func `a client that never reads again is cut off`() async throws {
        try await withServer(TestBackend(), configure: { $0.maximumQueue_bytes = 256 * 1024 }) { server in
            let slow = try await server.connect()
            try await slow.enter("alice")
            try await slow.setReading(false)
            for number in Int64(1)...400 { server.gateway.publish([.test(number, padding: 8000)]) }
            try await eventually { await server.gateway.connectionCount() == 0 }
        }
    }

    @Test func `answers do not pile up for who does not read them`() async throws {
        let backend = TestBackend()
        let network = SlowNetwork()
        let answersSent = NIOLockedValueBox(0)
        // How many answers were sent before each request was looked into.
        let sentBefore = NIOLockedValueBox<[Int]>([])
        backend.state.withLockedValue {
            $0.beforeMembers = { sentBefore.withLockedValue { $0.append(answersSent.withLockedValue { $0 }) } }
        }
        try await withQuietGateway(backend) { gateway, loop in
            let client = try await QuietConnection(to: gateway, on: loop, through: [network])
            try await client.enter("alice")
            network.getStuck()
            for _ in 0..<20 { try await client.send(#"{"op":8,"d":{"server_id":"9"}}"#) }
            for _ in 0..<20 {
                try await eventually { network.holdsAnything }
                answersSent.withLockedValue { $0 += 1 }
                try await client.channel.triggerUserOutboundEvent(SlowNetwork.LetThrough()).get()
                _ = try await client.frame { $0["t"]?.string == "GUILD_MEMBERS_CHUNK" }
            }
        }
        #expect(sentBefore.withLockedValue { $0 } == Array(0..<20))
    }

    @Test func `a session that can't be caught up is closed rather than left behind`() async throws {
        let backend = TestBackend()
        try await withServer(backend) { server in
            backend.state.withLockedValue { state in
                state.beforeSnapshot = {
                    for number in Int64(1)...100 { server.gateway.publish([.test(number, padding: 8000)]) }
                    await server.keepsUp()
                }
            }
            let client = try await server.connect()
            try await client.enter("alice")
            #expect(try await client.closeFrame().code == 4000)
        }
    }

    @Test func `READY may be longer than the queue`() async throws {
        let backend = TestBackend()
        backend.state.withLockedValue { $0.readyPadding = 8 << 20 }
        try await withServer(backend, configure: { $0.maximumQueue_bytes = 64 * 1024 }) { server in
            let client = try await server.connect()
            let ready = try await client.enter("alice")
            #expect(ready["d"]?["padding"]?.string?.utf8.count == 8 << 20)
            server.gateway.publish([.test(1)])
            #expect(try await numbers(client, through: 1) == [1])
        }
    }

    @Test func `many sessions get a burst whole and in order`() async throws {
        try await withServer(TestBackend()) { server in
            var clients: [TestClient] = []
            for _ in 0..<60 {
                let client = try await server.connect()
                try await client.enter("alice")
                clients.append(client)
            }
            for start in stride(from: Int64(1), to: 501, by: 10) {
                server.gateway.publish((start..<start + 10).map { .test($0, padding: 500) })
            }
            for client in clients { #expect(try await numbers(client, through: 500) == Array(1...500)) }
        }
    }
}
