import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// What any route can answer, whatever it does. Each of these goes through all of them.
@Suite("Statuses that all routes have in common")
struct CommonStatusTests {
    private static let maker = RequestMaker(document: .shared, values: [:])

    /// Requests to all routes, with bodies that have what they must.
    private static func each(_ body: (Operation, RequestMaker.Request) async throws -> Void) async throws {
        for operation in OpenAPIDocument.shared.operations {
            try await body(operation, maker.request(operation, operation.bodies[0], [:]))
        }
    }

    @Test("401: nobody gets in without a login, or with one that there is not", arguments: DatabaseKind.allCases)
    func unauthenticated(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            try await Self.each { operation, request in
                guard operation.needsLogin else { return }
                let stranger = try await server.send(operation.method, request.path, request.body)
                #expect(stranger.outcome == "401 Authentication required", "\(operation.name)")
                let liar = try await server.send(operation.method, request.path, request.body, token: "nobody")
                #expect(liar.outcome == "401 Invalid token", "\(operation.name)")
            }
        }
    }

    @Test("405: a method that a path does not have", arguments: DatabaseKind.allCases)
    func wrongMethods(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let byPath = Dictionary(grouping: server.document.operations, by: \.path)
            for (path, operations) in byPath {
                let there = Set(operations.map(\.method.rawValue))
                // TRACE is no route's; what is not in the document may still be of a part that is not there.
                for method: HTTPMethod in [.TRACE, .PUT, .PATCH] where !there.contains(method.rawValue) {
                    let reply = try await server.send(method, Self.maker.request(operations[0], nil, [:]).path)
                    #expect(reply.outcome == "405 Method not allowed", "\(method) \(path)")
                }
            }
        }
    }

    @Test("413: a body that is too large", arguments: DatabaseKind.allCases)
    func tooLarge(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            try await Self.each { operation, request in
                guard operation.bodies[0] != nil else { return }
                // What others write for a webhook may be longer.
                let length = operation.path.hasPrefix("/webhooks/{webhook_id}/{token}") ? 1_100_000 : 300_000
                let large = [UInt8](repeating: UInt8(ascii: " "), count: length)
                let reply = try await server.send(operation.method, request.path, bytes: large, token: root.token)
                #expect(reply.outcome == "413 Request too large", "\(operation.name)")
            }
        }
    }

    @Test("426: a client that is too old", arguments: DatabaseKind.allCases)
    func outdated(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            try await Self.each { operation, request in
                let reply = try await server.send(
                    operation.method, request.path, request.body, headers: ["x-client-version": "a.0.9-1"])
                #expect(reply.status == 426, "\(operation.name): \(reply.outcome)")
            }
        }
    }

    @Test("429: too many requests", arguments: DatabaseKind.allCases)
    func tooMany(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limiting.enabled": "true"]) { server in
            while try await server.send(.GET, "/nowhere").status != 429 {}
            var passed: [String] = []
            try await Self.each { operation, request in
                let reply = try await server.send(operation.method, request.path, request.body)
                if reply.status != 429 { passed.append(operation.name) }
            }
            #expect(passed == Self.uncounted)
        }
    }

    @Test("500 and 503: a bug, and a database that is not there", arguments: DatabaseKind.allCases)
    func faults(kind: DatabaseKind) async throws {
        struct Bug: Error {}
        try await TestServer.with(kind) { server in
            // Nothing is known of the token yet, so everyone who shows it is looked up.
            let alice = try await server.person("alice")
            for (fault, outcome) in [
                (Bug() as any Error, "500 Internal server error"),
                (DatabaseError.unavailable("gone"), "503 Service unavailable"),
            ] {
                try await server.statements.failing(with: fault) {
                    try await Self.each { operation, request in
                        let reply = try await alice.send(operation.method, request.path, request.body)
                        let isOutcome = reply.outcome == outcome
                        #expect(isOutcome || !operation.needsLogin, "\(operation.name): \(reply.outcome)")
                        #expect(
                            isOutcome || reply.status < 500 || reply.status == 503,
                            "\(operation.name): \(reply.outcome)")
                    }
                }
            }
            #expect(try await alice.outcome(.GET, "/users/@me") == "200")
        }
    }

    @Test("503: a maintenance", arguments: DatabaseKind.allCases)
    func maintenance(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, root) = (try await server.person("alice"), try await server.administrator())
            try await root.does(.POST, "/admin/maintenance", [:])
            var passed: [String] = []
            try await Self.each { operation, request in
                // They end the login that the others are asked with.
                guard !["/auth/logout", "/auth/refresh"].contains(operation.path) else { return }
                let reply = try await alice.send(operation.method, request.path, request.body)
                if reply.outcome != "503 Service unavailable" { passed.append(operation.name) }
            }
            #expect(passed == Self.openInMaintenance)
        }
    }

    /// Files have buckets of their own, monitoring has none.
    private static let uncounted = [
        "GET /avatars/servers/{server_id}", "GET /avatars/users/{user_id}", "GET /banners/users/{user_id}",
        "GET /channels/{channel_id}/messages/export/{job_id}/download", "GET /health",
        "GET /media/attachments/{attachment_id}/{filename}", "GET /media/emojis/{emoji_id}",
        "GET /media/events/{event_id}", "GET /media/previews/{picture_key}", "GET /media/sounds/{sound_id}",
        "GET /media/stickers/{sticker_id}",
        "GET /ready", "GET /servers/{server_id}/events/{event_id}/calendar.ics",
        "GET /users/@me/data-export/{export_id}/download",
    ]

    /// What clients ask first, and how administrators get in.
    private static let openInMaintenance = [
        "POST /auth/2fa", "POST /auth/login", "POST /auth/oauth/{provider}/callback",
        "GET /auth/oauth/{provider}/login", "POST /auth/passkeys/authenticate",
        "POST /auth/passkeys/options/authenticate", "GET /auth/password-requirements", "GET /capabilities",
        "GET /health", "GET /status", "GET /version", "POST /version/negotiate",
    ]
}
