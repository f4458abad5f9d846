import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Hostile texts in every field")
struct HostileFieldTests {
    /// They would end the test's own login, or everybody's.
    private static let left = [
        "/auth/logout", "revoke-all", "/maintenance", "/auth/2fa", "password", "/leave", "shutdown", "restart",
    ]

    @Test(
        "no text in any field of any route ends the server, or is a fault of it", .byChance,
        arguments: DatabaseKind.allCases)
    func fields(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let nest = try await root.foundsServer()
            let message = try await root.says("hello", in: nest.general).text("id")
            let hook = try await root.does(.POST, "/webhooks", ["channel_id": .string(nest.general), "name": "w"])
            let poll = try await root.does(
                .POST, "/polls",
                ["channel_id": .string(nest.general), "question": "q", "options": ["a", "b"], "duration_hours": 1])
            let app = try await root.does(.POST, "/applications", ["name": "app"]).text("id")
            let bob = try await server.person("bob")
            try await bob.joins(nest)
            let maker = RequestMaker(
                document: server.document,
                values: [
                    "server_id": .string(nest.id), "channel_id": .string(nest.general), "message_id": .string(message),
                    "user_id": .string(bob.id), "recipient_id": .string(bob.id), "subject_id": .string(bob.id),
                    "id": .string(nest.general),
                    "webhook_id": .string(try hook.text("id")), "token": .string(try hook.text("token")),
                    "poll_id": .string(try poll.text("id")), "application_id": .string(app), "emoji": "👍",
                    "badge": "verified",
                    "key": "theme", "username": "somebody", "email": "somebody@example.org",
                    "{}": .string(nest.general),
                ])
            var hostile = HostileText(seed: seed)
            var sent = 0
            for operation in server.document.operations
            where !Self.left.contains(where: { operation.path.contains($0) }) {
                guard !(operation.method == .DELETE && operation.path == "/users/@me") else { continue }
                for body in operation.bodies {
                    let texts = maker.fields(operation, body) { $0["type"] == "string" && $0["enum"] == nil }
                    for field in texts + operation.pathNames.map(RequestField.path) {
                        // An id in a path is refused as a whole, so one try is enough.
                        if operation.method == .DELETE, case .path = field { continue }
                        for text in ["a\0b", hostile.text(), hostile.text()] {
                            let request = maker.request(operation, body, [field: .string(text)])
                            // A path can't be without an end.
                            guard request.path.utf8.count < 6000 else { continue }
                            let reply = try await root.send(operation.method, request.path, request.body)
                            sent += 1
                            #expect(
                                reply.status < 500 || reply.status == 503,
                                "seed \(seed): \(operation.name) \(field) \(text.debugDescription.prefix(200)): \(reply.outcome)"
                            )
                        }
                    }
                }
            }
            #expect(sent > 300)
            #expect(try await root.outcome(.GET, "/users/@me") == "200", "seed \(seed)")
            #expect(try await server.outcome(.GET, "/health") == "200")
        }
    }

    @Test("a file's name with an ending of many accents is cut, and the server lives", arguments: DatabaseKind.allCases)
    func filenames(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for ending in [
                "a" + String(repeating: "\u{301}", count: 300), String(repeating: "\u{1F468}\u{200D}", count: 200),
                "txt",
            ] {
                let name = "x." + ending
                let draft: JSON = ["filename": .string(name), "total_size": 5, "channel_id": .string(nest.general)]
                let upload = try await alice.does(.POST, "/media/upload/session", draft)
                let kept = try upload.text("filename")
                #expect(kept.unicodeScalars.count <= 255)
                let sent = try await alice.sends(
                    Array("hello".utf8), named: name, to: "/channels/\(nest.general)/attachments")
                #expect(sent.status == 201)
                #expect((sent.json["filename"]?.string ?? "").unicodeScalars.count <= 255)
            }
            #expect(try await server.outcome(.GET, "/health") == "200")
        }
    }
}
