import Community
import Events

extension Reactions {
    package static let events: [EventDeclaration] = [
        .init(.messageReactionAdd), .init(.messageReactionRemove), .init(.messageReactionRemoveAll),
    ]
}

extension ReactionEvent: PlacedPayload {}
extension ReactionsClearedEvent: PlacedPayload {}

extension EventKind where Payload == ReactionEvent {
    static var messageReactionAdd: Self {
        Self("MESSAGE_REACTION_ADD", intents: .reactions, heardBy: "who reads the channel", "Somebody reacted.")
    }

    static var messageReactionRemove: Self {
        Self(
            "MESSAGE_REACTION_REMOVE", intents: .reactions, heardBy: "who reads the channel",
            "A reaction was taken back.")
    }
}

extension EventKind where Payload == ReactionsClearedEvent {
    static var messageReactionRemoveAll: Self {
        Self(
            "MESSAGE_REACTION_REMOVE_ALL", intents: .reactions, heardBy: "who reads the channel",
            "All reactions to a message were taken away.")
    }
}
