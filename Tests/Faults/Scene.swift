import Client
import Kernel
import NIOCore
import NIOHTTP1
import TestPrograms

/// The people who write, and what the server has acknowledged to them.
actor Scene {
    struct Writer: Sendable {
        let name: String
        let token: String
    }

    nonisolated let owner: Visitor
    nonisolated let people: [Writer]
    private let channel: String
    private let port: Int
    private(set) var acknowledged: [Sighting] = []
    private var isStopping = false

    private init(owner: Visitor, people: [Writer], channel: String, port: Int) {
        self.owner = owner
        self.people = people
        self.channel = channel
        self.port = port
    }

    static func prepare(_ server: RunningServer, writers: Int) async throws -> Scene {
        let owner = try await Visitor.register("owner", on: server.port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        var people: [Writer] = []
        for number in 0..<writers {
            let visitor = try await Visitor.register("writer\(number)", on: server.port)
            try await visitor.send(.POST, "/channels/invites/\(code)")
            people.append(Writer(name: "writer\(number)", token: visitor.token))
        }
        return Scene(owner: owner, people: people, channel: channel, port: server.port)
    }

    /// Waits until as much again has been acknowledged as there are writers.
    func goesOn() async throws {
        let before = acknowledged.count
        try await eventually { acknowledged.count >= before + people.count }
    }

    func stop() { isStopping = true }

    private func acknowledge(_ message: Sighting) { acknowledged.append(message) }

    /// Sends one message after the other. One that was not answered is sent again with the same nonce until it is: what a
    /// good client does.
    func write(as writer: Writer) async throws {
        var number = 0
        var connection: HTTPConnection?
        while !isStopping {
            let nonce = "\(writer.name)-\(number)"
            try await eventually {
                if connection == nil { connection = try? await HTTPConnection.connect(port: port) }
                guard let sent = await send(nonce, over: connection, writer) else {
                    connection = nil
                    return false
                }
                acknowledge(sent)
                return true
            }
            number += 1
        }
        await connection?.close()
    }

    private func send(_ nonce: String, over connection: HTTPConnection?, _ writer: Writer) async -> Sighting? {
        let body: JSON = ["content": .string("message \(nonce)"), "nonce": .string(nonce)]
        let reply = try? await connection?.send(
            .POST, "/api/v1/channels/\(channel)/messages", headers: ["authorization": "Bearer \(writer.token)"],
            body: body.jsonBytes, timeout: .seconds(10))
        guard let reply, reply.status == 200 || reply.status == 201 else { return nil }
        return Sighting(reply.json)
    }

    /// All messages of the channel, the oldest first.
    func history(on port: Int) async throws -> [Sighting] {
        let reader = Visitor(connection: try await HTTPConnection.connect(port: port), token: owner.token)
        var all: [Sighting] = []
        while true {
            let before = all.last.map { "&before=\($0.id)" } ?? ""
            let page = try await reader.send(.GET, "/channels/\(channel)/messages?limit=100\(before)")
            let messages = (page.array ?? []).compactMap(Sighting.init)
            if messages.isEmpty { return all.reversed() }
            all += messages
        }
    }
}
