import Bus
import Client
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestPrograms

/// Two nodes on one PostgreSQL: how long a word takes from one to the other, and a message from a request to one to a socket of the
/// other one. By PostgreSQL and by NATS in turn.
struct NodesScenario: Sendable {
    /// What a word weighs, and how many are sent in a second.
    private static let word_bytes = 200
    private static let wordsPerSecond = 200.0
    private static let messagesPerSecond = 30.0

    let program: String
    /// On PostgreSQL.
    let database: String

    func measure(seconds: Double, rounds: Int) async throws -> [Figure] {
        try await NATSServer.with { nats in
            var (words, messages) = ([[Histogram]](), [[Histogram]]())
            for _ in 0..<rounds {
                words.append([
                    try await self.words(seconds) { try PostgreSQLBus(url: database, logger: .silent) },
                    try await self.words(seconds) {
                        NATSBus(try NATSPlace(nats.url), instance: "bench", logger: .silent)
                    },
                ])
                messages.append([
                    try await self.messages(seconds, bus: ""), try await self.messages(seconds, bus: nats.url),
                ])
            }
            var figures: [Figure] = []
            for (index, way) in ["PostgreSQL", "NATS"].enumerated() {
                figures.append(
                    Self.figure("word of 200 bytes from node to node by \(way), 200/s", words.map { $0[index] }, nil))
                figures.append(
                    Self.figure(
                        "message from a node to a socket of another one by \(way), 30/s", messages.map { $0[index] },
                        .atMost(10)))
            }
            return figures
        }
    }

    private static func figure(_ name: String, _ rounds: [Histogram], _ target: Figure.Target?) -> Figure {
        let median = { (share: Double) in rounds.map { $0.percentile_ms(share) }.median }
        let longest = Double(rounds.map(\.maximum_us).max() ?? 0) / 1000
        return Figure(
            "\(name): p50", median(0.5), "ms", target: target,
            note: "p99 \(median(0.99).short) ms, longest \(longest.short) ms")
    }

    /// Does something so many times a second.
    private static func pace(
        _ seconds: Double, _ perSecond: Double, _ body: (Int) async throws -> Void
    ) async throws {
        let begin = ContinuousClock.now
        for number in 0..<Int(seconds * perSecond) {
            try await Task.sleep(until: begin + .seconds(Double(number) / perSecond), tolerance: .zero)
            try await body(number)
        }
    }

    // MARK: Words

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
        try await Self.pace(seconds, Self.wordsPerSecond) { _ in
            let passed = (ContinuousClock.now - begin).components
            let now_ns = passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000
            let stamp = (0..<8).map { UInt8(truncatingIfNeeded: now_ns >> (56 - 8 * $0)) }
            speaker.publish(stamp + [UInt8](repeating: 0, count: Self.word_bytes - 8), to: .transient)
        }
        let count = Int(seconds * Self.wordsPerSecond)
        try await eventually { heard.withLockedValue { $0.count } == count }
        await speaker.close()
        await listener.close()
        return heard.withLockedValue { $0 }
    }

    // MARK: Messages

    private func messages(_ seconds: Double, bus: String) async throws -> Histogram {
        let settings = ["AVIARY_BUS_URL": bus, "AVIARY_MEDIA_SHARED_FOLDER": "true"]
        let first = try await RunningServer.start(program: program, database: database, environment: settings)
        let second = try await RunningServer.start(program: program, database: database, environment: settings)
        do {
            let result = try await messages(seconds, from: first, to: second)
            for server in [first, second] { await server.stop() }
            return result
        } catch {
            for server in [first, second] { await server.stop() }
            throw error
        }
    }

    private func messages(
        _ seconds: Double, from first: RunningServer, to second: RunningServer
    ) async throws -> Histogram {
        // The database stays for the rounds that follow.
        let writer = try await Visitor.register(
            "nodes" + String(UInt32.random(in: 0 ... .max), radix: 36), on: first.port)
        let channel = try await writer.foundServer()
        let socket = try await GatewaySocket.connect(port: second.port)
        _ = try await socket.next()
        try await socket.send(["op": 2, "d": ["token": .string(writer.token)]])
        while try await socket.next()["t"] != "READY" {}
        socket.beat(every: .seconds(20))
        let count = Int(seconds * Self.messagesPerSecond)
        let sent = NIOLockedValueBox<[String: ContinuousClock.Instant]>([:])
        async let heard: Histogram = {
            var heard = Histogram()
            while heard.count < count {
                let event = try await socket.next()
                guard event["t"] == "MESSAGE_CREATE", let text = event["d"]?["content"]?.string,
                    let sentAt = sent.withLockedValue({ $0[text] })
                else { continue }
                heard.record(.now - sentAt)
            }
            return heard
        }()
        try await Self.pace(seconds, Self.messagesPerSecond) { number in
            let text = "message \(number)"
            sent.withLockedValue { $0[text] = .now }
            try await writer.send(.POST, "/channels/\(channel)/messages", ["content": .string(text)])
        }
        let result = try await heard
        await socket.disconnect()
        await writer.connection.close()
        return result
    }
}

extension Logger {
    fileprivate static let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
}
