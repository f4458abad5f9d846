import Aviary
import Client
import Gateway
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// The server's own AsyncAPI document, against which the tests hold every frame that they get.
struct AsyncAPIDocument: Sendable {
    let root: JSON
    /// The payloads of what the server sends: of events by their names, of other frames by their ops.
    private let events: [String: JSON]
    private let frames: [Int64: JSON]

    static let shared = AsyncAPIDocument(
        root: JSON(text: String(decoding: GeneratedPages.gateway.asyncAPI, as: UTF8.self)) ?? .null)

    init(root: JSON) {
        self.root = root
        let messages = root["components"]?["messages"]?.object ?? [:]
        var (events, frames): ([String: JSON], [Int64: JSON]) = ([:], [:])
        for (key, message) in messages {
            guard let payload = message["payload"], let opcode = payload["properties"]?["op"]?["minimum"]?.integer
            else { continue }
            if payload["properties"]?["t"] != nil {
                events[key] = payload
            } else if key.hasPrefix("server.") {
                frames[opcode] = payload
            }
        }
        self.events = events
        self.frames = frames
    }

    /// - Throws: `SchemaMismatch` when the frame, or a field of it, is not in the document.
    func check(_ frame: JSON) throws {
        let name = frame["t"]?.string ?? "op \(frame["op"]?.integer ?? -1)"
        guard let payload = frame["t"]?.string.flatMap({ events[$0] }) ?? frame["op"]?.integer.flatMap({ frames[$0] })
        else { throw SchemaMismatch(description: "\(name) is not in the document") }
        try DocumentedSchemas(of: root).check(frame, payload, at: name)
    }
}

extension GatewaySocket {
    /// A socket on which nothing comes that is not declared.
    static func open(
        port: Int, path: String = "/gateway", headers: HTTPHeaders = [:],
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> GatewaySocket {
        let sightings = Sightings.current
        return try await connect(port: port, path: path, headers: headers, on: group) { frame in
            if let name = frame["t"]?.string { sightings?.note("event \(name)") }
            do {
                try AsyncAPIDocument.shared.check(frame)
            } catch {
                Issue.record("a frame is not as it is declared: \(error): \(frame.text)")
            }
        }
    }
}
