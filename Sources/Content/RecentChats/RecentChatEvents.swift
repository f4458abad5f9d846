import Events

extension RecentChats {
    package static let events: [EventDeclaration] = [.init(.recentChatsUpdate)]
}

extension EventKind where Payload == RecentChat {
    static var recentChatsUpdate: Self {
        Self("RECENT_CHATS_UPDATE", heardBy: "one's own devices", "One has gone to another channel.")
    }
}
