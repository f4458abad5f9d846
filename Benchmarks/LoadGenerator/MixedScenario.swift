import Client
import Foundation
import Kernel
import NIOHTTP1
import Receiver

/// People as they are: each is connected and does something now and then. Looks for the largest number of people that the
/// server serves with 99 % of the requests below 200 ms.
///
/// In a minute a person reads a channel twice, acknowledges what they read twice, types 0.6 times, says something 0.5 times,
/// reacts 0.3 times, and comes online 0.05 times (a connection with READY, which ends again). They are in communities of 100,
/// so each message goes to 100 connections. Requests come at random moments (Poisson), whether the ones before are answered or
/// not, and are measured from the moment at which they were due.
struct MixedScenario: Sendable {
    private static let community = 100
    private static let workers = 64

    private enum Deed: CaseIterable, Sendable {
        case read
        case acknowledge
        case type
        case say
        case react
        case comeOnline

        var perMinute: Double {
            switch self {
            case .read: 2
            case .acknowledge: 2
            case .type: 0.6
            case .say: 0.5
            case .react: 0.3
            case .comeOnline: 0.05
            }
        }
    }

    private struct Member: Sendable {
        let token: String
        let channel: String
    }

    let program: String
    let database: String

    func measure(sizes: [Int], seconds: Double) async throws -> Figure {
        var best = 0
        var notes: [String] = []
        for size in sizes {
            let server = try await RunningServer.start(program: program, database: database)
            let (histogram, failures) = try await run(size, seconds, server.port)
            await server.stop()
            let p99 = histogram.percentile_ms(0.99)
            notes.append(
                "\(size.formatted()): p50 \(histogram.percentile_ms(0.5)) ms, p99 \(p99) ms, \(failures) failed")
            guard p99 < 200, failures == 0 else { break }
            best = size
        }
        return Figure("people with p99 below 200 ms", Double(best), "people", note: notes.joined(separator: "; "))
    }

    private func run(_ size: Int, _ seconds: Double, _ port: Int) async throws -> (Histogram, Int) {
        let members = try await populate(size, port)
        let descriptors = members.map { receiver_open_session(Int32(port), $0.token) }
        guard !descriptors.contains(where: { $0 < 0 }), let receiver = receiver_create(descriptors, Int32(size)) else {
            throw FanOutScenario.Failure.sessionRefused
        }
        defer {
            receiver_free(receiver)
            for descriptor in descriptors { Glibc.close(descriptor) }
        }
        let drained = SendableReceiver(receiver)
        let time = Int32((seconds + 3) * 1000)
        async let draining: Void = drained.drain(for: time)
        let begin = ContinuousClock.now + .seconds(1)
        let rate = Double(size) * Deed.allCases.reduce(0) { $0 + $1.perMinute } / 60
        let result = try await withThrowingTaskGroup(of: (Histogram, Int).self) { group in
            for _ in 0..<Self.workers {
                group.addTask {
                    try await work(
                        members, port, from: begin, until: begin + .seconds(seconds),
                        rate: rate / Double(Self.workers))
                }
            }
            return try await group.reduce(into: (Histogram(), 0)) { total, part in
                total.0.merge(part.0)
                total.1 += part.1
            }
        }
        _ = await draining
        return result
    }

    private func work(
        _ members: [Member], _ port: Int, from begin: ContinuousClock.Instant, until end: ContinuousClock.Instant,
        rate: Double
    ) async throws -> (Histogram, Int) {
        let connection = try await HTTPConnection.connect(port: port)
        var (histogram, failures) = (Histogram(), 0)
        var due = begin
        while true {
            due += .seconds(-log(Double.random(in: Double.leastNonzeroMagnitude..<1)) / rate)
            guard due < end else { break }
            try await Task.sleep(until: due, clock: .continuous)
            let member = members[Int.random(in: 0..<members.count)]
            do {
                try await act(Self.deed(), Visitor(connection: connection, token: member.token), member.channel, port)
            } catch {
                failures += 1
            }
            histogram.record(.now - due)
        }
        await connection.close()
        return (histogram, failures)
    }

    private static func deed() -> Deed {
        var share = Double.random(in: 0..<Deed.allCases.reduce(0) { $0 + $1.perMinute })
        return Deed.allCases.first { deed in
            share -= deed.perMinute
            return share < 0
        } ?? .read
    }

    private func act(_ deed: Deed, _ visitor: Visitor, _ channel: String, _ port: Int) async throws {
        switch deed {
        case .read: _ = try await visitor.fetch("/channels/\(channel)/messages?limit=50")
        case .acknowledge: try await visitor.send(.POST, "/channels/\(channel)/messages/ack")
        case .type: try await visitor.send(.POST, "/channels/\(channel)/typing")
        case .say:
            try await visitor.send(
                .POST, "/channels/\(channel)/messages", ["content": "something that people say to one another"])
        case .react:
            let newest = try await visitor.send(.GET, "/channels/\(channel)/messages?limit=1")
            guard let id = newest.array?.first?["id"]?.string else { return }
            try await visitor.send(.PUT, "/channels/\(channel)/messages/\(id)/reactions/%F0%9F%91%8D")
        case .comeOnline:
            let socket = try await GatewaySocket.connect(port: port, path: "/gateway")
            _ = try await socket.next()
            try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
            while try await socket.next()["t"] != "READY" {}
            await socket.disconnect()
        }
    }

    // MARK: People

    private func populate(_ size: Int, _ port: Int) async throws -> [Member] {
        try await withThrowingTaskGroup(of: [Member].self) { group in
            var members: [Member] = []
            for number in 0..<(size / Self.community) {
                // A few communities at a time.
                if number >= 8, let some = try await group.next() { members += some }
                group.addTask { try await community(number, port) }
            }
            for try await some in group { members += some }
            return members
        }
    }

    private func community(_ number: Int, _ port: Int) async throws -> [Member] {
        let owner = try await Visitor.register("p\(number)_0", on: port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var members = [Member(token: owner.token, channel: channel)]
        for index in 1..<Self.community {
            let visitor = try await Visitor.register("p\(number)_\(index)", on: port)
            try await visitor.send(.POST, "/channels/invites/\(code)")
            await visitor.connection.close()
            members.append(Member(token: visitor.token, channel: channel))
        }
        await owner.connection.close()
        return members
    }
}
