import Events

extension ReadStates {
    package static let events: [EventDeclaration] = [.init(.messageAck)]
}

extension EventKind where Payload == ReadState {
    static var messageAck: Self {
        Self("MESSAGE_ACK", heardBy: "one's own devices", "Something was read, or marked as unread.")
    }
}
