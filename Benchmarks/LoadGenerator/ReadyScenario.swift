import Client
import Crowds
import Dispatch
import Foundation
import Glibc
import Kernel
import NIOHTTP1
import Receiver
import Synchronization

/// People who are in many servers connect: IDENTIFY, and READY with all that they see there.
struct ReadyScenario {
    private static let serverCount = 50
    private static let channelCount = 8
    private static let roleCount = 4
    /// Each may have five connections.
    private static let peopleCount = 40
    private static let connecting = 4

    private let server: RunningServer
    private let people: [Visitor]

    static func prepare(_ server: RunningServer) async throws -> ReadyScenario {
        var people: [Visitor] = []
        for number in 0..<peopleCount { people.append(try await Visitor.register("person\(number)", on: server.port)) }
        for number in 0..<serverCount {
            let owner = people[number % peopleCount]
            let made = try await owner.send(.POST, "/servers", ["name": "Server"])
            let path = "/servers/\(made["id"]?.string ?? "")"
            // @everyone is one, and a new server has a category and a channel or more.
            for _ in 1..<roleCount { try await owner.send(.POST, path + "/roles", ["name": "role"]) }
            let first = try await owner.send(.GET, path + "/channels").array?.count ?? 0
            for _ in first..<max(first, channelCount) {
                try await owner.send(.POST, path + "/channels", ["name": "channel"])
            }
            let code = try await owner.invite(to: made["default_channel_id"]?.string ?? "")
            for person in people where person.token != owner.token {
                try await person.send(.POST, "/channels/invites/\(code)")
            }
        }
        return ReadyScenario(server: server, people: people)
    }

    func measure(rounds: Int) async throws -> [Figure] {
        var results: [(rate: Double, processor_us: Double)] = []
        for _ in 0...rounds { results.append(try await round()) }
        // In the first one the server reads for the first time.
        let result = results.dropFirst().sorted { $0.rate < $1.rate }[rounds / 2]
        return [
            Figure(
                "connect, IDENTIFY and READY, \(Self.serverCount) servers", result.rate, "READY/s",
                note: "\(Self.channelCount) channels and \(Self.roleCount) roles in each, \(Self.connecting) at a time",
                further: [("CPU of the server for each", result.processor_us, "µs", nil)])
        ]
    }

    private func round() async throws -> (rate: Double, processor_us: Double) {
        let count = Self.peopleCount * 4
        let before = try ProcessorTime.seconds(of: server.processID)
        let start = ContinuousClock.now
        let sessions = await connect(count)
        let time_s = (ContinuousClock.now - start) / .seconds(1)
        let spent_s = try ProcessorTime.seconds(of: server.processID) - before
        for session in sessions where session >= 0 { Glibc.close(session) }
        guard sessions.allSatisfy({ $0 >= 0 }) else { throw FanOutScenario.Failure.sessionRefused }
        // Until the server has noticed, they count as connected.
        try await Task.sleep(for: .seconds(1))
        return (Double(count) / time_s, spent_s * 1_000_000 / Double(count))
    }

    /// On threads of their own, since each waits for its answer.
    private func connect(_ count: Int) async -> [Int32] {
        let sessions = Mutex<[Int32]>([])
        await withCheckedContinuation { continuation in
            let all = DispatchGroup()
            for part in 0..<Self.connecting {
                let tokens = stride(from: part, to: count, by: Self.connecting).map { index in
                    people[index % Self.peopleCount].token
                }
                let port = Int32(server.port)
                all.enter()
                Thread.detachNewThread {
                    let opened = tokens.map { receiver_open_session(port, $0) }
                    sessions.withLock { $0 += opened }
                    all.leave()
                }
            }
            all.notify(queue: .global()) { continuation.resume() }
        }
        return sessions.withLock { $0 }
    }
}
