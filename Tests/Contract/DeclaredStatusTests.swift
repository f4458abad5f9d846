import Chat
import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing
import WebAPI

/// What many routes declare for one reason. Each of these goes through all that do.
@Suite("Statuses that many routes have for one reason")
struct DeclaredStatusTests {
    private static let maker = RequestMaker(
        document: .shared,
        values: ["badge": "verified", "tier": "standard", "status": "resolved", "action": "dismissed"])

    /// What is called like something else that takes other words.
    private static let needed: [String: [RequestField: JSON]] = [
        "PUT /admin/discovery/{server_id}": [.body(["status"]): "listed"]
    ]

    private static func each(
        where isMeant: (Operation) -> Bool, _ body: (Operation, RequestMaker.Request) async throws -> Void
    ) async throws {
        for operation in OpenAPIDocument.shared.operations where isMeant(operation) {
            try await body(operation, maker.request(operation, operation.bodies[0], needed[operation.name] ?? [:]))
        }
    }

    private static func names(where isMeant: (Route) -> Bool) -> Set<String> {
        Set(Instance.documentedRoutes.filter { $0.isDocumented && isMeant($0) }.map(DeclaredRoutes.name))
    }

    @Test("403: what administrators alone may do", arguments: DatabaseKind.allCases)
    func administration(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let closed = Self.names { $0.access == .administrator }
            #expect(closed.count > 30)
            try await Self.each(where: { closed.contains($0.name) }) { operation, request in
                let reply = try await alice.send(operation.method, request.path, request.body)
                #expect(reply.outcome == "403 Admin access required", "\(operation.name)")
            }
        }
    }

    @Test("403: what people alone may do", arguments: DatabaseKind.allCases)
    func people(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let bot = try await server.person("alice").makesBot()
            let closed = Self.names(where: \.isForPeople)
            #expect(closed.count > 30)
            try await Self.each(where: { closed.contains($0.name) }) { operation, request in
                let outcome = try await bot.outcome(operation.method, request.path, request.body)
                #expect(outcome == "403 Permission denied", "\(operation.name)")
            }
        }
    }

    @Test("404: what administrators can do to nobody and nothing", arguments: DatabaseKind.allCases)
    func nothing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let closed = Self.names { $0.access == .administrator }
            var others: [String] = []
            let isMeant = { (operation: Operation) in
                closed.contains(operation.name) && !operation.pathNames.isEmpty && operation.statuses.contains("404")
            }
            try await Self.each(where: isMeant) { operation, request in
                let reply = try await root.send(operation.method, request.path, request.body)
                if reply.status != 404 { others.append("\(operation.name): \(reply.outcome)") }
            }
            #expect(others == [])
        }
    }

    @Test("400: what can't be read", arguments: DatabaseKind.allCases)
    func unreadable(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            var (tried, others): (Int, [String]) = (0, [])
            try await Self.each(where: { $0.statuses.contains("400") }) { operation, request in
                guard let (path, bytes) = Self.unreadable(operation, request) else { return }
                tried += 1
                let reply = try await server.send(operation.method, path, bytes: bytes, token: root.token)
                if reply.status != 400 { others.append("\(operation.name): \(reply.outcome)") }
            }
            #expect(tried > 150)
            #expect(others == [])
        }
    }

    /// A body that is no JSON, an id or a number that is none; nil for a request that always can be read.
    private static func unreadable(
        _ operation: Operation, _ request: RequestMaker.Request
    ) -> (path: String, bytes: [UInt8]?)? {
        if request.body != nil { return (request.path, Array("{".utf8)) }
        if let name = operation.pathNames.first(where: { $0.hasSuffix("id") }) {
            return (maker.request(operation, nil, [.path(name): "x"]).path, nil)
        }
        let strict = operation.query.first {
            ["integer", "boolean"].contains(maker.document.alternatives($0.schema)[0]["type"]?.string)
        }
        return strict.map { (maker.request(operation, nil, [.query($0.name): "x"]).path, nil) }
    }
}
