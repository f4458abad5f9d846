import Client
import Crowds
import Foundation
import Kernel
import NIOHTTP1

/// Searching among many messages in several scripts.
struct SearchScenario {
    let program: String
    let database: String
    let messages: Int

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

    func measure(queries: Int) async throws -> [Figure] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let population = Population(database: database, folder: folder)
        let first = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let owner = try await Visitor.register("owner", on: first.port)
        let made = try await owner.send(.POST, "/servers", ["name": "Talk"])
        var channels = [made["default_channel_id"]?.string ?? ""]
        let path = "/servers/\(made["id"]?.string ?? "")/channels"
        for index in 1..<20 {
            channels.append(try await owner.send(.POST, path, ["name": .string("c\(index)")])["id"]?.string ?? "")
        }
        await first.stop()
        var random = SystemRandomNumberGenerator()
        let vocabularies = [
            Vocabulary("etaoinshrdlcumwfgypbvk", 30_000, 2...10, &random),
            Vocabulary("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф", 20_000, 2...10, &random),
            Vocabulary(
                "日一国人年大十二本中長出三時行見月分後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨", 20_000, 2...6,
                &random),
            Vocabulary("あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん", 10_000, 2...5, &random),
        ]
        let start = ContinuousClock.now
        for begin in stride(from: 0, to: messages, by: 20_000) {
            let texts = (0..<min(20_000, messages - begin)).map { _ in
                let vocabulary = vocabularies[max(0, Int.random(in: -2..<4, using: &random))]
                return (0..<Int.random(in: 3...14, using: &random)).map { _ in vocabulary.word(&random) }
                    .joined(separator: " ")
            }
            let channel = channels[(begin / 20_000) % channels.count]
            try await population.addMessages(
                texts, first: 100_000_000 + Int64(begin), in: Int64(channel) ?? 0, by: 1)
        }
        let running = try await RunningServer.start(program: program, database: population.address, folder: folder)
        let filled = ContinuousClock.now
        // The database may be locked by the one who works on it.
        while (try? await population.queueLength()) != 0 { try await Task.sleep(for: .seconds(2)) }
        let indexed = ContinuousClock.now
        let visitor = Visitor(connection: try await HTTPConnection.connect(port: running.port), token: owner.token)
        var everywhere = Histogram()
        var inChannel = Histogram()
        for index in 0..<queries {
            let word = vocabularies[index % vocabularies.count].word(&random)
            let length = Int.random(in: min(2, word.count)...word.count, using: &random)
            let term = String(word.prefix(length)).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let began = ContinuousClock.now
            _ = try await visitor.fetch("/search/messages?q=\(term)")
            everywhere.record(ContinuousClock.now - began)
            let then = ContinuousClock.now
            _ = try await visitor.fetch("/channels/\(channels[index % channels.count])/messages/search?content=\(term)")
            inChannel.record(ContinuousClock.now - then)
        }
        await running.stop()
        let rate = Double(messages) / ((indexed - filled) / .seconds(1))
        let name = "search among \(messages.formatted()) messages"
        return [
            Figure(
                "\(name): everywhere, p99", everywhere.percentile_ms(0.99), "ms", target: .below(50),
                note: "p50 \(everywhere.percentile_ms(0.5)) ms, longest \(Double(everywhere.maximum_us) / 1000) ms"),
            Figure(
                "\(name): in a channel, p99", inChannel.percentile_ms(0.99), "ms", target: .below(50),
                note: "p50 \(inChannel.percentile_ms(0.5)) ms, longest \(Double(inChannel.maximum_us) / 1000) ms"),
            Figure(
                "\(name): indexing", rate.rounded(), "messages/s",
                note: "written in \(Int((filled - start) / .seconds(1))) s"),
        ]
    }
}
