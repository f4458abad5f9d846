import Community
import Events

extension Pins {
    package static let events: [EventDeclaration] = [.init(.channelPinsUpdate)]
}

extension PinsEvent: PlacedPayload {}

extension EventKind where Payload == PinsEvent {
    static var channelPinsUpdate: Self {
        Self(
            "CHANNEL_PINS_UPDATE", intents: .channels, heardBy: "who reads the channel",
            "Messages were pinned, or are not any more.")
    }
}
