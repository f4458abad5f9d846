import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Stopping and starting")
struct StopTests {
    @Test("clients are told, closed with 4017, and resume on the next start", arguments: DatabaseKind.allCases)
    func stopAndResume(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let left = Left()
            try await TestServer.with(databaseURL: url) { server in
                let alice = try await server.person("alice")
                let nest = try await alice.foundsServer()
                let bob = try await server.person("bob")
                try await bob.joins(nest)
                let socket = try await GatewaySocket.open(port: server.port)
                let listener = Listener(socket: socket)
                let ready = try await listener.identify(token: bob.token)
                let heard = try await alice.says("before", in: nest.general)
                #expect(try await listener.hears("MESSAGE_CREATE")["d"] == heard)
                await left.set(alice: alice, bob: bob, nest: nest, ready: ready, listener: listener)
            }
            // The server has stopped by now.
            let listener = try #require(await left.listener)
            let status = try await listener.next(op: 12)
            #expect(status["d"]?["state"] == "shutting_down")
            #expect(status["d"]?["closing_in_seconds"]?.integer != nil)
            #expect(try await listener.socket.closed().code == 4017)

            try await TestServer.with(databaseURL: url) { server in
                let (alice, bob, nest) = try #require(await left.people(on: server))
                let missed = try await alice.says("after", in: nest.general)
                let socket = try await GatewaySocket.open(port: server.port)
                let resumed = Listener(socket: socket)
                _ = try await resumed.next(op: 10)
                try await socket.send([
                    "op": 6,
                    "d": [
                        "token": .string(bob.token), "session_id": await left.ready?["d"]?["session_id"] ?? .null,
                        "seq": await left.ready?["s"] ?? .null,
                    ],
                ])
                #expect(try await resumed.hears("MESSAGE_CREATE")["d"]?["content"] == "before")
                #expect(try await resumed.hears("MESSAGE_CREATE")["d"] == missed)
                try await resumed.hears("RESUMED")
                let live = try await alice.says("live", in: nest.general)
                #expect(try await resumed.hears("MESSAGE_CREATE")["d"] == live)
            }
        }
    }

    @Test("a request that is under way when the server stops is answered", arguments: DatabaseKind.allCases)
    func requestUnderWay(kind: DatabaseKind) async throws {
        let answers = AsyncStream.makeStream(of: String.self)
        try await TestServer.with(kind) { server in
            let connection = try await RawConnection.connect(port: server.port)
            let body: JSON = ["username": "alice", "email": "a@example.org", "password": .string(Person.password)]
            try await connection.write(
                "POST /api/v1/auth/register HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
                    + "content-length: \(body.jsonBytes.count)\r\n\r\n")
            // It is under way when the server asks for its body, and the stop has begun when nobody new is let in.
            try await connection.waits(for: "100 Continue")
            let port = server.port
            Task {
                defer { answers.continuation.finish() }
                try await eventually { (try? await RawConnection.connect(port: port)) == nil }
                try await connection.write(body.jsonBytes)
                answers.continuation.yield(try await connection.untilClosed())
            }
        }
        var answer = ""
        for await text in answers.stream { answer = text }
        #expect(answer.contains("HTTP/1.1 201 "), "\(answer)")
    }

    @Test("a second server on the same folder says so and does not start")
    func secondServer() async throws {
        try await TestServer.with(.sqlite) { server in
            await #expect(throws: (any Error).self) {
                try await TestServer.with(databaseURL: "sqlite:/dev/null/x.db", ["data": server.folder]) { _ in }
            }
        }
    }

    /// What outlives the first server.
    private actor Left {
        private(set) var ready: JSON?
        private(set) var listener: Listener?
        private var alice: Person?
        private var bob: Person?
        private var nest: Community?

        func set(alice: Person, bob: Person, nest: Community, ready: JSON, listener: Listener) {
            (self.alice, self.bob, self.nest, self.ready, self.listener) = (alice, bob, nest, ready, listener)
        }

        func people(on server: TestServer) -> (Person, Person, Community)? {
            guard let alice, let bob, let nest else { return nil }
            return (alice.moved(to: server), bob.moved(to: server), nest)
        }
    }
}

extension Person {
    /// The same person, after the server was started again.
    func moved(to server: TestServer) -> Person { Person(server: server, name: name, id: id, token: token) }
}
