import Database
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@testable import Bus

@Suite("The bus")
struct PostgreSQLBusTests {
    // MARK: Parts of messages

    @Test(
        "a message of any length comes as it was",
        arguments: [1, 2, 5699, 5700, 5701, 11_400, 100_000, BusFragments.maximum_bytes])
    func lengths(count: Int) {
        let words = BusFragments.words(for: sample(count), "transient", as: "a.1")
        #expect(words.allSatisfy { $0.utf8.count < 8000 })
        var fragments = BusFragments()
        let came = words.compactMap { fragments.add($0) }
        #expect(came.map(\.message) == [sample(count)] && came[0].title == "transient")
    }

    @Test("what is longer is not sent")
    func tooLong() {
        #expect(BusFragments.words(for: sample(BusFragments.maximum_bytes + 1), "transient", as: "a.1") == [])
    }

    @Test("messages of several nodes come through each other; a part that is lost loses one message")
    func mixed() {
        let (one, two) = (sample(20_000), sample(15_000))
        let ones = BusFragments.words(for: one, "transient", as: "a.1")
        let twos = BusFragments.words(for: two, "transient", as: "b.1")
        var fragments = BusFragments()
        var came: [[UInt8]] = []
        for index in 0..<max(ones.count, twos.count) {
            for words in [ones, twos] where words.indices.contains(index) {
                if let message = fragments.add(words[index])?.message { came.append(message) }
            }
        }
        #expect(Set(came) == [one, two])
        for word in ones.dropFirst() { #expect(fragments.add(word) == nil) }
        for word in ones.dropLast() { #expect(fragments.add(word) == nil) }
        #expect(twos.compactMap { fragments.add($0)?.message } == [two])
    }

    @Test("nonsense is no message, and fills nothing")
    func nonsense() {
        var fragments = BusFragments()
        for word in [
            "transient a", "transient a 0 1", "transient a x 1 AA", "transient a 1 1 AA", "transient a -1 2 AA",
            "transient a 0 0 AA", "transient a 0 99999999 AA", "transient a 0 1 !", "  ", "transient a 0 1 AA more",
        ] {
            #expect(fragments.add(word) == nil, "\(word)")
        }
        // Somebody who sends beginnings only.
        let piece = Base64URL.encode(sample(5700))
        for number in 0..<1000 { #expect(fragments.add("transient a.\(number) 0 2 \(piece)") == nil) }
        #expect(fragments.add("transient a.999 1 2 AA")?.message.count == 5701)
        #expect(fragments.add("transient a.0 1 2 AA") == nil)
        // Names weigh something, too.
        for number in 0..<1000 { #expect(fragments.add("transient b.\(number) 0 2 ") == nil) }
        #expect(fragments.add("transient b.0 1 2 AA") == nil)
        #expect(fragments.add("transient \(String(repeating: "b", count: 41)) 0 1 AA") == nil)
    }

    // MARK: Over PostgreSQL

    @Test("each node hears what the others send, by its subject and in order")
    func nodes() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let nodes = try (0..<3).map { _ in
                BusListener(try PostgreSQLBus(url: place.address, seal: .test, logger: .silent))
            }
            for node in nodes { try await node.connects() }
            let sent = [1, 30_000, 7, 6000].map(sample)
            for message in sent { nodes[0].bus.publish(message, to: .transient) }
            nodes[0].bus.publish([], to: .log)
            for node in nodes.dropFirst() {
                try await eventually { node.messages.count == sent.count && node.signs.withLockedValue { $0 } == 1 }
                #expect(node.messages == sent)
            }
            #expect(nodes[0].messages == [] && nodes[0].signs.withLockedValue { $0 } == 0)
            for node in nodes { await node.bus.close() }
        }
    }
}
