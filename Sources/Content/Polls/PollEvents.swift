import Community
import Events

extension Polls {
    package static let events: [EventDeclaration] = [.init(.pollUpdate)]
}

extension PollEvent: PlacedPayload {}

extension EventKind where Payload == PollEvent {
    static var pollUpdate: Self {
        Self(
            "POLL_UPDATE", intents: .messages, heardBy: "who reads the channel",
            "Somebody voted, or the poll was closed.")
    }
}
