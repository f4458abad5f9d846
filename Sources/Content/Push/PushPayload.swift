import Community
import Kernel

/// What a device is told (contract: REST, Push). The push service can't read it.
struct PushPayload: Sendable {
    /// The whole is to fit into 3 KiB.
    static let maximum_bytes = 3072
    static let longestTitle = 120
    static let longestBody = 200

    /// As a notification's, or `message` for one that nobody is named in, or `test`.
    let type: String
    var notification: NotificationID?
    /// Who or what has caused it.
    let title: String
    /// The words of who caused it; what the type itself says is for the device to say in its language.
    var body: String?
    var server: ServerID?
    var channel: ChannelID?
    var message: MessageID?
    let unread: Int
    /// What the device was told of before and need not show any more: ids of messages, or of notifications about none.
    var read: [Int64] = []
}

extension PushPayload: JSONObjectEncodable {
    static let shape = JSONShape<PushPayload>(
        "PushPayload",
        .field("type", \.type),
        .field("notification_id", \.notification),
        .field("title", \.title),
        .field("body", \.body),
        .field("server_id", \.server),
        .field("channel_id", \.channel),
        .field("message_id", \.message),
        .field("unread_count", \.unread),
        .field("read") { $0.read.map(String.init) })
}
