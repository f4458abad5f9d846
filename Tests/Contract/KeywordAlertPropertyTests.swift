import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Who is told of which words, held against a model while people change what they wait for and what they see.
@Suite("Keyword alerts, at random")
struct KeywordAlertPropertyTests {
    private static let words = ["apple", "pear", "会議", "c++", "Straße"]
    private static let path = "/users/@me/keyword-alerts"

    private struct Pair: Hashable {
        let person: String
        let other: String
    }

    private struct Said {
        let id: String
        let author: String
        let channel: String
        let words: Set<String>
        let named: String?
    }

    /// The definition: the first message in a minute and channel that has a word one waits for, that one may read, and that
    /// tells one nothing already.
    private struct Model {
        var waiting: [String: Set<String>] = [:]
        var excluded: Set<Pair> = []
        var muted: Set<Pair> = []
        var blocked: Set<Pair> = []
        var hidden: Set<String> = []
        var last: [Pair: Int] = [:]
        var told: [String: [Said]] = [:]
        var now = 0

        mutating func hears(_ said: Said, _ person: String, isOwner: Bool) {
            let place = Pair(person: person, other: said.channel)
            guard person != said.author, said.named != person, !said.words.isDisjoint(with: waiting[person] ?? []),
                !excluded.contains(place), !muted.contains(place), isOwner || !hidden.contains(said.channel),
                !blocked.contains(Pair(person: person, other: said.author)),
                !blocked.contains(Pair(person: said.author, other: person)),
                last[place].map({ now >= $0 + 60 }) ?? true
            else { return }
            last[place] = now
            told[person, default: []].append(said)
        }
    }

    @Test("who is told of a word is who the definition says", .byChance, arguments: DatabaseKind.allCases)
    func telling(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await ReceiptTests.with(kind) { scene in
            var random = SplitMix(seed: seed)
            let (alice, people) = (scene.alice, [scene.alice, scene.bob, scene.carol, scene.dave])
            let everyone = try await alice.everyoneRole(of: scene.nest)
            var channels = [scene.nest.general]
            for name in ["second", "third"] { channels.append(try await alice.opensChannel(name, in: scene.nest)) }
            var model = Model()
            for round in 0..<10 {
                for _ in 0..<4 {
                    let person = people.randomElement(using: &random) ?? alice
                    let channel = channels.randomElement(using: &random) ?? scene.nest.general
                    let other = people.filter { $0.id != person.id }.randomElement(using: &random) ?? alice
                    try await Self.change(&model, person, other, channel, everyone, by: alice, &random)
                }
                for _ in 0..<6 {
                    let channel = channels.randomElement(using: &random) ?? scene.nest.general
                    let author =
                        people.filter { $0.id == alice.id || !model.hidden.contains(channel) }
                        .randomElement(using: &random) ?? alice
                    let words = Self.words.shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random))
                    let named = Int.random(in: 0..<5, using: &random) == 0 ? people.randomElement(using: &random) : nil
                    let text = (["so:"] + words + [named.map { "<@\($0.id)>" } ?? "."]).joined(separator: " ")
                    let id = try await author.says(text, in: channel).text("id")
                    let said = Said(
                        id: id, author: author.id, channel: channel, words: Set(words), named: named?.id)
                    for person in people { model.hears(said, person.id, isOwner: person.id == alice.id) }
                }
                for _ in 0..<2 { try await scene.server.doesDueWork() }
                for person in people {
                    let inbox = try await person.does(.GET, "/users/@me/notifications?limit=100").array ?? []
                    // Of several places at once one or the other comes first.
                    let told = inbox.filter { $0["type"] == "keyword" }.compactMap { $0["message_id"]?.string }
                    let expected = (model.told[person.id] ?? []).map(\.id)
                    #expect(told.sorted() == expected.sorted(), "seed \(seed), round \(round), \(person.name)")
                }
                let pause = [1, 20, 61].randomElement(using: &random) ?? 61
                model.now += pause
                scene.server.clock.advance(by: .seconds(pause))
            }
        }
    }

    /// One of the things that decide who is told, on the server and in the model.
    private static func change(
        _ model: inout Model, _ person: Person, _ other: Person, _ channel: String, _ everyone: String,
        by owner: Person, _ random: inout SplitMix
    ) async throws {
        let place = Pair(person: person.id, other: channel)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            model.waiting[person.id] = Set(words.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random)))
            try await wait(model, person)
        case 2:
            model.excluded.formSymmetricDifference([place])
            try await wait(model, person)
        case 3 where person.id == owner.id || !model.hidden.contains(channel):
            model.muted.formSymmetricDifference([place])
            try await person.does(
                .PUT, "/users/@me/notification-settings/channels/\(channel)",
                ["muted_until": model.muted.contains(place) ? .integer(253_402_300_799) : .null])
        case 4:
            let pair = Pair(person: person.id, other: other.id)
            model.blocked.formSymmetricDifference([pair])
            if model.blocked.contains(pair) {
                try await person.does(.POST, "/relationships/block", ["user_id": .string(other.id)])
                model.told[person.id]?.removeAll { $0.author == other.id }
            } else {
                try await person.does(.DELETE, "/relationships/\(other.id)")
            }
        default:
            model.hidden.formSymmetricDifference([channel])
            if model.hidden.contains(channel) {
                try await owner.sets(everyone, "role", in: channel, deny: ["channels.view"])
                // What one was told of a place goes with the sight of it.
                for user in model.told.keys where user != owner.id {
                    model.told[user]?.removeAll { $0.channel == channel }
                }
            } else {
                try await owner.does(.DELETE, "/channels/\(channel)/overwrites/\(everyone)")
            }
        }
    }

    private static func wait(_ model: Model, _ person: Person) async throws {
        try await person.does(
            .PUT, path,
            [
                "keywords": .array((model.waiting[person.id] ?? []).sorted().map(JSON.string)),
                "exclude_channel_ids": .array(
                    model.excluded.filter { $0.person == person.id }.map(\.other).map(JSON.string)),
            ])
    }
}
