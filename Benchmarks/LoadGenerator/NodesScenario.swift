import Bus
import Client
import Crowds
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers
import NIOHTTP1
import TestPrograms

/// Two nodes on one PostgreSQL: how long a word takes from one to the other, and a message from a request to one to a socket of the
/// other one, and what they read for it. By PostgreSQL and by NATS in turn.
struct NodesScenario: Sendable {
    /// What a word weighs, and how many are sent in a second.
    private static let word_bytes = 200
    private static let wordsPerSecond = 200.0
    private static let fewMessagesPerSecond = 30.0
    private static let manyMessagesPerSecond = 500.0

    let program: String
    let machine: PostgreSQLMachine

    // MARK: Words

    func words(seconds: Double, rounds: Int) async throws -> [Figure] {
        let database = try machine.makeDatabase()
        defer { database.remove() }
        return try await NATSServer.with { nats in
            let seal = BusSeal(secret: [1])
            var words: [[Histogram]] = []
            for _ in 0..<rounds {
                words.append([
                    try await self.words(seconds) { try PostgreSQLBus(url: database.url, seal: seal, logger: .silent) },
                    try await self.words(seconds) {
                        NATSBus(try NATSPlace(nats.url), instance: "bench", seal: seal, logger: .silent)
                    },
                ])
            }
            return ["PostgreSQL", "NATS"].enumerated().map { index, way in
                Self.figure(
                    "word of 200 bytes from node to node by \(way), 200/s", words.map { $0[index] })
            }
        }
    }

    private func words(_ seconds: Double, _ make: () throws -> any MessageBus) async throws -> Histogram {
        let (speaker, listener) = (try make(), try make())
        let begin = ContinuousClock.now
        let heard = NIOLockedValueBox(Histogram())
        listener.subscribe(to: .transient) { news in
            guard case .message(let message) = news else { return }
            // The first eight bytes say when it was sent.
            let sentAt_ns = message.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
            heard.withLockedValue { $0.record(.now - (begin + .nanoseconds(sentAt_ns))) }
        }
        speaker.start()
        listener.start()
        try await eventually { speaker.broken.isEmpty && listener.broken.isEmpty }
        let first = ContinuousClock.now
        let count = Int(seconds * Self.wordsPerSecond)
        for number in 0..<count {
            try await Task.sleep(until: first + .seconds(Double(number) / Self.wordsPerSecond), tolerance: .zero)
            let passed = (ContinuousClock.now - begin).components
            let now_ns = passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000
            let stamp = (0..<8).map { UInt8(truncatingIfNeeded: now_ns >> (56 - 8 * $0)) }
            speaker.publish(stamp + [UInt8](repeating: 0, count: Self.word_bytes - 8), to: .transient)
        }
        try await eventually { heard.withLockedValue { $0.count } == count }
        await speaker.close()
        await listener.close()
        return heard.withLockedValue { $0 }
    }

    // MARK: Messages

    private struct Delivery {
        let few: Histogram
        let many: Histogram
        let manySinceAnswer: Histogram
        let manySent: Double
        let rowsRead: Double
        /// By the nodes to follow the log, and not by what tidies it up once a minute.
        let eventsRead: Double
    }

    func deliveries(seconds: Double, rounds: Int) async throws -> [Figure] {
        try await NATSServer.with { nats in
            var deliveries: [[Delivery]] = []
            for _ in 0..<rounds {
                deliveries.append([
                    try await self.delivery(seconds, bus: ""), try await self.delivery(seconds, bus: nats.url),
                ])
            }
            return ["PostgreSQL", "NATS"].enumerated().flatMap { index, way in
                let rounds = deliveries.map { $0[index] }
                // By NATS events are handed over.
                let followed: Figure.Target? = way == "NATS" ? .atMost(0.01) : nil
                return [
                    Self.figure(
                        "message from a node to a socket of another one by \(way), 30/s", rounds.map(\.few),
                        target: .atMost(10), longest: .atMost(50)),
                    Self.figure(
                        "the same, 500/s wanted, \(rounds.map(\.manySent).median.short)/s sent", rounds.map(\.many)),
                    Self.figure(
                        "from the answer to the socket by \(way), 500/s wanted", rounds.map(\.manySinceAnswer),
                        target: .atMost(8), longest: .atMost(40)),
                    Figure(
                        "rows read from the event log for each message by \(way)", rounds.map(\.rowsRead).median,
                        "rows",
                        note:
                            "by both nodes, of which one has a socket that hears it; upkeep reads 500 a minute besides",
                        further: [("to follow the log", rounds.map(\.eventsRead).median, "rows", followed)]),
                ]
            }
        }
    }

    private func delivery(_ seconds: Double, bus: String) async throws -> Delivery {
        let database = try machine.makeDatabase()
        defer { database.remove() }
        var nodes: [(server: RunningServer, metrics: Int)] = []
        defer { for node in nodes { node.server.discard() } }
        for _ in 0..<2 {
            let metrics = RunningServer.freePort()
            let server = try await RunningServer.start(
                program: program, database: database.url,
                environment: [
                    "AVIARY_BUS_URL": bus, "AVIARY_MEDIA_SHARED_FOLDER": "true", "AVIARY_METRICS_ENABLED": "true",
                    "AVIARY_METRICS_PORT": String(metrics),
                ])
            nodes.append((server, metrics))
        }
        let (first, second) = (nodes[0].server, nodes[1].server)
        let senders = try await Senders.make(32, .channelForAll, on: first.port)
        let hearer = try await Hearer.connect(senders.members[1].visitor, port: second.port)
        _ = try await senders.pace(Self.fewMessagesPerSecond, seconds: 2, note: hearer.note)
        _ = try await hearer.latencies()
        let rows = try await database.eventsRead()
        let followed = try await Self.eventsFollowed(nodes.map { $0.metrics })
        let few = try await senders.pace(Self.fewMessagesPerSecond, seconds: seconds, note: hearer.note)
        let fewLatencies = try await hearer.latencies()
        let begin = ContinuousClock.now
        let many = try await senders.pace(Self.manyMessagesPerSecond, seconds: seconds, note: hearer.note)
        let rate = Double(many.sent) / (ContinuousClock.now - begin).inSeconds
        let manyLatencies = try await hearer.latencies()
        let rowsRead = try await database.eventsRead() - rows
        let eventsRead = try await Self.eventsFollowed(nodes.map { $0.metrics }) - followed
        await hearer.close()
        await senders.close()
        let count = max(Double(few.sent + many.sent), 1)
        return Delivery(
            few: fewLatencies.sinceRequest, many: manyLatencies.sinceRequest,
            manySinceAnswer: manyLatencies.sinceAnswer, manySent: rate,
            rowsRead: rowsRead / count, eventsRead: eventsRead / count)
    }

    /// How many events nodes have read from the log since they started, by their own count.
    private static func eventsFollowed(_ ports: [Int]) async throws -> Double {
        var count = 0.0
        for port in ports {
            let connection = try await HTTPConnection.connect(port: port)
            let text = try await connection.send(.GET, "/metrics").text
            await connection.close()
            let line = text.split(separator: "\n").first { $0.hasPrefix(#"aviary_log_events_total{way="read"}"#) }
            count += line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
        }
        return count
    }

    /// - Parameter longest: the target of the 99th percentile.
    private static func figure(
        _ name: String, _ rounds: [Histogram], target: Figure.Target? = nil, longest: Figure.Target? = nil
    ) -> Figure {
        let median = { (share: Double) in rounds.map { $0.percentile_ms(share) }.median }
        return Figure(
            name, median(0.5), "ms", target: target,
            note: "p50; longest \((Double(rounds.map(\.maximum_us).max() ?? 0) / 1000).short) ms",
            further: [("p99", median(0.99), "ms", longest)])
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension Logger {
    fileprivate static let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
}
