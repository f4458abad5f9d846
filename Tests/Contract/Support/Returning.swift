import Client
import Kernel

/// A session whose connection broke.
struct Absence: Sendable {
    let person: Person
    let session: String
    /// The last `s` that was heard.
    let sequence: Int64
}

/// A session that was taken up again.
struct Return: Sendable {
    let listener: Listener
    /// What came before RESUMED.
    let events: [JSON]
    let resumed: JSON

    /// The names of the events, without those that go on beside everything else.
    var names: [String] {
        events.compactMap { $0["t"]?.string }.filter {
            !["PRESENCE_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"].contains($0)
        }
    }

    func data(of kind: String) -> [JSON] { events.filter { $0["t"]?.string == kind }.compactMap { $0["d"] } }

    /// Everything that came, as text.
    var text: String { events.map { String(decoding: $0.jsonBytes, as: UTF8.self) }.joined(separator: "\n") }

    var presences: [String: String] {
        let presences = resumed["d"]?["presences"]?.array ?? []
        return Dictionary(
            presences.map { ($0["user_id"]?.string ?? "", $0["status"]?.string ?? "") }, uniquingKeysWith: { $1 })
    }
}

extension Person {
    /// Opens a session, hears what there is up to READY, and loses the connection.
    func goesAway(_ options: [String: JSON] = [:]) async throws -> Absence {
        let listener = Listener(socket: try await GatewaySocket.open(port: server.port))
        let ready = try await listener.identify(token: token, options)
        await listener.socket.disconnect()
        return Absence(
            person: self, session: try (ready["d"] ?? .null).text("session_id"), sequence: ready["s"]?.integer ?? -1)
    }

    /// Asks to take a session up again, and hears nothing yet.
    func asksToReturn(from absence: Absence) async throws -> Listener {
        let listener = Listener(socket: try await GatewaySocket.open(port: server.port))
        _ = try await listener.next(op: 10)
        try await listener.socket.send([
            "op": 6,
            "d": [
                "token": .string(token), "session_id": .string(absence.session), "seq": .integer(absence.sequence),
            ],
        ])
        return listener
    }

    func returns(from absence: Absence) async throws -> Return {
        let listener = try await asksToReturn(from: absence)
        var events: [JSON] = []
        while true {
            let event = try await listener.next(op: 0)
            if event["t"] == "RESUMED" { return Return(listener: listener, events: events, resumed: event) }
            events.append(event)
        }
    }
}
