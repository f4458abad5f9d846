import Client
import Foundation
import Kernel
import NIOHTTP1

/// A server with 10,000 members and 500 channels: what a person and a moderator do there.
struct LargeServerScenario {
    let program: String
    let database: String
    let members: Int
    let channels: Int

    /// `channels.view`, by its place among the permissions.
    private static let view: Int64 = 1 << 4

    func measure(rounds: Int) async throws -> [Figure] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let population = Population(database: database, folder: folder)
        let first = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let owner = try await Visitor.register("owner", on: first.port)
        let made = try await owner.send(.POST, "/servers", ["name": "Large"])
        let server = made["id"]?.string ?? ""
        let role = try await owner.send(.POST, "/servers/\(server)/roles", ["name": "crew"])["id"]?.string ?? ""
        let roles = try await owner.send(.GET, "/servers/\(server)/roles").array ?? []
        let everyone = roles.first { $0["is_default"] == true }?["id"]?.string ?? ""
        await first.stop()
        let number = { (text: String) in Int64(text) ?? 0 }
        try await population.addMembers(members, first: 1_000_000, to: number(server), role: number(role))
        try await population.addChannels(
            channels, first: 2_000_000, to: number(server), everyone: number(everyone), role: number(role),
            view: Self.view)
        let running = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let again = Visitor(connection: try await HTTPConnection.connect(port: running.port), token: owner.token)
        let figures = try await figures(again, server, role, everyone, running.port, rounds: rounds)
        await running.stop()
        return figures
    }

    private func figures(
        _ owner: Visitor, _ server: String, _ role: String, _ everyone: String, _ port: Int, rounds: Int
    ) async throws -> [Figure] {
        let channel = "2000000"
        let code = try await owner.invite(to: channel)
        var newcomers: [Visitor] = []
        for index in 0..<rounds { newcomers.append(try await Visitor.register("new\(index)", on: port)) }
        let listener = try await GatewaySocket.connect(port: port, path: "/gateway")
        _ = try await listener.next()
        let name = "\(members.formatted()) members, \(channels) channels"
        func figure(_ what: String, _ body: (Int) async throws -> Void) async throws -> Figure {
            var times: [Double] = []
            for round in 0..<rounds {
                let start = ContinuousClock.now
                try await body(round)
                times.append((ContinuousClock.now - start) / .milliseconds(1))
            }
            times.sort()
            return Figure(
                "\(name): \(what)", (times[rounds / 2] * 10).rounded() / 10, "ms", target: .below(100),
                note: "longest \((times[rounds - 1] * 10).rounded() / 10) ms of \(rounds)")
        }
        return [
            try await figure("join") { try await newcomers[$0].send(.POST, "/channels/invites/\(code)") },
            try await figure("list channels") { _ in try await owner.send(.GET, "/servers/\(server)/channels") },
            try await figure("list 1,000 members") { _ in
                try await owner.send(.GET, "/servers/\(server)/members?limit=1000")
            },
            try await figure("READY") { index in
                let socket = try await GatewaySocket.connect(port: port, path: "/gateway")
                _ = try await socket.next()
                try await socket.send(["op": 2, "d": ["token": .string(newcomers[index].token)]])
                while try await socket.next()["t"] != "READY" {}
                await socket.disconnect()
            },
            try await figure("unread of everything") { _ in try await newcomers[0].send(.GET, "/users/@me/unread") },
            try await figure("close a channel to all but a role") { index in
                try await owner.send(
                    .PUT, "/channels/\(2_000_001 + index)/overwrites/\(everyone)",
                    ["type": "role", "deny": ["channels.view"]])
            },
            try await figure("a role gains a right that nobody sees") { index in
                try await owner.send(
                    .PATCH, "/servers/\(server)/roles/\(everyone)",
                    ["permissions": ["messages.add_reactions": .bool(index % 2 == 1)]])
            },
            try await figure("a role of a tenth loses or gains sight of a channel") { index in
                try await owner.send(
                    .PUT, "/channels/2000010/overwrites/\(role)",
                    ["type": "role", index % 2 == 0 ? "deny" : "allow": ["channels.view"]])
            },
            try await figure("everyone loses or gains sight of all channels") { index in
                try await owner.send(
                    .PATCH, "/servers/\(server)/roles/\(everyone)",
                    ["permissions": ["channels.view": .bool(index % 2 == 1)]])
            },
            try await figure("give a role") { index in
                let member = 1_000_001 + index
                try await owner.send(.PUT, "/servers/\(server)/members/\(member)/roles/\(role)")
            },
        ]
    }
}
