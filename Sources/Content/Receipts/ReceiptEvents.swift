import Community
import Events

extension Receipts {
    package static let events: [EventDeclaration] = [.init(.messageReadReceipt)]
}

extension ReceiptEvent: PlacedPayload {}

extension TransientEventKind where Payload == ReceiptEvent {
    static var messageReadReceipt: Self {
        Self(
            "MESSAGE_READ_RECEIPT", intents: .messages, heardBy: "the others who read the channel and give receipts",
            "Somebody has read up to a message; once a second at most.")
    }
}
