import Client
import Kernel
import NIOHTTP1

/// Somebody who wants something done: asks where they are at home, and elsewhere when nothing good comes of it.
actor Caller {
    private let token: String
    private let endpoints: [Endpoint]
    private let ledger: Ledger
    private var connections: [Int: HTTPConnection] = [:]
    /// Where there was no good answer lately.
    private var avoided: [Int: ContinuousClock.Instant] = [:]
    /// When it was last left open whether something was done: it may still be, once a node or a connection thaws.
    private(set) var lastDoubt: ContinuousClock.Instant?

    /// - Parameter endpoints: the first is where they are at home.
    init(token: String, endpoints: [Endpoint], ledger: Ledger) {
        self.token = token
        self.endpoints = endpoints
        self.ledger = ledger
    }

    /// Asks until somebody answers with less than 500: what a good client does with what may be done twice.
    func insist(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async -> HTTPReply {
        while true {
            let begin = ContinuousClock.now
            let index = endpoints.indices.first { avoided[$0].map { $0 < .now } ?? true } ?? 0
            let reply = await ask(index, method, path, body)
            if let reply, reply.status < 500 { return reply }
            avoided[index] = .now + .seconds(1)
            // What was refused at once is not done.
            if reply == nil || .now - begin > .seconds(2) { lastDoubt = .now }
            // Not all of them a thousand times a second when all are away.
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func ask(_ index: Int, _ method: HTTPMethod, _ path: String, _ body: JSON?) async -> HTTPReply? {
        let endpoint = endpoints[index]
        do {
            let connection: HTTPConnection
            if let open = connections[index] {
                connection = open
            } else {
                connection = try await endpoint.connect()
                connections[index] = connection
            }
            let reply = try await connection.send(method, path, body, as: token)
            if reply.status >= 500 { await ledger.fail(reply.status, at: endpoint.place) }
            return reply
        } catch {
            // An answer that comes too late would be taken for the next one's.
            await connections.removeValue(forKey: index)?.close()
            return nil
        }
    }

    func hangUp() async {
        for connection in connections.values { await connection.close() }
        connections = [:]
    }
}
