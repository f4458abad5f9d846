import EventLog
import Kernel
import NIOConcurrencyHelpers

/// Events that nobody needs to hear of later, such as typing: they reach who listens now and are not logged.
public final class TransientEvents: Sendable {
    public typealias Listener = @Sendable (EventKind, [UInt8], Intents, Audience) -> Void

    private let listeners = NIOLockedValueBox<[Listener]>([])

    public init() {}

    public func listen(_ listener: @escaping Listener) { listeners.withLockedValue { $0.append(listener) } }

    func publish(_ kind: EventKind, _ payload: some JSONEncodable, intent: Intents, to audience: Audience) {
        let bytes = payload.jsonBytes
        for listener in listeners.withLockedValue({ $0 }) { listener(kind, bytes, intent, audience) }
    }
}
