import Client
import Kernel
import NIOHTTP1

/// A bot, with its token.
struct Bot: Sendable {
    let server: TestServer
    let application: String
    let id: String
    let token: String

    func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> HTTPReply {
        try await server.send(method, path, body, headers: ["authorization": "Bot \(token)"])
    }

    func outcome(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> String {
        try await send(method, path, body).outcome
    }

    /// Whether its token counts.
    func standing() async throws -> String { try await outcome(.GET, "/users/@me") }

    func listens(intents: Int64 = 1) async throws -> Listener {
        let listener = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
        try await listener.identify(token: token, ["intents": .integer(intents)])
        return listener
    }
}

extension Person {
    func makesBot(_ name: String? = nil, isPublic: Bool = false) async throws -> Bot {
        let application = try await does(.POST, "/applications", ["name": "App", "public": .bool(isPublic)]).text("id")
        let made = try await does(
            .POST, "/applications/\(application)/bot", name.map { ["username": .string($0)] } ?? [:])
        return Bot(
            server: server, application: application, id: try made.text("bot_id"), token: try made.text("token"))
    }

    /// Gives a bot of one's own another token.
    func renews(_ bot: Bot) async throws -> Bot {
        let token = try await does(.POST, "/applications/\(bot.application)/bot/token").text("token")
        return Bot(server: server, application: bot.application, id: bot.id, token: token)
    }

    func brings(_ bot: Bot, to community: Community) async throws {
        try await does(.PUT, "/servers/\(community.id)/bots/\(bot.application)")
    }
}
