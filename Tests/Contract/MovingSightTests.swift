import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Whatever moderators do, each person hears of what they can read, and of nothing else.
@Suite("What is heard while sight changes")
struct MovingSightTests {
    private static let rights = [
        "channels.view", "messages.read", "threads.manage", "events.view", "administrator", "messages.send",
    ]

    /// Somebody, with what they know by what they were told.
    private final class Watcher {
        let person: Person
        private let listener: Listener
        private(set) var channels: Set<String> = []
        private(set) var events: Set<String> = []
        private(set) var messages: [String] = []
        private(set) var surprises: [String] = []

        init(_ person: Person) async throws {
            self.person = person
            listener = Listener(socket: try await GatewaySocket.open(port: person.server.port, path: "/gateway"))
            let server = try await listener.identify(token: person.token)["d"]?["servers"]?[0]
            channels = Set(server?["channels"]?.column("id") ?? [])
            events = Set(server?["scheduled_events"]?.column("id") ?? [])
        }

        /// Hears all that came until now.
        func catchUp(_ mark: String) async throws {
            try await person.does(.PATCH, "/users/@me", ["bio": .string(mark)])
            while true {
                let event = try await listener.next(op: 0)
                let (kind, data) = (event["t"]?.string ?? "", event["d"])
                if kind == "USER_UPDATE", data?["bio"]?.string == mark { return }
                note(kind, data?["id"]?.string ?? "", data?["content"]?.string ?? "")
            }
        }

        private func note(_ kind: String, _ id: String, _ content: String) {
            switch kind {
            case "CHANNEL_CREATE": if !channels.insert(id).inserted { surprises.append("\(kind) \(id)") }
            case "CHANNEL_DELETE": if channels.remove(id) == nil { surprises.append("\(kind) \(id)") }
            case "CHANNEL_UPDATE": if !channels.contains(id) { surprises.append("\(kind) \(id)") }
            case "GUILD_SCHEDULED_EVENT_CREATE", "GUILD_SCHEDULED_EVENT_UPDATE": events.insert(id)
            case "GUILD_SCHEDULED_EVENT_DELETE": events.remove(id)
            case "MESSAGE_CREATE": messages.append(content)
            default: break
            }
        }
    }

    /// A server in which somebody moderates at random.
    private struct Moderator {
        let nest: Community
        let people: [Person]
        let everyone: String
        let random: SeededRandomness
        var roles: [String] = []
        var categories: [String] = []
        var channels: [String] = []
        var doneCount = 0

        private func pick<Element>(_ elements: [Element]) -> Element? {
            elements.isEmpty ? nil : elements[Int(random.next() % UInt64(elements.count))]
        }

        /// Each with a chance of one in three.
        private func rights() -> [String] { MovingSightTests.rights.filter { _ in random.next() % 3 == 0 } }

        private mutating func attempt(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> JSON? {
            let reply = try await nest.owner.send(method, path, body)
            guard (200..<300).contains(reply.status) else { return nil }
            doneCount += 1
            return reply.json
        }

        /// Roles that many have, and places for them to count in: else most acts would concern nobody.
        mutating func prepare() async throws {
            for _ in 0..<4 {
                let role = try await nest.owner.makesRole("role", in: nest, rights().filter { $0 != "administrator" })
                for person in people where random.next() % 3 == 0 {
                    try await nest.owner.gives(role, to: person, in: nest)
                }
                roles.append(role)
                channels.append(
                    try await nest.owner.does(.POST, "/servers/\(nest.id)/channels", ["name": "room"]).text("id"))
            }
        }

        mutating func act() async throws {
            let server = "/servers/\(nest.id)"
            switch random.next() % 14 {
            case 0:
                let made = try await attempt(.POST, server + "/roles", ["name": "role", "permissions": permissions()])
                if let id = made?["id"]?.string { roles.append(id) }
            case 1, 2:
                guard let role = pick(roles + [everyone, everyone]) else { return }
                _ = try await attempt(.PATCH, "\(server)/roles/\(role)", ["permissions": permissions()])
            case 3:
                guard let role = pick(roles) else { return }
                roles.removeAll { $0 == role }
                _ = try await attempt(.DELETE, "\(server)/roles/\(role)")
            case 4, 5:
                guard let role = pick(roles), let person = pick(people) else { return }
                let method: HTTPMethod = random.next() % 3 == 0 ? .DELETE : .PUT
                _ = try await attempt(method, "\(server)/members/\(person.id)/roles/\(role)")
            case 6:
                let type = pick(["text", "text", "voice", "category"]) ?? "text"
                var draft: [String: JSON] = ["name": "room", "type": .string(type)]
                if type != "category", let category = pick(categories) { draft["category_id"] = .string(category) }
                guard let id = try await attempt(.POST, server + "/channels", .object(draft))?["id"]?.string else {
                    return
                }
                if type == "category" { categories.append(id) } else { channels.append(id) }
            case 7:
                guard let channel = pick(channels + categories), channel != nest.general else { return }
                channels.removeAll { $0 == channel }
                categories.removeAll { $0 == channel }
                _ = try await attempt(.DELETE, "/channels/\(channel)")
            case 8, 9, 10, 11: try await overwrite()
            case 12:
                guard let channel = pick(channels) else { return }
                let category = pick(categories).map(JSON.string) ?? .null
                _ = try await attempt(.PATCH, "/channels/\(channel)", ["category_id": category])
            default:
                let start = nest.owner.server.clock.now().seconds + 86_400
                var draft: [String: JSON] = ["name": "party", "starts_at": .integer(start)]
                if let channel = pick(channels), random.next() % 2 == 0 {
                    draft.merge(["entity_type": "text", "channel_id": .string(channel)]) { $1 }
                } else {
                    draft.merge(["entity_type": "external", "location": "here", "ends_at": .integer(start + 60)]) { $1 }
                }
                _ = try await attempt(.POST, server + "/events", .object(draft))
            }
        }

        private func permissions() -> JSON {
            let chosen = rights().filter { $0 != "administrator" || random.next() % 3 == 0 }
            return .object(Dictionary(MovingSightTests.rights.map { ($0, JSON.bool(chosen.contains($0))) }) { $1 })
        }

        private mutating func overwrite() async throws {
            guard let channel = pick(channels + categories) else { return }
            let isOfRole = random.next() % 4 != 0
            guard let subject = isOfRole ? pick(roles + [everyone, everyone]) : pick(people.map(\.id)) else { return }
            let path = "/channels/\(channel)/overwrites/\(subject)"
            if random.next() % 5 == 0 {
                _ = try await attempt(.DELETE, path)
                return
            }
            let allowed = rights().filter { $0 != "administrator" }
            let denied = rights().filter { $0 != "administrator" && !allowed.contains($0) }
            _ = try await attempt(
                .PUT, path,
                [
                    "type": isOfRole ? "role" : "member", "allow": .array(allowed.map(JSON.string)),
                    "deny": .array(denied.map(JSON.string)),
                ])
        }
    }

    @Test("each hears of what they can read, and of nothing else, whatever is done", arguments: DatabaseKind.allCases)
    func heard(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("moving sight seed \(seed)")
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            // So many that most of them are told as all but a few.
            var people = [alice]
            for number in 0..<19 {
                people.append(try await server.person("person\(number)"))
                try await people[number + 1].joins(nest)
            }
            var watchers: [Watcher] = []
            for person in people { watchers.append(try await Watcher(person)) }
            var moderator = Moderator(
                nest: nest, people: people, everyone: try await alice.everyoneRole(of: nest),
                random: SeededRandomness(seed: seed), channels: [nest.general])
            try await moderator.prepare()
            for round in 0..<(kind == .sqlite ? 12 : 6) {
                for _ in 0..<5 { try await moderator.act() }
                var said: [String: String] = [:]
                for channel in moderator.channels {
                    let word = "\(round) in \(channel)"
                    let reply = try await alice.send(
                        .POST, "/channels/\(channel)/messages", ["content": .string(word)])
                    if reply.status < 300 { said[channel] = word }
                }
                for watcher in watchers {
                    try await watcher.catchUp("round \(round)")
                    try await Self.check(watcher, in: nest, said)
                }
            }
            #expect(moderator.doneCount > 10)
        }
    }

    private static func check(_ watcher: Watcher, in nest: Community, _ said: [String: String]) async throws {
        let person = watcher.person
        let channels = try await person.does(.GET, "/servers/\(nest.id)/channels").column("id")
        try #require(watcher.channels == Set(channels), "\(person.name)")
        let events = try await person.send(.GET, "/servers/\(nest.id)/events")
        try #require(watcher.events == Set(events.status == 200 ? events.json.column("id") : []), "\(person.name)")
        for (channel, word) in said {
            let reads = try await person.send(.GET, "/channels/\(channel)/messages?limit=1").status == 200
            try #require(watcher.messages.count { $0 == word } == (reads ? 1 : 0), "\(person.name): \(word)")
        }
        try #require(watcher.surprises == [], "\(person.name)")
    }
}
