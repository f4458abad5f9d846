import Community
import Events

extension Threads {
    package static let events: [EventDeclaration] = [
        .init(.threadCreate), .init(.threadUpdate), .init(.threadDelete), .init(.threadMemberUpdate),
    ]
}

extension EventKind where Payload == Channel {
    static var threadCreate: Self {
        Self("THREAD_CREATE", intents: .always(.threads), heardBy: "who sees the channel", "A thread was opened.")
    }

    static var threadUpdate: Self {
        Self(
            "THREAD_UPDATE", intents: .always(.threads), heardBy: "who sees the channel",
            "A thread was changed, archived or locked.")
    }
}

extension EventKind where Payload == ChannelDeletedEvent {
    static var threadDelete: Self {
        Self("THREAD_DELETE", intents: .always(.threads), heardBy: "who sees the channel", "A thread was deleted.")
    }
}

extension EventKind where Payload == ThreadMemberEvent {
    static var threadMemberUpdate: Self {
        Self(
            "THREAD_MEMBER_UPDATE", intents: .always(.threads), heardBy: "who sees the channel",
            "Somebody joined a thread or left it.")
    }
}
