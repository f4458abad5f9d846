import Kernel

/// How far somebody has come in a channel, as those who wrote there are told.
///
/// This is the one definition; everything else counts by it. Of a message, the recipients are those who
/// - can read the channel now, as people and not as bots,
/// - give read receipts, and are not its author,
/// - have not blocked who asks, and are not blocked by them.
///
/// Those of them have read it whose mark has ever passed it: the mark only grows. It has been delivered to those who have read
/// or fetched it or a later one, or whose device has told on its heartbeat that it has all that happened up to a later moment,
/// if it was said after they came.
struct Recipient: Sendable, Equatable {
    let user: UserID
    let username: String
    /// The greatest mark that they have ever set.
    let read: MessageID?
    /// The newest message that they have fetched there.
    let fetched: MessageID?
    /// The newest message anywhere that one of their devices has acknowledged.
    let acknowledged: MessageID?
    /// When they came to the server or the conversation.
    let since: Timestamp

    func hasRead(_ message: MessageID) -> Bool { read.map { $0 >= message } ?? false }

    func wasDelivered(_ message: MessageID) -> Bool {
        if hasRead(message) || fetched.map({ $0 >= message }) ?? false { return true }
        return acknowledged.map { $0 >= message && message >= MessageID(earliestAt: since) } ?? false
    }
}

/// How many people a message has reached.
package struct ReceiptCounts: Sendable, Equatable {
    let read: Int
    let delivered: Int

    init(of message: MessageID, among recipients: [Recipient]) {
        read = recipients.count { $0.hasRead(message) }
        delivered = recipients.count { $0.wasDelivered(message) }
    }
}

/// `GET …/read-receipts`.
struct ReceiptReport: JSONObjectEncodable {
    let counts: ReceiptCounts
    let recipients: Int
    let readers: [Reader]

    static let shape = JSONShape<ReceiptReport>(
        "ReadReceipts",
        .field("read_count", \.counts.read), .field("delivery_count", \.counts.delivered),
        .field("recipient_count", \.recipients), .field("readers", \.readers))
}

/// Somebody who has read a message.
struct Reader: JSONObjectEncodable {
    let user: UserID
    let username: String
    /// Nil where it was too long ago, or nobody wrote it down.
    let readAt: Timestamp?

    static let shape = JSONShape<Reader>(
        "MessageReader", .field("user_id", \.user), .field("username", \.username), .field("read_at", \.readAt))
}

/// MESSAGE_READ_RECEIPT.
struct ReceiptEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    let user: UserID
    let lastRead: MessageID
    let readAt: Timestamp

    static let shape = JSONShape<ReceiptEvent>(
        "ReceiptEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("user_id", \.user),
        .field("last_read_message_id", \.lastRead), .field("read_at", \.readAt))
}
