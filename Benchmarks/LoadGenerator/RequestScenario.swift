import Client
import Crowds
import Kernel
import NIOHTTP1

/// Requests over connections that are kept alive, each with a user of its own, one after the other on each.
struct RequestScenario: Sendable {
    static let text = "A message of usual length, as people write them to one another all day long."

    let visitors: [Visitor]
    let channel: String
    /// The server's.
    let process: Int32

    static func prepare(_ server: RunningServer) async throws -> RequestScenario {
        let owner = try await Visitor.register("bench0", on: server.port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var visitors = [owner]
        for number in 1..<64 {
            let visitor = try await Visitor.register("bench\(number)", on: server.port)
            try await visitor.send(.POST, "/channels/invites/\(code)")
            visitors.append(visitor)
        }
        return RequestScenario(visitors: visitors, channel: channel, process: server.processID)
    }

    func sends(_ connections: Int, seconds: Double, rounds: Int) async throws -> Figure {
        let channel = channel
        let result = try await median(rounds) {
            try await run(connections, seconds) { visitor in
                try await visitor.send(.POST, "/channels/\(channel)/messages", ["content": .string(Self.text)])
            }
        }
        return Figure(
            "sends, \(connections) connection\(connections == 1 ? "" : "s")", result.rate, "requests/s",
            target: connections == 64 ? .atLeast(3500) : nil, note: result.latencies,
            further: connections == 64
                ? [
                    ("p99", result.histogram.percentile_ms(0.99), "ms", .below(40)),
                    ("CPU of the server for each", result.processor_us, "µs", nil),
                ] : [])
    }

    func lists(connections: Int, seconds: Double, rounds: Int) async throws -> Figure {
        let channel = channel
        for _ in 0..<60 {
            try await visitors[0].send(.POST, "/channels/\(channel)/messages", ["content": .string(Self.text)])
        }
        let result = try await median(rounds) {
            try await run(connections, seconds) { visitor in
                _ = try await visitor.fetch("/channels/\(channel)/messages?limit=50")
            }
        }
        return Figure(
            "list of 50, \(connections) connections", result.rate, "requests/s", target: .atLeast(5000),
            note: result.latencies, further: [("CPU of the server for each", result.processor_us, "µs", nil)])
    }

    /// What every request costs, and one that reads who asks.
    func smallest(connections: Int, seconds: Double, rounds: Int) async throws -> [Figure] {
        var figures: [Figure] = []
        for path in ["/version", "/users/@me"] {
            let result = try await median(rounds) {
                try await run(connections, seconds) { _ = try await $0.fetch(path) }
            }
            figures.append(
                Figure(
                    "GET \(path), \(connections) connections", result.rate, "requests/s", note: result.latencies,
                    further: [("CPU of the server for each", result.processor_us, "µs", nil)]))
        }
        return figures
    }

    struct Result {
        let rate: Double
        let histogram: Histogram
        /// The server's, for each request.
        let processor_us: Double

        var latencies: String {
            let values = [0.5, 0.95, 0.99].map { histogram.percentile_ms($0) }
            return
                "p50 \(values[0]) ms, p95 \(values[1]) ms, p99 \(values[2]) ms, longest \(Double(histogram.maximum_us) / 1000) ms"
        }
    }

    private func median(_ rounds: Int, _ round: () async throws -> Result) async throws -> Result {
        var results: [Result] = []
        for _ in 0..<rounds { results.append(try await round()) }
        return results.sorted { $0.rate < $1.rate }[rounds / 2]
    }

    /// A second to warm up, then what is counted.
    func run(
        _ connections: Int, _ seconds: Double, _ request: @escaping @Sendable (Visitor) async throws -> Void
    ) async throws -> Result {
        let begin = ContinuousClock.now + .seconds(1)
        let end = begin + .seconds(seconds)
        let process = process
        async let spent_s: Double = {
            try await Task.sleep(until: begin)
            let before = try ProcessorTime.seconds(of: process)
            try await Task.sleep(until: end)
            return try ProcessorTime.seconds(of: process) - before
        }()
        let histogram = try await withThrowingTaskGroup(of: Histogram.self) { group in
            for visitor in visitors.prefix(connections) {
                group.addTask {
                    var histogram = Histogram()
                    while true {
                        let start = ContinuousClock.now
                        if start >= end { return histogram }
                        try await request(visitor)
                        if start >= begin { histogram.record(.now - start) }
                    }
                }
            }
            return try await group.reduce(into: Histogram()) { $0.merge($1) }
        }
        return Result(
            rate: Double(histogram.count) / seconds, histogram: histogram,
            processor_us: try await spent_s * 1_000_000 / Double(max(1, histogram.count)))
    }
}

extension Visitor {
    /// A GET whose answer is taken, but not decoded: the generator shares the machine with the server.
    func fetch(_ path: String) async throws -> Int {
        let reply = try await connection.send(
            .GET, "/api/v1" + path, headers: ["authorization": "Bearer \(token)"])
        guard reply.status == 200 else { throw Refused(reply: reply.text) }
        return reply.body.count
    }
}
