import Bus
import Events
import Kernel
import NIOConcurrencyHelpers

/// Something that nobody needs to hear of later, such as typing.
public struct TransientEvent: Sendable, Equatable {
    public let name: EventName
    /// The event's `d`, encoded once.
    public let payload: [UInt8]
    public let intent: Intents
    public let audiences: [Audience]
    /// Those among the audiences who are not to hear of it.
    public let except: [Audience]
    /// Up to where whoever decided who hears it knew of everything: it is told to nobody before that is known here, too, so that
    /// who has lost sight meanwhile does not hear it. Nil where nothing can be unknown.
    public let horizon: Int64?
}

/// Transient events reach who listens now, on all nodes, and are not logged.
public final class TransientEvents: Sendable {
    public typealias Listener = @Sendable (TransientEvent) -> Void

    /// Nil where there is one node alone.
    public let node: NodeLink?
    private let listeners = NIOLockedValueBox<[Listener]>([])

    public init(node: NodeLink? = nil) {
        self.node = node
        node?.bus.subscribe(to: .transient) { [weak self] news in
            if case .message(let bytes) = news, let event = TransientEvent(bytes) { self?.tell(event) }
        }
    }

    public func listen(_ listener: @escaping Listener) { listeners.withLockedValue { $0.append(listener) } }

    private func tell(_ event: TransientEvent) {
        for listener in listeners.withLockedValue({ $0 }) { listener(event) }
    }

    /// Tells those who are connected to any node.
    /// - Parameter horizon: of the transaction in which it was decided who hears it (`EventLog.horizon`).
    package func publish<Payload>(
        _ kind: TransientEventKind<Payload>, _ payload: Payload, to audiences: [Audience], knowing horizon: Int64?
    ) {
        guard !audiences.isEmpty else { return }
        let event = Self.event(kind, payload, audiences, [], horizon)
        tell(event)
        node?.bus.publish(event.bytes, to: .transient)
    }

    /// Tells those who are connected to this node: each node tells its own.
    package func publishHere<Payload>(
        _ kind: TransientEventKind<Payload>, _ payload: Payload, to audiences: [Audience], except: [Audience] = [],
        knowing horizon: Int64?
    ) {
        guard !audiences.isEmpty else { return }
        tell(Self.event(kind, payload, audiences, except, horizon))
    }

    private static func event<Payload>(
        _ kind: TransientEventKind<Payload>, _ payload: Payload, _ audiences: [Audience], _ except: [Audience],
        _ horizon: Int64?
    ) -> TransientEvent {
        TransientEvent(
            name: kind.name, payload: payload.jsonBytes, intent: kind.intents.needed(for: payload),
            audiences: audiences, except: except, horizon: horizon)
    }
}

extension TransientEvent {
    /// As it goes over the bus: JSON, of which later versions may have more.
    var bytes: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("t", name.rawValue)
        json.member("intent", intent.rawValue)
        json.member("to", audiences.map(\.id))
        if !except.isEmpty { json.member("except", except.map(\.id)) }
        json.member("horizon", horizon)
        json.key("d")
        json.raw(payload)
        json.endObject()
        return json.bytes
    }

    /// Nil for what is no event, or one without what decides who hears it.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), let name = json["t"]?.string,
            let intent = json["intent"]?.integer,
            let audiences = json["to"]?.array?.compactMap(\.integer), let horizon = json["horizon"]?.integer,
            let payload = json["d"]
        else { return nil }
        self.init(
            name: EventName(rawValue: name), payload: payload.jsonBytes, intent: Intents(rawValue: Int(intent)),
            audiences: audiences.map(Audience.init(id:)),
            except: (json["except"]?.array ?? []).compactMap(\.integer).map(Audience.init(id:)), horizon: horizon)
    }
}
