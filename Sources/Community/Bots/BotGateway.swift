import Database
import Features
import Kernel
import People

/// How a bot connects to the gateway.
package struct BotGateway: Sendable {
    let url: String
    let shards: Int
    let limit: SessionStartLimit

    struct SessionStartLimit: Sendable {
        /// In a day.
        let total: Int
        let remaining: Int
        let reset: Duration
        let maximumConcurrency: Int
    }

    /// Into how many sessions a bot does well to divide its servers: they don't spread quite evenly, and more come, so
    /// each begins with two fifths of what it may have.
    package static func shards(for servers: Int, atMost maximum: Int) -> Int {
        guard servers > maximum else { return 1 }
        let each = max(1, maximum * 2 / 5)
        return (servers + each - 1) / each
    }
}

extension BotGateway: JSONObjectEncodable {
    package static let shape = JSONShape<BotGateway>(
        "BotGateway", .field("url", \.url), .field("shards", \.shards), .field("session_start_limit", \.limit))
}

extension BotGateway.SessionStartLimit: JSONObjectEncodable {
    static let shape = JSONShape<BotGateway.SessionStartLimit>(
        "SessionStartLimit",
        .field("total", \.total), .field("remaining", \.remaining),
        .field("reset_after") { $0.reset.wholeMilliseconds },
        .field("max_concurrency", \.maximumConcurrency))
}

extension Bots {
    /// - Parameter origin: where the request went, such as `https://chat.example.org`.
    func gateway(from origin: String, for caller: Caller) async throws -> BotGateway {
        guard caller.isBot else { throw APIError(.permissionDenied) }
        let configuration = parts.configuration
        let own = "ws\(origin.dropFirst("http".count))/gateway"
        return try await parts.database.read { tx in
            let starts = try ApplicationStore.starts(of: caller.user, tx)
            let total = configuration.sessionStartsPerDay
            return BotGateway(
                url: configuration.gatewayURL.isEmpty ? own : configuration.gatewayURL,
                shards: BotGateway.shards(
                    for: try ServerStore.count(of: caller.user, tx), atMost: configuration.serversPerShard),
                limit: BotGateway.SessionStartLimit(
                    total: total, remaining: starts.remaining(of: total, at: tx.now), reset: starts.reset(at: tx.now),
                    maximumConcurrency: configuration.maximumConcurrency))
        }
    }
}
