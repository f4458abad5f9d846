import Chat
import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Rate limits over HTTP")
struct RateLimitTests {
    static let enforced = ["rate_limiting.enabled": "true"]

    /// What `X-RateLimit-…` says.
    static func limits(_ reply: HTTPReply) -> [String] {
        ["bucket", "limit", "remaining"].map { reply.headers.first(name: "x-ratelimit-\($0)") ?? "none" }
    }

    static func retryAfter(_ reply: HTTPReply) -> Double? {
        switch reply.json["error"]?["retry_after"] {
        case .number(let seconds): seconds
        case .integer(let seconds): Double(seconds)
        default: nil
        }
    }

    @Test("every answer carries the headers, whatever went wrong", arguments: DatabaseKind.allCases)
    func headers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            let alice = try await server.person("alice")
            let replies = [
                try await server.send(.GET, "//health"), try await server.send(.GET, "/version"),
                try await server.send(.GET, "/nowhere"), try await server.send(.PUT, "/version"),
                try await server.send(.GET, "/users/@me"), try await server.send(.GET, "//docs"),
                try await server.send(.GET, "/users/@me", token: "wrong"),
                try await server.send(.POST, "/auth/login", bytes: Array("{".utf8)),
                try await server.send(.GET, "/version", headers: ["x-client-version": "a.0.1-1"]),
                try await alice.send(.GET, "/users/@me"), try await alice.send(.GET, "/users/0"),
                try await alice.send(.GET, "/avatars/users/1"),
            ]
            let now = server.clock.now().seconds
            for reply in replies {
                let name = "\(reply.status) \(reply.text.prefix(80))"
                #expect(["address", "user", "media"].contains(Self.limits(reply)[0]), "\(name)")
                let reset = reply.headers.first(name: "x-ratelimit-reset").flatMap { Int64($0) }
                #expect(reset.map { (now...now + 120).contains($0) } == true, "\(name)")
            }
            #expect(Self.limits(replies[9]) == ["user", "50", "49"])
        }
    }

    @Test("what is no HTTP is answered with the headers, too", arguments: DatabaseKind.allCases)
    func brokenRequests(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            let connection = try await RawConnection.connect(port: server.port)
            try await connection.write("NOT HTTP\r\n\r\n")
            let text = try await connection.untilClosed().lowercased()
            #expect(text.contains("x-ratelimit-bucket: address"))
            #expect(text.contains("x-ratelimit-limit: 60"))
        }
    }

    @Test("who is not logged in has sixty requests a minute from an address", arguments: DatabaseKind.allCases)
    func address(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            for index in 0..<60 {
                let reply = try await server.send(.GET, index % 2 == 0 ? "/version" : "/nowhere")
                #expect(reply.status != 429)
            }
            for path in ["/version", "/nowhere", "//openapi.json", "/users/@me"] {
                let reply = try await server.send(.GET, path)
                #expect(reply.outcome == "429 Rate limited", "\(path)")
                #expect(Self.retryAfter(reply) == 1, "\(path)")
                #expect(reply.headers["retry-after"] == ["1"])
                #expect(Self.limits(reply) == ["address", "60", "0"])
            }
            #expect(try await server.outcome(.GET, "/health") == "200", "monitoring is not counted")
            server.clock.advance(by: .seconds(1))
            #expect(try await server.outcome(.GET, "/version") == "200")
            #expect(try await server.outcome(.GET, "/version") == "429 Rate limited")
        }
    }

    @Test("somebody who is logged in has limits of their own", arguments: DatabaseKind.allCases)
    func user(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            var passed = 0
            for _ in 0..<3 {
                for _ in 0..<50 where try await alice.send(.GET, "/users/@me").status == 200 { passed += 1 }
                #expect(try await alice.outcome(.GET, "/users/@me") == "429 Rate limited", "50 a second")
                server.clock.advance(by: .seconds(1))
            }
            #expect(passed == 144, "120 and a burst of 20, and what two seconds give back")
            #expect(try await bob.outcome(.GET, "/users/@me") == "200")
            #expect(try await server.outcome(.GET, "/version") == "200")
        }
    }

    @Test("a login is let through five times a minute, and twenty times an hour", arguments: DatabaseKind.allCases)
    func login(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            var passed = 0
            for minute in 0..<10 {
                for index in 0..<6 {
                    let login = AccountTests.login("name\(minute)-\(index)")
                    let reply = try await server.send(.POST, "/auth/login", login)
                    if reply.status == 401 { passed += 1 }
                    if index == 5 { #expect(reply.outcome == "429 Rate limited") }
                }
                server.clock.advance(by: .seconds(60))
            }
            #expect((20...24).contains(passed), "\(passed)")
        }
    }

    @Test(
        "an account that is locked says so rather than that there were too many requests",
        arguments: DatabaseKind.allCases)
    func lockedFirst(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            _ = try await server.person("alice")
            for _ in 0..<5 { _ = try await server.send(.POST, "/auth/login", AccountTests.login("alice", "Wrong 1!")) }
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "403 Account locked")
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("bob")) == "429 Rate limited")
        }
    }

    @Test("accounts are made three a minute", arguments: DatabaseKind.allCases)
    func register(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            for name in ["alice", "bob", "carol"] { _ = try await server.person(name) }
            let fourth = AccountTests.registration("dave")
            let reply = try await server.send(.POST, "/auth/register", fourth)
            #expect(reply.outcome == "429 Rate limited")
            #expect(Self.limits(reply) == ["register", "3", "0"])
            server.clock.advance(by: .seconds(20))
            #expect(try await server.outcome(.POST, "/auth/register", fourth) == "201", "nothing was done before")
        }
    }

    @Test("a refused message was not sent, and is sent after the wait", arguments: DatabaseKind.allCases)
    func messages(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.enforced) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for index in 0..<8 { try await alice.says("\(index)", in: nest.general) }
            let path = "/channels/\(nest.general)/messages"
            let reply = try await alice.send(.POST, path, ["content": "too much"])
            #expect(reply.outcome == "429 Rate limited")
            #expect(Self.limits(reply) == ["message.send", "8", "0"])
            #expect(try await alice.reads(nest.general).count == 8)
            let wait = try #require(Self.retryAfter(reply))
            server.clock.advance(by: .milliseconds(Int64(wait * 1000)))
            #expect(try await alice.outcome(.POST, path, ["content": "now"]) == "201")
        }
    }

    @Test("tiers multiply the limits, and administrators have none", arguments: DatabaseKind.allCases)
    func tiers(kind: DatabaseKind) async throws {
        let tight = ["rate_limiting.enabled": "true", "rate_limits.user": "5/h", "rate_limits.register": "100/min"]
        try await TestServer.with(kind, tight) { server in
            for (tier, expected) in [(Tier.standard, 5), (.alpha, 10), (.premium, 15), (.staff, 50)] {
                let person = try await server.person("is_\(tier.rawValue)")
                try await server.operate { try await $0.setTier(tier, of: person.name) }
                let device = try await person.onAnotherDevice()
                var passed = 0
                for _ in 0..<60 where try await device.send(.GET, "/users/@me").status == 200 { passed += 1 }
                #expect(passed == expected, "\(tier)")
                // Logins are counted for the address of all of them.
                server.clock.advance(by: .seconds(60))
            }
            let root = try await server.administrator()
            for _ in 0..<60 { #expect(try await root.outcome(.GET, "/users/@me") == "200") }
            #expect(Self.limits(try await root.send(.GET, "/users/@me")) == ["user", "5", "5"])
        }
    }

    @Test("the configuration changes any limit, and refuses what is none", arguments: DatabaseKind.allCases)
    func configuration(kind: DatabaseKind) async throws {
        let settings = ["rate_limiting.enabled": "true", "rate_limits.message_list": "2/h"]
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            for _ in 0..<2 { #expect(try await alice.outcome(.GET, path) == "200") }
            #expect(try await alice.outcome(.GET, path) == "429 Rate limited")
        }
    }
}
