import Events
import Kernel
import NIOCore

/// An event as the shards take it: encoded once, for all sessions of all event loops.
struct PublishedEvent: Sendable {
    enum Content: Sendable {
        case dispatch(EventFrame)
        case sight(SightChange)
        case loginsEnded(Set<SessionID>)
    }

    /// Of an event that is not logged, such as typing: the newest position when it was published.
    let position: Int64
    let isLogged: Bool
    let intent: UInt32
    let audiences: [Audience]
    /// Those among the audiences who do not get it.
    var except: [Audience] = []
    let content: Content

    /// A session that has everything up to a position gets what has a gate beyond it. Never decreases from one event to
    /// the next.
    var gate: Int64 { isLogged ? position : position + 1 }

    var bytes: Int {
        // About what the value itself costs, its audiences included.
        let base = 128
        if case .dispatch(let frame) = content { return base + frame.bytes.readableBytes }
        return base
    }

    /// Nil for internal events that say nothing to the gateway.
    init?(_ event: Event) {
        switch event.name {
        case .sight:
            guard let change = event.sightChange else { return nil }
            self.content = .sight(change)
        case .loginsEnded: self.content = .loginsEnded(Set(event.endedLogins))
        default:
            guard !event.name.isInternal else { return nil }
            self.content = .dispatch(EventFrame(event.name, position: event.position, data: event.payload))
        }
        self.position = event.position
        self.isLogged = true
        self.intent = event.intent.bits
        self.audiences = event.audiences
    }

    init(
        unlogged name: EventName, payload: [UInt8], intent: Intents, audiences: [Audience], except: [Audience] = [],
        at position: Int64
    ) {
        self.except = except
        self.content = .dispatch(EventFrame(name, position: position, data: payload))
        self.position = position
        self.isLogged = false
        self.intent = intent.bits
        self.audiences = audiences
    }
}

extension Intents {
    var bits: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}
