import Events
import Kernel
import NIOConcurrencyHelpers

/// Something that nobody needs to hear of later, such as typing.
public struct TransientEvent: Sendable {
    public let name: EventName
    /// The event's `d`, encoded once.
    public let payload: [UInt8]
    public let intent: Intents
    public let audiences: [Audience]
    /// Those among the audiences who are not to hear of it.
    public let except: [Audience]
}

/// Transient events reach who listens now and are not logged.
public final class TransientEvents: Sendable {
    public typealias Listener = @Sendable (TransientEvent) -> Void

    private let listeners = NIOLockedValueBox<[Listener]>([])

    public init() {}

    public func listen(_ listener: @escaping Listener) { listeners.withLockedValue { $0.append(listener) } }

    package func publish<Payload>(
        _ kind: TransientEventKind<Payload>, _ payload: Payload, to audiences: [Audience], except: [Audience] = []
    ) {
        guard !audiences.isEmpty else { return }
        let event = TransientEvent(
            name: kind.name, payload: payload.jsonBytes, intent: kind.intents.needed(for: payload),
            audiences: audiences, except: except)
        for listener in listeners.withLockedValue({ $0 }) { listener(event) }
    }
}
