import Kernel
import People

/// Who may write to somebody, and what they want others to know (contract: REST, Messaging settings).
struct MessagingPreferences: Sendable, Equatable {
    var conversations = Circle.everyone
    var groups = Circle.contacts
    var friendRequests = Circle.everyone
    var givesReadReceipts = true
    var showsTyping = true
    /// What clients do with these two is up to them.
    var isCompact = false
    var opensConversations = true
}

/// A way in which somebody comes to somebody else.
package enum Approach: Sendable {
    case conversation
    case group
    case friendRequest
}

extension MessagingPreferences {
    func circle(for approach: Approach) -> Circle {
        switch approach {
        case .conversation: conversations
        case .group: groups
        case .friendRequest: friendRequests
        }
    }
}

/// What somebody has said of the members of a server.
enum ServerMembers: Sendable {
    case contacts
    case strangers
}

/// All that somebody has set, with what their tier allows.
struct MessagingSettingValues: JSONObjectEncodable {
    let user: UserID
    let preferences: MessagingPreferences
    let servers: [ServerID: ServerMembers]
    let messageLength: Int
    let file_bytes: Int

    static let shape = JSONShape<MessagingSettingValues>(
        "MessagingSettings",
        .field("user_id", \.user),
        .field("allow_dms_from", \.preferences.conversations.rawValue),
        .field("group_dms_from", \.preferences.groups.rawValue),
        .field("friend_requests_from", \.preferences.friendRequests.rawValue),
        .field("server_dms") { ServerChoices(choices: $0.servers) },
        .field("read_receipts_enabled", \.preferences.givesReadReceipts),
        .field("typing_indicators_enabled", \.preferences.showsTyping),
        .field("compact_messages_enabled", \.preferences.isCompact),
        .field("auto_create_dms", \.preferences.opensConversations),
        .field("max_message_length", \.messageLength),
        .field("max_attachment_size", \.file_bytes),
        .field("max_attachments_per_message") { _ in TierLimits.attachmentsPerMessage })
}

private struct ServerChoices: JSONEncodable {
    let choices: [ServerID: ServerMembers]

    static let schema = JSONSchema.map(of: .boolean)

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        for server in choices.keys.sorted() { json.member(server.description, choices[server] == .contacts) }
        json.endObject()
    }
}
