import Client
import Crowds
import Kernel
import NIOHTTP1

/// What it costs those who send that a hundred people watch: each waits for fifty words, one of which is in every message, and
/// gives receipts for what they read. The same people on the same server in turn, watching and not.
struct WatchedScenario: Sendable {
    private static let watchers = 100
    private static let keywords = 50

    private let requests: RequestScenario
    private let readers: [Visitor]

    static func prepare(_ server: RunningServer) async throws -> WatchedScenario {
        let requests = try await RequestScenario.prepare(server)
        let code = try await requests.visitors[0].invite(to: requests.channel)
        var readers: [Visitor] = []
        for number in requests.visitors.count..<watchers {
            let reader = try await Visitor.register("bench\(number)", on: server.port)
            try await reader.send(.POST, "/channels/invites/\(code)")
            readers.append(reader)
        }
        return WatchedScenario(requests: requests, readers: readers)
    }

    func measure(seconds: Double, rounds: Int) async throws -> Figure {
        var (alone, watched): ([Double], [Double]) = ([], [])
        for _ in 0..<rounds {
            try await watch(false)
            alone.append(try await sends(seconds))
            try await watch(true)
            watched.append(try await sends(seconds))
        }
        return Figure(
            "sends, 64 connections, watched by 100", watched.median / alone.median * 100, "%", target: .atLeast(95),
            note: "of those unwatched; \(alone.median.short) and \(watched.median.short) requests/s",
            further: [("notifications", Double(try await told()), "people", .atLeast(99))])
    }

    private func watch(_ isOn: Bool) async throws {
        let words = ["usual"] + (1..<Self.keywords).map { "unheard\($0)" }
        for visitor in requests.visitors + readers {
            try await visitor.send(
                .PUT, "/users/@me/keyword-alerts", ["keywords": .array(isOn ? words.map(JSON.string) : [])])
        }
        try await requests.visitors[0].send(.PATCH, "/channels/\(requests.channel)", ["read_receipts": .bool(isOn)])
    }

    /// Requests in a second, while the others acknowledge once a second what they see.
    private func sends(_ seconds: Double) async throws -> Double {
        let channel = requests.channel
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in readers {
                group.addTask {
                    while !Task.isCancelled {
                        try await reader.send(.POST, "/channels/\(channel)/messages/ack")
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
            }
            let rate = try await requests.run(64, seconds) { visitor in
                try await visitor.send(
                    .POST, "/channels/\(channel)/messages", ["content": .string(RequestScenario.text)])
            }.rate
            group.cancelAll()
            return rate
        }
    }

    /// How many of the people were told of their word.
    private func told() async throws -> Int {
        var count = 0
        for visitor in requests.visitors + readers {
            let told = try await visitor.send(.GET, "/users/@me/notifications?limit=1").array ?? []
            count += told.contains { $0["type"] == "keyword" } ? 1 : 0
        }
        return count
    }
}
