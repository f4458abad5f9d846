import Chat
import Client
import Events
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("The AsyncAPI document")
struct AsyncAPITests {
    private let root = AsyncAPIDocument.shared.root

    /// Every object of the document, with the way to it.
    private func objects(in value: JSON, at place: String = "#") -> [(place: String, members: [String: JSON])] {
        switch value {
        case .object(let members):
            [(place, members)] + members.flatMap { objects(in: $1, at: "\(place)/\($0)") }
        case .array(let elements): elements.enumerated().flatMap { objects(in: $1, at: "\(place)/\($0)") }
        default: []
        }
    }

    /// What a reference leads to (RFC 6901).
    private func target(of reference: String) -> JSON? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(root) { $0?[String($1)] }
    }

    @Test("every reference leads somewhere")
    func references() {
        let references = objects(in: root).compactMap { place, members in
            members["$ref"]?.string.map { (place, $0) }
        }
        #expect(references.count > 200)
        for (place, reference) in references { #expect(target(of: reference) != nil, "\(place): \(reference)") }
    }

    @Test("it is AsyncAPI 3: a channel has messages, operations send and receive them, a message has a payload")
    func structure() throws {
        #expect(root["asyncapi"] == "3.0.0")
        #expect(root["info"]?["title"]?.string != nil && root["info"]?["version"]?.string != nil)
        for server in (root["servers"]?.object ?? [:]).values {
            #expect(server["host"]?.string != nil && server["protocol"]?.string != nil)
        }
        let allowed: Set = [
            "asyncapi", "info", "servers", "defaultContentType", "channels", "operations", "components",
        ]
        #expect(
            Set((root["operations"]?.object ?? [:]).values.compactMap { $0["action"]?.string }) == ["send", "receive"])
        #expect(Set((root.object ?? [:]).keys) == allowed)
        let channel = try #require(root["channels"]?["gateway"])
        #expect(channel["address"] == "/gateway")
        let messages = try #require(root["components"]?["messages"]?.object)
        #expect(Set((channel["messages"]?.object ?? [:]).keys) == Set(messages.keys))
        for (name, message) in messages {
            #expect(message["payload"]?["properties"]?["op"] != nil, "\(name)")
            #expect(message["name"]?.string != nil && message["summary"]?.string != nil, "\(name)")
            #expect(
                name.utf8.allSatisfy {
                    $0 == 0x2E || $0 == 0x5F || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                })
        }
        var mentioned: [String] = []
        for operation in (root["operations"]?.object ?? [:]).values {
            #expect(operation["channel"]?["$ref"] == "#/channels/gateway")
            mentioned += (operation["messages"]?.array ?? []).compactMap { $0["$ref"]?.string }
        }
        // Each is sent or taken, and none is both.
        #expect(mentioned.sorted() == messages.keys.map { "#/channels/gateway/messages/\($0)" }.sorted())
    }

    @Test("an event is declared once")
    func once() {
        let names = Instance.events.map(\.name.rawValue)
        #expect(names.count == Set(names).count)
        #expect(names.filter { $0.hasPrefix("_") } == [])
    }

    @Test("a server shows its own", arguments: DatabaseKind.allCases)
    func served(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let document = try await server.send(.GET, "//asyncapi.json")
            #expect(document.headers["content-type"].first?.hasPrefix("application/json") == true)
            #expect(document.json == AsyncAPIDocument.shared.root)
        }
    }

    @Test("a frame with a field, an event or a type that is not declared is found")
    func strict() throws {
        let frame = { (name: String, data: JSON) -> JSON in
            .object(["op": 0, "t": .string(name), "s": 1, "d": data])
        }
        let document = AsyncAPIDocument.shared
        try document.check(frame("GUILD_DELETE", ["id": "1"]))
        #expect(throws: SchemaMismatch.self) { try document.check(frame("GUILD_DELETE", ["id": "1", "name": "Nest"])) }
        #expect(throws: SchemaMismatch.self) { try document.check(frame("GUILD_DELETE", ["id": 1])) }
        #expect(throws: SchemaMismatch.self) { try document.check(frame("GUILD_DELETE", [:])) }
        #expect(throws: SchemaMismatch.self) { try document.check(frame("GUILD_GONE", ["id": "1"])) }
        #expect(throws: SchemaMismatch.self) { try document.check(["op": 11, "d": 3]) }
    }
}
