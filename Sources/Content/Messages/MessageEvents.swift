import Community
import Events

extension Messages {
    package static let events: [EventDeclaration] = [
        .init(.messageCreate), .init(.messageUpdate), .init(.messageDelete), .init(.messageDeleteBulk),
    ]
}

extension Message: PlacedPayload {}
extension MessageDeletedEvent: PlacedPayload {}
extension MessagesDeletedEvent: PlacedPayload {}

extension EventKind where Payload == Message {
    static var messageCreate: Self {
        Self("MESSAGE_CREATE", intents: .messageContent, heardBy: "who reads the channel", "A message was sent.")
    }

    static var messageUpdate: Self {
        Self(
            "MESSAGE_UPDATE", intents: .messageContent, heardBy: "who reads the channel",
            "A message was edited, or something that hangs on it.")
    }
}

extension EventKind where Payload == MessageDeletedEvent {
    static var messageDelete: Self {
        Self("MESSAGE_DELETE", intents: .messages, heardBy: "who reads the channel", "A message was deleted.")
    }
}

extension EventKind where Payload == MessagesDeletedEvent {
    static var messageDeleteBulk: Self {
        Self(
            "MESSAGE_DELETE_BULK", intents: .messages, heardBy: "who reads the channel",
            "Several messages were deleted at once.")
    }
}
