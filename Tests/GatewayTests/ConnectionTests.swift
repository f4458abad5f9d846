import Events
import Gateway
import Kernel
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import TestPrograms
import Testing

/// A connection from HELLO to its end, over real sockets.
@Suite(.timeLimit(.minutes(4))) struct ConnectionTests {
    @Test func `a client is greeted, identifies, and gets READY before any event`() async throws {
        try await withServer(TestBackend(position: 41), newestPosition: 41) { server in
            let client = try await server.connect()
            #expect(try await client.nextFrame()["d"]?["heartbeat_interval"]?.integer == 45_000)
            try await client.identify("alice")
            let ready = try await client.nextFrame()
            #expect(ready["t"]?.string == "READY")
            #expect(ready["s"]?.integer == 41)
            #expect(ready["d"]?["v"]?.integer == 1)
            #expect(ready["d"]?["user"]?["id"]?.string == "1")
            #expect(ready["d"]?["session_id"]?.string?.isEmpty == false)
            #expect(ready["d"]?["resume_gateway_url"]?.string == "ws://localhost:\(server.port)/gateway")
            server.gateway.publish([.test(42)])
            let event = try await client.nextFrame()
            #expect(event["op"]?.integer == 0 && event["s"]?.integer == 42 && event["t"]?.string == "MESSAGE_CREATE")
            #expect(event["d"]?["n"]?.integer == 42)
        }
    }

    @Test func `heartbeats are acknowledged, before IDENTIFY too`() async throws {
        try await withServer(TestBackend()) { server in
            let client = try await server.connect()
            _ = try await client.frame(10)
            try await client.send(#"{"op":1,"d":null}"#)
            #expect(try await client.nextFrame()["op"]?.integer == 11)
            try await client.identify("alice")
            _ = try await client.event("READY")
            try await client.send(#"{"op":1,"d":5}"#)
            #expect(try await client.nextFrame()["op"]?.integer == 11)
        }
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        let sent: String
        let code: Int
        var entersFirst = true
        var query = ""
        var testDescription: String { "\(query) \(sent.prefix(90)) -> \(code)" }
    }

    static let endings: [Ending] = [
        Ending(sent: #"{"op":99}"#, code: 4001),
        Ending(sent: #"{"op":99}"#, code: 4001, entersFirst: false),
        Ending(sent: #"{"op":0,"d":{}}"#, code: 4001),
        Ending(sent: #"{"op":11}"#, code: 4001),
        Ending(sent: #"{"op":3,"d":{}}"#, code: 4002),
        Ending(sent: #"{"op":4,"d":{"channel_id":"x"}}"#, code: 4002),
        Ending(sent: #"{"op":20,"d":{}}"#, code: 4002),
        Ending(sent: #"{"op":20,"d":{"channel_id":"1","device_id":"a b"}}"#, code: 4002),
        Ending(sent: #"{"op":20,"d":{"channel_id":"1","device_id":"a","public_key":"short"}}"#, code: 4002),
        Ending(sent: #"{"op":22,"d":{"channel_id":"1","pc":"me","sdp":"v=0","generation":1}}"#, code: 4002),
        Ending(sent: #"{"op":24,"d":{"channel_id":"1","pc":"2","candidate":"","generation":-1}}"#, code: 4002),
        Ending(sent: #"{"op":25}"#, code: 4002),
        Ending(sent: #"{"op":25,"d":{"channel_id":"1","speaking":8}}"#, code: 4002),
        Ending(sent: #"{"op":27,"d":{"channel_id":"1","epoch":1,"keys":[{"user_id":"1"}]}}"#, code: 4002),
        Ending(sent: #"{"op":30,"d":{}}"#, code: 4001),
        Ending(sent: #"{"op":4,"d":{}}"#, code: 4003, entersFirst: false),
        Ending(sent: #"{"op":31,"d":{}}"#, code: 4001),
        Ending(sent: "not JSON", code: 4002),
        Ending(sent: "[]", code: 4002),
        Ending(sent: "{}", code: 4002),
        Ending(sent: #"{"op":"1"}"#, code: 4002),
        Ending(sent: #"{"op":1,"d":"5"}"#, code: 4002),
        Ending(sent: #"{"op":2}"#, code: 4002, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":5}}"#, code: 4002, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","intents":"all"}}"#, code: 4002, entersFirst: false),
        Ending(sent: #"{"op":6,"d":{"token":"alice"}}"#, code: 4002, entersFirst: false),
        Ending(sent: #"{"op":6,"d":{"token":"alice","session_id":"x","seq":-1}}"#, code: 4002, entersFirst: false),
        Ending(sent: #"{"op":8,"d":{"server_id":0}}"#, code: 4002),
        Ending(sent: #"{"op":40,"d":{}}"#, code: 4002),
        Ending(sent: #"{"op":40,"d":{"channel_id":"100"}}"#, code: 4003, entersFirst: false),
        Ending(sent: #"{"op":8,"d":{"server_id":"7"}}"#, code: 4003, entersFirst: false),
        Ending(sent: #"{"op":3,"d":{"status":"idle"}}"#, code: 4003, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"nobody"}}"#, code: 4004, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":""}}"#, code: 4004, entersFirst: false),
        Ending(sent: #"{"op":6,"d":{"token":"nobody","session_id":"x","seq":1}}"#, code: 4004, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice"}}"#, code: 4005),
        Ending(sent: #"{"op":6,"d":{"token":"alice","session_id":"x","seq":1}}"#, code: 4005),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[2,2]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[-1,2]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[0,0]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[0]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":"0,1"}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":["0","1"]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[0.5,2]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[0,65536]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":[0,2,3]}}"#, code: 4010, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","shard":{}}}"#, code: 4010, entersFirst: false),
        Ending(sent: "", code: 4012, entersFirst: false, query: "v=2"),
        Ending(sent: "", code: 4002, entersFirst: false, query: "v=1&encoding=etf"),
        Ending(sent: "", code: 4002, entersFirst: false, query: "compress=zstd"),
        Ending(sent: #"{"op":2,"d":{"token":"alice","intents":1048576}}"#, code: 4013, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","intents":-1}}"#, code: 4013, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"robot","intents":2}}"#, code: 4014, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","client_version":"a.1.0-1"}}"#, code: 4015, entersFirst: false),
        Ending(sent: #"{"op":2,"d":{"token":"alice","client_version":"1.0"}}"#, code: 4002, entersFirst: false),
        Ending(sent: "", code: 4015, entersFirst: false, query: "client_version=a.0.9-1"),
        Ending(sent: "", code: 4002, entersFirst: false, query: "client_version=nonsense"),
        Ending(sent: #"{"op":2,"d":{"token":"trouble"}}"#, code: 4000, entersFirst: false),
    ]

    @Test(arguments: endings) func `what a client must not send ends with the code for it`(_ ending: Ending)
        async throws
    {
        let backend = TestBackend()
        backend.state.withLockedValue {
            $0.identities["robot"] = GatewayIdentity(
                user: UserID(rawValue: 9), login: SessionID(rawValue: 1009), isBot: true,
                grantedIntents: .messageContent)
        }
        try await withServer(backend) { server in
            let client = try await server.connect(ending.query)
            if ending.entersFirst { try await client.enter("alice") } else { _ = try await client.frame(10) }
            if !ending.sent.isEmpty { try await client.send(ending.sent) }
            #expect(try await client.closeFrame().code == ending.code)
            try await client.end()
            #expect(await server.gateway.connectionCount() == 0)
        }
    }

    @Test func `frames that are no text are answered by RFC 6455 or as undecodable`() async throws {
        let cases: [([UInt8], Int)] = [
            (TestClient.frame(0x2, [1, 2, 3]), 4002),
            (TestClient.frame(0x1, [0x7B, 0x22, 0xFF, 0x22, 0x7D]), 4002),
            ([0x81, 0x02, 0x7B, 0x7D], 1002),
            (TestClient.frame(0x0, [1]), 1002),
            (TestClient.frame(0x3, []), 1002),
            (TestClient.frame(0x9, Array(repeating: 0, count: 126)), 1002),
            (TestClient.frame(0x1, Array(repeating: 0x20, count: 64 * 1024 + 1)), 1009),
        ]
        try await withServer(TestBackend()) { server in
            for (bytes, code) in cases {
                let client = try await server.connect()
                _ = try await client.frame(10)
                try await client.send(bytes: bytes)
                #expect(try await client.closeFrame().code == code)
            }
        }
    }

    @Test func `fragments make a message, with a ping between them`() async throws {
        try await withServer(TestBackend()) { server in
            let client = try await server.connect()
            _ = try await client.frame(10)
            try await client.send(bytes: TestClient.frame(0x1, Array(#"{"op":1,"#.utf8), isFinal: false))
            try await client.send(bytes: TestClient.frame(0x9, [7]))
            try await client.send(bytes: TestClient.frame(0x0, Array(#""d":null}"#.utf8)))
            #expect(try await client.next() == .pong([7]))
            #expect(try await client.nextFrame()["op"]?.integer == 11)
        }
    }

    @Test func `a client's close frame is answered with its code, and the connection ends`() async throws {
        try await withServer(TestBackend()) { server in
            let client = try await server.connect()
            try await client.enter("alice")
            try await client.send(bytes: TestClient.frame(0x8, [0x03, 0xE8]))
            #expect(try await client.next() == .close(1000, ""))
            #expect(try await client.next() == .end)
        }
    }

    @Test func `an outdated client is told which version it needs before the socket closes`() async throws {
        try await withServer(TestBackend()) { server in
            let client = try await server.connect()
            _ = try await client.frame(10)
            try await client.identify("alice", #","client_version":"a.1.1-9""#)
            let check = try await client.frame(13)
            #expect(check["d"]?["client_version"]?.string == "a.1.1-9")
            #expect(check["d"]?["min_version"]?.string == "a.1.2-1")
            #expect(check["d"]?["server_version"]?.string == "a.1.4-2")
            #expect(check["d"]?["update_url"]?.string == "https://example.org/get")
            #expect(try await client.closeFrame().code == 4015)
        }
    }

    @Test func `who does not identify is closed`() async throws {
        try await withQuietGateway(TestBackend(), configure: { $0.identifyTimeout = .seconds(20) }) { gateway, loop in
            let silent = try await QuietConnection(to: gateway, on: loop)
            await loop.advanceTime(by: .seconds(19))
            try await silent.beats()
            await loop.advanceTime(by: .seconds(2))
            #expect(try await silent.next() == .close(4003, "no IDENTIFY in time"))
        }
    }

    @Test func `who falls silent is closed, who beats is not`() async throws {
        try await withQuietGateway(TestBackend()) { gateway, loop in
            let idle = try await QuietConnection(to: gateway, on: loop)
            try await idle.enter("alice")
            let beating = try await QuietConnection(to: gateway, on: loop)
            try await beating.enter("bob")
            for _ in 0..<12 {
                await loop.advanceTime(by: .seconds(45))
                try await beating.beats()
            }
            #expect(try await idle.next() == .close(4009, "no heartbeat"))
            #expect(await gateway.connectionCount() == 1)
        }
    }

    @Test func `what a call says at once is answered, and who changes places too often is told so`() async throws {
        try await withServer(TestBackend(), configure: { $0.isRateLimited = true }) { server in
            let client = try await server.connect()
            try await client.enter("alice")
            let candidate = #"{"op":24,"d":{"channel_id":"1","pc":"2","candidate":"c","generation":1}}"#
            for _ in 0..<100 { try await client.send(candidate) }
            for _ in 0..<100 { #expect(try await client.event("VOICE_ERROR")["d"]?["code"]?.integer == 503) }
            for _ in 0..<21 { try await client.send(#"{"op":4,"d":{"channel_id":"1"}}"#) }
            var codes: [Int64?] = []
            for _ in 0..<21 { codes.append(try await client.event("VOICE_ERROR")["d"]?["code"]?.integer) }
            #expect(codes.count { $0 == 503 } == 20 && codes.count { $0 == 429 } == 1)
        }
    }

    @Test func `too many frames, connections, or IDENTIFYs are refused with 4008`() async throws {
        let backend = TestBackend()
        backend.state.withLockedValue { state in
            for login in Int64(1)...3 {
                state.identities["login\(login)"] = GatewayIdentity(
                    user: UserID(rawValue: 1), login: SessionID(rawValue: login))
            }
        }
        let limited: (inout GatewayConfiguration) -> Void = {
            $0.isRateLimited = true
            $0.framesPerMinute = 20
            $0.connectionsPerUser = 2
            $0.identifyInterval = .seconds(60)
        }
        try await withServer(backend, configure: limited) { server in
            let first = try await server.connect()
            try await first.enter("login1")
            let hasty = try await server.connect()
            _ = try await hasty.frame(10)
            try await hasty.identify("login1")
            #expect(try await hasty.closeFrame().reason == "one IDENTIFY at a time")
            let second = try await server.connect()
            try await second.enter("login2")
            let third = try await server.connect()
            _ = try await third.frame(10)
            try await third.identify("login3")
            #expect(try await third.closeFrame() == (4008, "too many connections"))
            for _ in 0..<20 { try await first.send(#"{"op":1,"d":null}"#) }
            #expect(try await first.closeFrame() == (4008, "too many frames"))
        }
    }

    @Test func `connections on other nodes count, and what is too much over all is closed after a second look`()
        async throws
    {
        let backend = TestBackend()
        try await withServer(backend, configure: { $0.connectionsPerUser = 3 }) { server in
            let first = try await server.connect()
            try await first.enter("alice")
            let second = try await server.connect()
            try await second.enter("alice")
            backend.state.withLockedValue { $0.elsewhere = 1 }
            let third = try await server.connect()
            _ = try await third.frame(10)
            try await third.identify("alice")
            #expect(try await third.closeFrame() == (4008, "too many connections"))
            let bob = try await server.connect()
            backend.state.withLockedValue { $0.room = 1 }
            try await bob.enter("bob")
            await server.gateway.closeSurplus()
            backend.state.withLockedValue { $0.room = 3 }
            await server.gateway.closeSurplus()
            for client in [first, second, bob] {
                try await client.send(#"{"op":1,"d":null}"#)
                _ = try await client.frame(11)
            }
            backend.state.withLockedValue { $0.room = 1 }
            await server.gateway.closeSurplus()
            await server.gateway.closeSurplus()
            #expect(try await second.closeFrame() == (4008, "too many connections"))
            for client in [first, bob] {
                try await client.send(#"{"op":1,"d":null}"#)
                _ = try await client.frame(11)
            }
        }
    }

    @Test func `pages of strangers may not connect, those of the server may`() async throws {
        try await withServer(TestBackend(), configure: { $0.allowedOrigins = ["https://friend.example"] }) { server in
            for origin in ["https://friend.example", "http://localhost:\(server.port)"] {
                let client = try await server.connect(headers: ["Origin": origin])
                #expect(try await client.nextFrame()["op"]?.integer == 10)
            }
            let stranger = try await server.connect(headers: ["Origin": "https://evil.example"])
            try await stranger.end()
        }
    }

    @Test func `with compression every frame is a part of one zlib stream`() async throws {
        try await withServer(TestBackend()) { server in
            let whole = try await server.connect("compress=zlib-stream")
            guard case .text = try await whole.next() else { throw TestFailure("HELLO can't be inflated") }
            try await whole.identify("alice")
            _ = try await whole.event("READY")
            let late = try await server.connect()
            try await late.enter("bob", #","compress":true"#)
            for number in Int64(1)...50 { server.gateway.publish([.test(number, padding: Int(number) * 100)]) }
            for number in Int64(1)...50 {
                #expect(try await whole.event("MESSAGE_CREATE")["d"]?["n"]?.integer == number)
                #expect(try await late.event("MESSAGE_CREATE")["d"]?["n"]?.integer == number)
            }
        }
    }

    @Test func `somebody is there from READY to the end of the connection`() async throws {
        let backend = TestBackend()
        try await withQuietGateway(backend) { gateway, loop in
            let client = try await QuietConnection(to: gateway, on: loop)
            try await client.enter("alice")
            try await client.beats()
            #expect(backend.state.withLockedValue { $0.present.count } == 1)
            try await client.channel.close()
            #expect(await gateway.connectionCount() == 0)
            #expect(backend.state.withLockedValue { $0.present.isEmpty })
        }
    }

    @Test func `a connection that breaks while it is caught up leaves nobody behind`() async throws {
        let backend = TestBackend()
        try await withQuietGateway(backend) { gateway, loop in
            backend.state.withLockedValue { $0.beforeSnapshot = { gateway.publish([.test(1)]) } }
            // HELLO and READY get through, the event that happened meanwhile does not.
            let client = try await QuietConnection(to: gateway, on: loop, through: [BrokenNetwork(after: 2)])
            try await client.enter("alice")
            try await eventually { await gateway.connectionCount() == 0 }
            #expect(backend.state.withLockedValue { $0.present.isEmpty })
        }
    }

    @Test func `typing and member requests reach the features in order`() async throws {
        let backend = TestBackend()
        try await withServer(backend) { server in
            let client = try await server.connect()
            try await client.enter("alice")
            try await client.send(#"{"op":40,"d":{"channel_id":"100"}}"#)
            try await client.send(#"{"op":40,"d":{"channel_id":"5"}}"#)
            try await client.send(#"{"op":41,"d":{"channel_id":"100"}}"#)
            try await client.send(#"{"op":8,"d":{"server_id":"8"}}"#)
            try await client.send(#"{"op":8,"d":{"server_id":"7","limit":5}}"#)
            #expect(try await client.event("GUILD_MEMBERS_CHUNK")["d"]?["limit"]?.integer == 5)
            #expect(backend.state.withLockedValue { $0.typing } == ["1 starts", "1 stops"])
        }
    }

    @Test func `a stop that is announced for later closes the sockets then`() async throws {
        // What is tested is the stop's time, so nobody has to beat meanwhile.
        let patient: (inout GatewayConfiguration) -> Void = { $0.heartbeatInterval = .seconds(1_000_000) }
        try await withQuietGateway(TestBackend(), configure: patient) { gateway, loop in
            let client = try await QuietConnection(to: gateway, on: loop)
            try await client.enter("alice")
            async let stopped: Void = gateway.shutDown(
                GatewayStop(.shutdown, message: "soon", closesIn: .seconds(60)))
            let status = try await client.frame { $0["op"]?.integer == 12 }
            #expect(status["d"]?["closing_in_seconds"]?.integer == 60)
            try await client.beats()
            // The stop may be scheduled a moment after its announcement was read.
            while await gateway.connectionCount() > 0 { await loop.advanceTime(by: .seconds(30)) }
            #expect(try await client.next() == .close(4017, "soon"))
            await stopped
        }
    }

    @Test func `a stop is announced, then all sockets close`() async throws {
        for (state, code) in [(GatewayStop.State.shutdown, 4017), (.maintenance, 4016)] {
            let server = try await TestServer(TestBackend())
            let clients = [try await server.connect(), try await server.connect(), try await server.connect()]
            for client in clients.prefix(2) { try await client.enter("alice") }
            _ = try await clients[2].frame(10)
            async let stopped: Void = server.gateway.shutDown(
                GatewayStop(
                    state, message: "back soon", estimatedDowntime: .seconds(60), restartsAt: Timestamp(seconds: 9)))
            for client in clients {
                let status = try await client.frame(12)
                #expect(status["d"]?["state"]?.string == state.rawValue)
                #expect(status["d"]?["message"]?.string == "back soon")
                #expect(status["d"]?["closing_in_seconds"]?.integer == 0)
                #expect(status["d"]?["estimated_downtime_seconds"]?.integer == 60)
                #expect(status["d"]?["restart_at"]?.integer == 9)
                #expect(try await client.closeFrame().code == code)
            }
            await stopped
            #expect(await server.gateway.connectionCount() == 0)
            try await server.stop()
        }
    }

    @Test func `who is handed over to other nodes is told to resume there, and closed if they stay`() async throws {
        let server = try await TestServer(TestBackend())
        let clients = [try await server.connect(), try await server.connect(), try await server.connect()]
        for client in clients.prefix(2) { try await client.enter("alice") }
        _ = try await clients[2].frame(10)
        async let left: Void = server.gateway.handOver(within: .milliseconds(30))
        for client in clients {
            _ = try await client.frame(7)
            let reason = try await client.closeFrame()
            #expect(reason.code == 4000)
        }
        await left
        #expect(await server.gateway.connectionCount() == 0)
        try await server.stop()
    }
}
