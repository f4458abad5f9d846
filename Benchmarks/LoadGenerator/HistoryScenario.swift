import Client
import Crowds
import Foundation
import Kernel
import NIOHTTP1

/// What may not grow with what has been said: the same database with more and more messages, in several scripts.
struct HistoryScenario {
    let program: String
    let database: String

    private static let channelCount = 20
    /// So many one after the other are in the same channel.
    private static let stretch = 20_000
    private static let firstMessage: Int64 = 100_000_000

    /// Words, made of a script's letters, are as frequent as in a text (Zipf's law).
    private struct Vocabulary {
        let words: [String]

        init(_ letters: String, _ count: Int, _ length: ClosedRange<Int>, _ random: inout SystemRandomNumberGenerator) {
            let letters = Array(letters)
            words = (0..<count).map { _ in
                String(
                    (0..<Int.random(in: length, using: &random)).map { _ in
                        letters[Int.random(in: 0..<letters.count, using: &random)]
                    })
            }
        }

        func word(_ random: inout SystemRandomNumberGenerator) -> String {
            let rank = pow(Double(words.count), Double.random(in: 0..<1, using: &random))
            return words[min(Int(rank), words.count - 1)]
        }
    }

    /// Of a Latin, a Cyrillic and two Japanese ways of writing.
    private static func vocabularies(_ random: inout SystemRandomNumberGenerator) -> [Vocabulary] {
        [
            Vocabulary("etaoinshrdlcumwfgypbvk", 30_000, 2...10, &random),
            Vocabulary("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф", 20_000, 2...10, &random),
            Vocabulary(
                "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨", 20_000, 2...6,
                &random),
            Vocabulary("あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん", 10_000, 2...5, &random),
        ]
    }

    /// - Parameters:
    ///   - sizes: messages, fewer ones first.
    ///   - queries: searches and jumps; other things are asked a tenth as often.
    func measure(sizes: [Int], queries: Int) async throws -> [Figure] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let population = Population(database: database, folder: folder)
        var random = SystemRandomNumberGenerator()
        let vocabularies = Self.vocabularies(&random)
        let first = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let owner = try await Visitor.register("owner", on: first.port)
        let channels = try await Self.channels(of: owner)
        await first.stop()
        var figures: [Figure] = []
        var (count, written) = (0, Duration.zero)
        for size in sizes {
            let start = ContinuousClock.now
            while count < size {
                let texts = (0..<min(Self.stretch, size - count)).map { _ in
                    Self.text(vocabularies[max(0, Int.random(in: -2..<4, using: &random))], &random)
                }
                try await population.addMessages(
                    texts, first: Self.firstMessage + Int64(count),
                    in: Int64(channels[count / Self.stretch % channels.count]) ?? 0, by: 1)
                count += texts.count
            }
            written = ContinuousClock.now - start
            let running = try await RunningServer.start(program: program, database: population.address, folder: folder)
            let indexing = try await self.indexing(population)
            let visitor = Visitor(connection: try await HTTPConnection.connect(port: running.port), token: owner.token)
            figures += [
                figure("cold start", size, Double(running.startTime.wholeMilliseconds), target: .atMost(60)),
                figure(
                    "indexing of all that is new", size, indexing / .milliseconds(1),
                    note: "written in \((written / .seconds(1)).short) s"),
            ]
            figures += try await everyday(size, visitor, channels, queries / 10, on: running.port)
            figures += try await looking(size, visitor, channels, vocabularies, queries, &random)
            await running.stop()
        }
        return figures
    }

    private static func channels(of owner: Visitor) async throws -> [String] {
        let made = try await owner.send(.POST, "/servers", ["name": "Talk"])
        var channels = [made["default_channel_id"]?.string ?? ""]
        let path = "/servers/\(made["id"]?.string ?? "")/channels"
        for index in 1..<channelCount {
            channels.append(try await owner.send(.POST, path, ["name": .string("c\(index)")])["id"]?.string ?? "")
        }
        return channels
    }

    private static func text(_ vocabulary: Vocabulary, _ random: inout SystemRandomNumberGenerator) -> String {
        (0..<Int.random(in: 3...14, using: &random)).map { _ in vocabulary.word(&random) }.joined(separator: " ")
    }

    /// How long it takes until everything can be found.
    private func indexing(_ population: Population) async throws -> Duration {
        let start = ContinuousClock.now
        // The database may be locked by the one who works on it.
        while (try? await population.queueLength()) != 0 { try await Task.sleep(for: .milliseconds(500)) }
        return ContinuousClock.now - start
    }

    // MARK: Figures

    private func figure(
        _ what: String, _ size: Int, _ value_ms: Double, target: Figure.Target? = nil, note: String = ""
    ) -> Figure { Figure(what, with: size, "messages", value_ms, "ms", target: target, note: note) }

    private static func timed(_ times: inout Histogram, _ body: () async throws -> Void) async rethrows {
        let start = ContinuousClock.now
        try await body()
        times.record(ContinuousClock.now - start)
    }

    private func everyday(
        _ size: Int, _ visitor: Visitor, _ channels: [String], _ rounds: Int, on port: Int
    ) async throws -> [Figure] {
        var (sends, lists, unread, ready) = (Histogram(), Histogram(), Histogram(), Histogram())
        for index in 0..<rounds {
            let channel = channels[index % channels.count]
            try await Self.timed(&sends) {
                try await visitor.send(.POST, "/channels/\(channel)/messages", ["content": "and so on"])
            }
            try await Self.timed(&lists) { _ = try await visitor.fetch("/channels/\(channel)/messages?limit=50") }
            try await Self.timed(&unread) { _ = try await visitor.fetch("/users/@me/unread") }
            try await Self.timed(&ready) {
                let socket = try await GatewaySocket.connect(port: port, path: "/gateway")
                _ = try await socket.next()
                try await socket.send(["op": 2, "d": ["token": .string(visitor.token)]])
                while try await socket.next()["t"] != "READY" {}
                await socket.disconnect()
            }
        }
        return [
            figure("send", size, sends.percentile_ms(0.5)), figure("list of 50", size, lists.percentile_ms(0.5)),
            figure("unread of everything", size, unread.percentile_ms(0.5)),
            figure("READY", size, ready.percentile_ms(0.5)),
        ]
    }

    private func looking(
        _ size: Int, _ visitor: Visitor, _ channels: [String], _ vocabularies: [Vocabulary], _ queries: Int,
        _ random: inout SystemRandomNumberGenerator
    ) async throws -> [Figure] {
        var (jumps, everywhere, inChannel) = (Histogram(), Histogram(), Histogram())
        for index in 0..<queries {
            let place = Int.random(in: 0..<size, using: &random)
            let channel = channels[place / Self.stretch % channels.count]
            let word = vocabularies[index % vocabularies.count].word(&random)
            let length = Int.random(in: min(2, word.count)...word.count, using: &random)
            let term = String(word.prefix(length)).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            try await Self.timed(&jumps) {
                let message = Self.firstMessage + Int64(place)
                _ = try await visitor.fetch("/channels/\(channel)/messages?around=\(message)&limit=50")
            }
            try await Self.timed(&everywhere) { _ = try await visitor.fetch("/search/messages?q=\(term)") }
            try await Self.timed(&inChannel) {
                _ = try await visitor.fetch("/channels/\(channel)/messages/search?content=\(term)")
            }
        }
        func tail(_ what: String, _ times: Histogram, _ target: Figure.Target) -> Figure {
            figure(
                "\(what), p99", size, times.percentile_ms(0.99), target: target,
                note: "p50 \(times.percentile_ms(0.5)) ms, longest \(Double(times.maximum_us) / 1000) ms")
        }
        let target = Figure.Target.atMost(size > 1_000_000 ? 60 : 15)
        return [
            tail("jump to an old message", jumps, .atMost(100)), tail("search everywhere", everywhere, target),
            tail("search in a channel", inChannel, target),
        ]
    }
}
