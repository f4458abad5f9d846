import Client
import HTTPTypes
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import WebAPI

@testable import Chat

/// The routes that the program declares, by `METHOD /path`.
enum DeclaredRoutes {
    static func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.path)" }

    /// All that change something.
    static let changing = Instance.documentedRoutes.filter { $0.method != .get && $0.isDocumented }

    /// Those of them that can touch a server or what is in it.
    static let changingServers = Set(
        changing.filter { route in
            [
                "/servers", "/channels", "/threads", "/polls", "/webhooks", "/avatars/servers", "/media/upload",
                "/admin/servers",
            ]
            .contains { route.path == $0 || route.path.hasPrefix($0 + "/") }
        }.map(name))
}

/// One request, to the route that its owner names.
struct Deed: Sendable {
    let path: String
    var body: JSON?
    /// The field of a form that has a file, the other fields, and which of the samples it is.
    var form: (field: String, fields: [String: String], sample: String)?

    init(_ path: String, _ body: JSON? = nil) {
        self.path = path
        self.body = body
    }

    static func picture(_ path: String, field: String, _ fields: [String: String] = [:]) -> Deed {
        var deed = Deed(path)
        deed.form = (field, fields, "drawing.png")
        return deed
    }

    static func sound(_ path: String, field: String, _ fields: [String: String] = [:]) -> Deed {
        var deed = Deed(path)
        deed.form = (field, fields, "voice.ogg")
        return deed
    }

    /// Whether a route such as `POST /servers/{server_id}/roles` is meant.
    func belongs(to route: String) -> Bool {
        let template = route.split(separator: " ")[1].split(separator: "/")
        let segments = path.prefix { $0 != "?" }.split(separator: "/")
        return template.count == segments.count
            && zip(template, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

extension Person {
    func does(_ deed: Deed, at route: String) async throws -> HTTPReply {
        guard let form = deed.form else {
            let method = HTTPMethod(rawValue: String(route.prefix { $0 != " " }))
            return try await send(method, deed.path, deed.body)
        }
        return try await sends(
            try await SampleFiles.bytes(form.sample), named: form.sample, to: deed.path, field: form.field,
            form.fields)
    }
}

/// A server of Alice's with all kinds of things in it. Bob has every right but that of an administrator, Carol and Dave are
/// members.
struct StockedServer: Sendable {
    static let thumb = "%F0%9F%91%8D"

    let server: TestServer
    let alice: Person
    let bob: Person
    let carol: Person
    let dave: Person
    let nest: Community
    /// Bob's role, and one below it.
    let powers: String
    let role: String

    var path: String { "/servers/\(nest.id)" }
    var general: String { "/channels/\(nest.general)" }

    static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (StockedServer) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let others = [
                try await server.person("bob"), try await server.person("carol"), try await server.person("dave"),
            ]
            let nest = try await alice.foundsServer()
            for person in others { try await person.joins(nest) }
            let rights = Permission.allCases.filter { $0 != .administrator }.map(\.rawValue)
            let powers = try await alice.makesRole("powers", in: nest, rights)
            let role = try await alice.makesRole("birds", in: nest)
            try await alice.gives(powers, to: others[0], in: nest)
            try await body(
                StockedServer(
                    server: server, alice: alice, bob: others[0], carol: others[1], dave: others[2], nest: nest,
                    powers: powers, role: role))
        }
    }

    func member(_ person: Person) -> String { "\(path)/members/\(person.id)" }

    /// A message of somebody, as a path.
    func message(of person: Person) async throws -> String {
        "\(general)/messages/\(try await person.says("words", in: nest.general).text("id"))"
    }

    func poll(of person: Person) async throws -> String {
        let draft: JSON = [
            "channel_id": .string(nest.general), "question": "Why?", "options": ["a", "b"], "duration_hours": 1,
        ]
        return "/polls/\(try await person.does(.POST, "/polls", draft).text("id"))"
    }

    func thread(of person: Person) async throws -> String {
        try await person.does(.POST, "\(general)/threads", ["name": "beside"]).text("id")
    }

    func webhook(of person: Person) async throws -> JSON {
        try await person.does(.POST, "/webhooks", ["channel_id": .string(nest.general), "name": "hook"])
    }
}
