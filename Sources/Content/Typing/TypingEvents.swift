import Community
import Events

extension Typing {
    package static let events: [EventDeclaration] = [.init(.typingStart), .init(.typingStop)]
}

extension TypingEvent: PlacedPayload {}

extension TransientEventKind where Payload == TypingEvent {
    static var typingStart: Self {
        Self(
            "TYPING_START", intents: .typing, heardBy: "who reads the channel",
            "Somebody types; it lasts ten seconds.")
    }

    static var typingStop: Self {
        Self("TYPING_STOP", intents: .typing, heardBy: "who reads the channel", "Somebody has stopped typing.")
    }
}
