import Client
import Foundation
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1

/// What may not grow with a server: changes of who sees what, lists and READY, among more and more members with five of thirty roles
/// and as many archived threads, while others send elsewhere.
struct GrowthScenario {
    let program: String
    let database: String

    /// One more is given to nobody beforehand.
    private static let roleCount = 30
    private static let channelCount = 60

    /// - Parameters:
    ///   - sizes: members of a server, a new one for each.
    ///   - rounds: of each thing; one more where what is done and undone would not come out even.
    func measure(sizes: [Int], rounds: Int) async throws -> [Figure] {
        var figures: [Figure] = []
        for size in sizes { figures += try await measure(members: size, rounds: rounds + rounds % 2) }
        return figures
    }

    private func measure(members: Int, rounds: Int) async throws -> [Figure] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let population = Population(database: database, folder: folder)
        let first = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let place = try await Place.make(
            on: first.port, members: members, roles: Self.roleCount + 1, channels: Self.channelCount)
        await first.stop()
        try await population.addMembers(members, first: place.firstMember, to: place.server)
        try await population.giveRoles(
            place.roles.dropLast(), 5, to: members, first: place.firstMember, in: place.server)
        try await population.addArchivedThreads(
            members, first: place.firstMember + Int64(members), of: place.channels[0], in: place.server)
        try await population.indexNames()
        let running = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let figures = try await figures(place, members, on: running.port, rounds: rounds)
        await running.stop()
        return figures
    }

    /// The server that is to grow, with who owns it, and another one in which somebody talks meanwhile.
    private struct Place {
        let owner: String
        let talker: String
        let elsewhere: String
        let server: Int64
        /// Far from those of other sizes.
        let firstMember: Int64
        let everyone: Int64
        let roles: [Int64]
        let channels: [Int64]

        /// Every sixth channel is for a role of its own.
        static func make(on port: Int, members: Int, roles: Int, channels: Int) async throws -> Place {
            let owner = try await Visitor.register("owner\(members)", on: port)
            let talker = try await Visitor.register("talker\(members)", on: port)
            let server = try await owner.send(.POST, "/servers", ["name": "Growing"])["id"]?.string ?? ""
            let everyone = try await owner.send(.GET, "/servers/\(server)/roles").array?.first?["id"]?.string ?? ""
            var (made, opened): ([String], [String]) = ([], [])
            for index in 0..<roles {
                let role = try await owner.send(.POST, "/servers/\(server)/roles", ["name": .string("role \(index)")])
                made.append(role["id"]?.string ?? "")
            }
            for index in 0..<channels {
                let channel = try await owner.send(
                    .POST, "/servers/\(server)/channels", ["name": .string("channel-\(index)")])
                let id = channel["id"]?.string ?? ""
                opened.append(id)
                guard index % 6 == 5 else { continue }
                for (subject, said) in [(everyone, "deny"), (made[index / 6], "allow")] {
                    try await owner.send(
                        .PUT, "/channels/\(id)/overwrites/\(subject)", ["type": "role", said: ["channels.view"]])
                }
            }
            let number = { (text: String) in Int64(text) ?? 0 }
            return Place(
                owner: owner.token, talker: talker.token, elsewhere: try await talker.foundServer(),
                server: number(server), firstMember: 1000 * Int64(members), everyone: number(everyone),
                roles: made.map(number),
                channels: opened.map(number))
        }
    }

    private func figures(_ place: Place, _ members: Int, on port: Int, rounds: Int) async throws -> [Figure] {
        let owner = Visitor(connection: try await HTTPConnection.connect(port: port), token: place.owner)
        let talker = Visitor(connection: try await HTTPConnection.connect(port: port), token: place.talker)
        let code = try await owner.invite(to: String(place.channels[0]))
        var newcomers: [Visitor] = []
        for index in 0..<rounds { newcomers.append(try await Visitor.register("new\(index)of\(members)", on: port)) }
        let (server, channels) = ("/servers/\(place.server)", place.channels)
        func figure(
            _ what: String, _ target: Figure.Target?, _ body: (Int) async throws -> Void
        ) async throws -> Figure {
            let talk = Talk()
            defer { talk.end() }
            async let talking: Void = talk.go(on: talker, in: place.elsewhere)
            var times: [Double] = []
            for round in 0..<rounds {
                let start = ContinuousClock.now
                try await body(round)
                times.append((ContinuousClock.now - start) / .milliseconds(1))
            }
            talk.end()
            try await talking
            times.sort()
            return Figure(
                what, with: members, "members", (times[rounds / 2] * 10).rounded() / 10, "ms", target: target,
                note: "longest \((times[rounds - 1] * 10).rounded() / 10) ms of \(rounds); a send elsewhere took up to "
                    + "\((talk.longest_ms * 10).rounded() / 10) ms")
        }
        let everyone = "\(server)/roles/\(place.everyone)"
        var figures = [
            try await figure("join", .atMost(30)) { try await newcomers[$0].send(.POST, "/channels/invites/\(code)") },
            try await figure("READY", nil) { index in
                let socket = try await GatewaySocket.connect(port: port, path: "/gateway")
                _ = try await socket.next()
                try await socket.send(["op": 2, "d": ["token": .string(newcomers[index].token)]])
                while try await socket.next()["t"] != "READY" {}
                await socket.disconnect()
            },
            try await figure("list 1,000 members", .atMost(30)) { _ in
                try await owner.send(.GET, "\(server)/members?limit=1000")
            },
            try await figure("members by a part of a name", .atMost(10)) { index in
                try await owner.send(
                    .GET, "\(server)/members?query=ber\(place.firstMember + Int64(members - 1 - index))")
            },
            try await figure("list archived threads", .atMost(10)) { _ in
                try await owner.send(.GET, "/channels/\(channels[0])/threads?archived=true")
            },
            try await figure("give a role", .atMost(30)) { index in
                let member = place.firstMember + Int64(index)
                try await owner.send(.PUT, "\(server)/members/\(member)/roles/\(place.roles[Self.roleCount])")
            },
            try await figure("make a channel", .atMost(30)) { index in
                try await owner.send(.POST, "\(server)/channels", ["name": .string("made-\(index)")])
            },
            try await figure("close a channel to a role, or open it", .atMost(100)) { index in
                try await owner.send(
                    .PUT, "/channels/\(channels[1])/overwrites/\(place.roles[9])",
                    ["type": "role", index % 2 == 0 ? "deny" : "allow": ["channels.view"]])
            },
            try await figure("close a channel to everyone, or open it", .atMost(30)) { index in
                try await owner.send(
                    .PUT, "/channels/\(channels[2])/overwrites/\(place.everyone)",
                    ["type": "role", index % 2 == 0 ? "deny" : "allow": ["channels.view"]])
            },
            try await figure("50 channels change their places", .atMost(100)) { index in
                let moves = channels.prefix(50).enumerated().map { place, id -> JSON in
                    ["id": .string(String(id)), "position": .integer(Int64(place + index % 2))]
                }
                try await owner.send(.PATCH, "\(server)/channels", .array(moves))
            },
            try await figure("everyone loses or gains sight of all channels", .atMost(100)) { index in
                try await owner.send(.PATCH, everyone, ["permissions": ["channels.view": .bool(index % 2 == 1)]])
            },
            try await figure("everyone comes to manage threads, or ceases to", nil) { index in
                try await owner.send(.PATCH, everyone, ["permissions": ["threads.manage": .bool(index % 2 == 0)]])
            },
        ]
        try await owner.send(.PATCH, everyone, ["permissions": ["channels.view": false]])
        figures.append(
            try await figure("a role gains or loses sight of all channels", .atMost(100)) { index in
                try await owner.send(
                    .PATCH, "\(server)/roles/\(place.roles[10])",
                    ["permissions": ["channels.view": .bool(index % 2 == 0)]])
            })
        return figures
    }

    /// One message after the other, until it is told to end.
    private final class Talk: Sendable {
        private let state = NIOLockedValueBox((isOver: false, longest: Duration.zero))

        var longest_ms: Double { state.withLockedValue { $0.longest / .milliseconds(1) } }

        func end() { state.withLockedValue { $0.isOver = true } }

        func go(on visitor: Visitor, in channel: String) async throws {
            while !Task.isCancelled, !state.withLockedValue({ $0.isOver }) {
                let start = ContinuousClock.now
                try await visitor.send(.POST, "/channels/\(channel)/messages", ["content": "and so on"])
                let time = ContinuousClock.now - start
                state.withLockedValue { $0.longest = max($0.longest, time) }
            }
        }
    }
}
