import Database
import Events
import Kernel

enum ChannelEvents {
    static func changed(_ channel: Channel, _ tx: Transaction) {
        tx.emit(.channelUpdate, channel, to: .channel(channel.id))
    }
}

extension Channels {
    package static let events: [EventDeclaration] = [
        .init(.channelCreate), .init(.channelUpdate), .init(.channelDelete),
    ]
}

extension Channel: PlacedPayload {}
extension ChannelDeletedEvent: PlacedPayload {}

extension EventKind where Payload == Channel {
    static var channelCreate: Self {
        Self(
            "CHANNEL_CREATE", intents: .channels, heardBy: "who sees it from now on",
            "A channel was made, opened or came into sight.")
    }

    static var channelUpdate: Self {
        Self("CHANNEL_UPDATE", intents: .channels, heardBy: "who sees it", "A channel was changed, or who is in it.")
    }
}

extension EventKind where Payload == ChannelDeletedEvent {
    static var channelDelete: Self {
        Self(.channelDelete, intents: .channels, heardBy: "who saw it", "A channel is gone, put away or out of sight.")
    }
}
