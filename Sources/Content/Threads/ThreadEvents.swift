import Community
import Events
import Kernel

extension Threads {
    package static let events: [EventDeclaration] = [
        .init(.threadCreate), .init(.threadUpdate), .init(.threadDelete), .init(.threadMemberUpdate),
        .init(.threadMembersUpdate),
    ]
}

extension EventKind where Payload == Channel {
    static var threadUpdate: Self {
        Self(
            "THREAD_UPDATE", intents: .always(.threads), heardBy: "who sees it",
            "A thread was changed, archived, opened or locked. Its counts alone are told to nobody.")
    }
}

extension EventKind where Payload == ThreadMemberEvent {
    static var threadMemberUpdate: Self {
        Self(
            "THREAD_MEMBER_UPDATE", intents: .always(.threads), heardBy: "one's own devices",
            "One is in a thread from now on, or not any more.")
    }
}

extension EventKind where Payload == ThreadMembersEvent {
    static var threadMembersUpdate: Self {
        Self(
            "THREAD_MEMBERS_UPDATE", intents: .always([.threads, .guildMembers]), heardBy: "who sees the thread",
            "Somebody joined a thread or left it.")
    }
}

/// THREAD_MEMBER_UPDATE: one joined a thread or left it.
struct ThreadMemberEvent: JSONObjectEncodable {
    let thread: ChannelID
    let server: ServerID?
    let user: UserID
    let isMember: Bool
    let memberCount: Int

    static let shape = JSONShape<ThreadMemberEvent>(
        "ThreadMemberEvent",
        .field("thread_id", \.thread), .field("server_id", \.server), .field("user_id", \.user),
        .field("member", \.isMember), .field("member_count", \.memberCount))
}

/// THREAD_MEMBERS_UPDATE: who came and who went.
struct ThreadMembersEvent: JSONObjectEncodable {
    let thread: ChannelID
    let server: ServerID?
    let memberCount: Int
    let added: [ThreadMember]
    let removed: [UserID]

    static let shape = JSONShape<ThreadMembersEvent>(
        "ThreadMembersEvent",
        .field("id", \.thread), .field("server_id", \.server), .field("member_count", \.memberCount),
        .field("added", \.added), .field("removed_ids", \.removed))
}
