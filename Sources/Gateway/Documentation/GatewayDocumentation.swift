import Events
import Kernel

/// The AsyncAPI 3.0 document of the gateway and the table of its events, made from the declarations.
public struct GatewayDocumentation: Sendable {
    private let events: [EventDeclaration]
    private let version: Version

    public init(events: [EventDeclaration], version: Version) {
        self.events = events
        self.version = version
    }

    /// A message of the document: one frame.
    private struct Message {
        let name: String
        let title: String
        let summary: String
        let remark: String?
        let payload: JSONSchema
    }

    private var dispatched: [Message] {
        events.map { event in
            Message(
                name: event.name.rawValue, title: event.name.rawValue, summary: event.summary,
                remark: remark(on: event),
                payload: .object([
                    .init("op", .constant(Opcode.telling(event.name).rawValue), isRequired: true),
                    .init("t", .enumeration([event.name.rawValue]), isRequired: true),
                    .init("s", .integer(range: 0...Int64.max), isRequired: true),
                    .init("d", event.payload, isRequired: true),
                ]))
        }
    }

    /// An op that both sides send has two shapes, and an event may be called as an op is.
    private func frames(from sender: FrameDeclaration.Sender) -> [Message] {
        FrameDeclaration.all.filter { $0.sender == sender }.map { frame in
            Message(
                name: "\(sender).\(frame.opcode.name)", title: frame.opcode.name,
                summary: frame.summary, remark: nil,
                payload: .object([
                    .init("op", .constant(frame.opcode.rawValue), isRequired: true),
                    .init("d", frame.data, isRequired: sender == .server),
                ]))
        }
    }

    private func remark(on event: EventDeclaration) -> String {
        let intents = intents(of: event)
        return "Heard by: \(event.audience)." + (intents.isEmpty ? "" : " Intents of bots: \(intents).")
            + (event.isLogged ? "" : " Not logged: in no replay.")
    }

    private func intents(of event: EventDeclaration) -> String {
        let (servers, own) = (event.intentsInServers, event.intentsInPrivate)
        let names = [servers, own].map { $0.names.joined(separator: " and ") }
        return servers == own ? names[0] : "\(names[0]); in private channels \(names[1])"
    }

    // MARK: The table

    /// One row an event, as Markdown.
    public var table: String {
        let rows = events.map { event in
            "| \(event.name.rawValue) | \(event.summary) | \(payload(of: event.payload)) | \(event.audience) | \(intents(of: event)) |"
        }
        return (["| event | when | `d` | who hears it | intents of bots |", "|---|---|---|---|---|"] + rows)
            .joined(separator: "\n")
    }

    /// What is small is told here, the rest by the name of its schema.
    private func payload(of schema: JSONSchema) -> String {
        if case .either(let one, let other) = schema { return "\(payload(of: one)) or \(payload(of: other))" }
        guard case .named(let name, let shape) = schema else { return "" }
        guard case .object(let members) = shape, members.count <= 5 else { return "`\(name)`" }
        return "`{\(members.map { $0.name + ($0.isRequired ? "" : "?") }.joined(separator: ", "))}`"
    }

    // MARK: The document

    public var asyncAPI: [UInt8] {
        let sent = frames(from: .server) + dispatched
        let taken = frames(from: .client)
        var json = JSONWriter(reservingCapacity: 1 << 16)
        json.object { json in
            json.member("asyncapi", "3.0.0")
            json.member("info") { json in
                json.member("title", "Aviary gateway")
                json.member("version", version.description)
                json.member("description", "What the server sends and takes on a WebSocket at /gateway.")
            }
            json.member("defaultContentType", "application/json")
            json.member("servers") { json in
                json.member("aviary") { json in
                    json.member("host", "chat.example.org")
                    json.member("protocol", "wss")
                    json.member("description", "Wherever the server is; `ws` where it has no certificate.")
                }
            }
            json.member("channels") { json in
                json.member("gateway") { json in encodeChannel(sent + taken, to: &json) }
            }
            json.member("operations") { json in
                json.member("tell") { encodeOperation("send", "What the server tells its clients.", sent, to: &$0) }
                json.member("ask") { encodeOperation("receive", "What clients say and ask.", taken, to: &$0) }
            }
            json.member("components") { json in encodeComponents(sent + taken, to: &json) }
        }
        return json.bytes
    }

    private func encodeChannel(_ messages: [Message], to json: inout JSONWriter) {
        json.member("address", "/gateway")
        json.member("messages") { json in
            for message in messages {
                json.member(message.name) { $0.member("$ref", "#/components/messages/\(message.name)") }
            }
        }
        json.member("bindings") { json in
            json.member("ws") { json in
                json.member("method", "GET")
                json.key("query")
                JSONSchema.object([
                    .init("v", .enumeration(["\(ConnectionRequest.apiVersion)"]), isRequired: false),
                    .init("encoding", .enumeration(["json"]), isRequired: false),
                    .init("compress", .enumeration(["zlib-stream"]), isRequired: false),
                    .init("client_version", .string(), isRequired: false),
                ]).encode(to: &json)
                json.member("bindingVersion", "0.1.0")
            }
        }
    }

    private func encodeOperation(
        _ action: String, _ summary: String, _ messages: [Message], to json: inout JSONWriter
    ) {
        json.member("action", action)
        json.member("summary", summary)
        json.member("channel") { $0.member("$ref", "#/channels/gateway") }
        json.key("messages")
        json.beginArray()
        for message in messages {
            json.object { $0.member("$ref", "#/channels/gateway/messages/\(message.name)") }
        }
        json.endArray()
    }

    private func encodeComponents(_ messages: [Message], to json: inout JSONWriter) {
        json.member("messages") { json in
            for message in messages {
                json.member(message.name) { json in
                    json.member("name", message.title)
                    json.member("title", message.title)
                    json.member("summary", message.summary)
                    if let remark = message.remark { json.member("description", remark) }
                    json.key("payload")
                    message.payload.encode(to: &json)
                }
            }
        }
        var schemas: [String: JSONSchema] = [:]
        for message in messages { message.payload.collectNamed(into: &schemas) }
        json.member("schemas") { json in
            for name in schemas.keys.sorted() {
                json.key(name)
                schemas[name]?.encode(to: &json)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func object(_ members: (inout JSONWriter) -> Void) {
        beginObject()
        members(&self)
        endObject()
    }

    /// A key with an object.
    fileprivate mutating func member(_ name: String, _ members: (inout JSONWriter) -> Void) {
        key(name)
        object(members)
    }
}
