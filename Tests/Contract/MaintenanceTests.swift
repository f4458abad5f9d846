import Chat
import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Maintenance")
struct MaintenanceTests {
    static let path = "/admin/maintenance"

    @Test("only administrators may begin it", arguments: DatabaseKind.allCases)
    func access(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for method: HTTPMethod in [.GET, .POST, .DELETE] {
                #expect(try await server.outcome(method, Self.path) == "401 Authentication required")
                #expect(try await alice.outcome(method, Self.path) == "403 Admin access required")
            }
            #expect(try await server.send(.GET, "/status").json["state"] == "running")
        }
    }

    @Test("meanwhile only administrators are let in, and everybody is told why", arguments: DatabaseKind.allCases)
    func gate(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, root) = (try await server.person("alice"), try await server.administrator())
            let begun = try await root.does(
                .POST, Self.path, ["message": "New disks", "estimated_downtime_seconds": 600])
            let now = server.clock.now().seconds
            #expect(
                begun == [
                    "enabled": true, "message": "New disks", "begins_at": .integer(now),
                    "estimated_downtime_seconds": 600,
                ])
            let status = try await server.send(.GET, "/status").json
            #expect(status["state"] == "maintenance")
            #expect(status["maintenance_message"] == "New disks")
            #expect(status["estimated_downtime_seconds"] == 600)
            #expect(status["restart_at"] == .integer(now + 600))
            let refused = try await alice.send(.GET, "/users/@me")
            #expect(refused.outcome == "503 Service unavailable")
            #expect(refused.headers["retry-after"] == ["600"])
            let stranger = AccountTests.registration("bob")
            #expect(try await server.outcome(.POST, "/auth/register", stranger) == "503 Service unavailable")
            #expect(try await server.outcome(.GET, "/ready") == "503 Service unavailable")
            for open in ["/health", "/version", "/capabilities", "/auth/password-requirements"] {
                #expect(try await server.outcome(.GET, open) == "200", "\(open)")
            }
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("root")) == "200")
            #expect(try await root.outcome(.GET, "/users/@me") == "200")
            try await root.does(.DELETE, Self.path)
            #expect(try await alice.outcome(.GET, "/users/@me") == "200")
            #expect(try await server.send(.GET, "/status").json["state"] == "running")
        }
    }

    @Test(
        "clients of the gateway are told, then closed with 4016, and let in again afterwards",
        arguments: DatabaseKind.allCases)
    func gateway(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, root) = (try await server.person("alice"), try await server.administrator())
            let listener = try await alice.listens()
            try await root.does(
                .POST, Self.path, ["closing_in_seconds": 30, "estimated_downtime_seconds": 60])
            let announced = try await listener.next(op: 12)
            #expect(announced["d"]?["state"] == "maintenance")
            #expect(announced["d"]?["closing_in_seconds"] == 30)
            #expect(announced["d"]?["estimated_downtime_seconds"] == 60)
            #expect(announced["d"]?["message"] == "The server is being maintained")
            #expect(try await alice.outcome(.GET, "/users/@me") == "200", "it has not begun")
            #expect(try await server.send(.GET, "/status").json["state"] == "running")
            server.clock.advance(by: .seconds(30))
            #expect(try await listener.socket.closed().code == 4016)
            let late = try await GatewaySocket.open(port: server.port)
            #expect(try await late.closed().code == 4016)
            try await root.does(.DELETE, Self.path)
            try await server.untilOpen()
            _ = try await alice.listens()
        }
    }

    @Test("the command line reaches a running server, and a restart keeps the mode", arguments: DatabaseKind.allCases)
    func commandLine(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            try await TestServer.with(databaseURL: url) { server in
                let alice = try await server.person("alice")
                let listener = try await alice.listens()
                try await server.operate {
                    try await $0.maintenance.begin(message: "Soon back", after: .zero, estimatedDowntime_s: nil)
                }
                // The command has gone by the real time, which the server's clock does not follow.
                server.clock.set(SystemClock().now())
                #expect(try await listener.next(op: 12)["d"]?["message"] == "Soon back")
                #expect(try await listener.socket.closed().code == 4016)
                #expect(try await alice.outcome(.GET, "/users/@me") == "503 Service unavailable")
            }
            try await TestServer.with(databaseURL: url) { server in
                let socket = try await GatewaySocket.open(port: server.port)
                #expect(try await socket.closed().code == 4016)
                #expect(try await server.send(.GET, "/status").json["maintenance_message"] == "Soon back")
                try await server.operate { try await $0.maintenance.end() }
                try await server.untilOpen()
                #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
            }
        }
    }
}

extension TestServer {
    /// Waits until the gateway lets clients in.
    func untilOpen() async throws {
        while true {
            let socket = try await GatewaySocket.open(port: port)
            _ = try await socket.next()
            try? await socket.send(["op": 1, "d": .null])
            // An open gateway answers the heartbeat, a closed one says why it is closed.
            let answer = try await socket.next()
            await socket.disconnect()
            if answer["op"] == 11 { return }
        }
    }
}
