import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// What is counted of threads and who hears of private ones, held against a model while people do one thing after the other.
@Suite("Threads, at random")
struct ThreadPropertyTests {
    @Test("what is counted is what is there", .byChance, arguments: DatabaseKind.allCases)
    func counts(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await PrivateThreadTests.with(kind) { scene in
            var random = SplitMix(seed: seed)
            let people = [scene.alice, scene.bob, scene.carol, scene.dave]
            for person in people.dropFirst(2) { try await scene.bob.does(.PUT, "\(scene.members)/\(person.id)") }
            let other = try await scene.bob.does(.POST, scene.threads, ["name": "open"]).text("id")
            var said: [String: [(id: String, at: Int64)]] = [:]
            for round in 0..<40 {
                let thread = [scene.thread, other].randomElement(using: &random) ?? other
                let messages = "/channels/\(thread)/messages"
                switch Int.random(in: 0..<8, using: &random) {
                case 0...3:
                    let author = people.randomElement(using: &random) ?? scene.bob
                    let message = try await author.says("words \(round)", in: thread)
                    said[thread, default: []].append(
                        (try message.text("id"), message["created_at"]?.integer ?? 0))
                    scene.server.clock.advance(by: .seconds(1))
                case 4:
                    guard let gone = said[thread]?.randomElement(using: &random) else { continue }
                    try await scene.alice.does(.DELETE, "\(messages)/\(gone.id)")
                    said[thread]?.removeAll { $0.id == gone.id }
                case 5:
                    let gone = Set((said[thread] ?? []).shuffled(using: &random).prefix(3).map(\.id))
                    guard gone.count > 1 else { continue }
                    try await scene.alice.does(
                        .POST, "\(messages)/bulk-delete", ["message_ids": .array(gone.map(JSON.string) + ["1"])])
                    said[thread]?.removeAll { gone.contains($0.id) }
                case 6:
                    // At once, from several sides.
                    try await withThrowingTaskGroup(of: JSON.self) { group in
                        for person in people {
                            group.addTask { try await person.says("all together", in: thread) }
                        }
                        for try await message in group {
                            said[thread, default: []].append(
                                (try message.text("id"), message["created_at"]?.integer ?? 0))
                        }
                    }
                    scene.server.clock.advance(by: .seconds(1))
                default:
                    try await scene.alice.does(.PATCH, "/threads/\(thread)", ["archived": true])
                }
                for thread in [scene.thread, other] {
                    let state = try await scene.alice.does(.GET, "/threads/\(thread)")["thread"]
                    let left = said[thread] ?? []
                    #expect(state?["message_count"]?.integer == Int64(left.count), "seed \(seed), round \(round)")
                    #expect(
                        state?["last_message_at"]?.integer == left.map(\.at).max(), "seed \(seed), round \(round)")
                    let members = try await scene.alice.does(.GET, "/threads/\(thread)/members").count
                    #expect(state?["member_count"]?.integer == Int64(members), "seed \(seed), round \(round)")
                }
            }
        }
    }

    @Test(
        "everybody hears what is said while they see it, and later what they still see", .byChance,
        arguments: DatabaseKind.allCases)
    func hearing(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await PrivateThreadTests.with(kind) { scene in
            var random = SplitMix(seed: seed)
            let (alice, nest) = (scene.alice, scene.nest)
            let people = [scene.carol, scene.dave]
            let manager = try await alice.makesRole("manager", in: nest, ["threads.manage"])
            let reader = try await alice.makesRole("reader", in: nest)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.sets(reader, "role", in: nest.general, allow: ["channels.view", "messages.read"])
            var (members, managers, readers, hidden): (Set<String>, Set<String>, Set<String>, Bool) = (
                [], [], [], false
            )
            var listeners: [String: Listener] = [:]
            var absences: [String: Absence] = [:]
            for person in people {
                listeners[person.id] = try await person.listens()
                absences[person.id] = try await person.goesAway()
            }
            var heard: [String: [String]] = [:]
            func sees(_ person: Person) -> Bool {
                (!hidden || readers.contains(person.id))
                    && (members.contains(person.id) || managers.contains(person.id))
            }
            for round in 0..<30 {
                let person = people.randomElement(using: &random) ?? scene.carol
                let member = "/servers/\(nest.id)/members/\(person.id)"
                switch Int.random(in: 0..<6, using: &random) {
                case 0 where !hidden || readers.contains(person.id):
                    try await alice.does(.PUT, "\(scene.members)/\(person.id)")
                    members.insert(person.id)
                case 1:
                    try await alice.does(.DELETE, "\(scene.members)/\(person.id)")
                    members.remove(person.id)
                case 2: managers.formSymmetricDifference([person.id])
                case 3: readers.formSymmetricDifference([person.id])
                case 4:
                    hidden.toggle()
                    if hidden {
                        try await alice.sets(everyone, "role", in: nest.general, deny: ["channels.view"])
                    } else {
                        try await alice.does(.DELETE, "/channels/\(nest.general)/overwrites/\(everyone)")
                    }
                default: break
                }
                let roles = [(manager, managers), (reader, readers)].filter { $0.1.contains(person.id) }.map(\.0)
                try await alice.does(.PATCH, member, ["roles": .array(roles.map(JSON.string))])
                try await alice.does(.PATCH, scene.path, ["name": .string("n\(round)")])
                try await alice.says("s\(round)", in: scene.thread)
                for each in people {
                    let isSeen = sees(each)
                    #expect(
                        try await each.outcome(.GET, scene.path) == (isSeen ? "200" : "403 Access denied"),
                        "seed \(seed), round \(round)")
                    if isSeen { heard[each.id, default: []].append("s\(round)") }
                }
            }
            for person in people {
                let talk = try await alice.conversation(with: person)
                try await alice.says("the end", in: talk)
                var live: [String] = []
                while let event = try await listeners[person.id]?.next(op: 0) {
                    if event["d"]?["content"] == "the end" { break }
                    if event["t"] == "MESSAGE_CREATE" { live.append(event["d"]?["content"]?.string ?? "") }
                }
                #expect(live == heard[person.id] ?? [], "seed \(seed)")
                guard let absence = absences[person.id] else { continue }
                let back = try await person.returns(from: absence)
                let replayed = back.data(of: "MESSAGE_CREATE").compactMap { $0["content"]?.string }.filter {
                    $0 != "the end"
                }
                #expect(replayed == (sees(person) ? heard[person.id] ?? [] : []), "seed \(seed)")
                if !sees(person) { #expect(back.data(of: "THREAD_UPDATE") == [], "seed \(seed)") }
            }
        }
    }
}
