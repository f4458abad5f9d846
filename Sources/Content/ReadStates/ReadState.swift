import Kernel

/// How far somebody has read in a channel, and what is left (contract: REST, Messages).
///
/// This is the one definition; everything else counts by it. Unread in a channel is, for a user, each message that
/// - is there now,
/// - is newer than the user's mark, which is the last message that they have read, or where they had never read any the
///   moment at which they came to the server or the conversation,
/// - is not their own, nor by somebody whom they have blocked.
///
/// Those of them count as mentions that speak to the user by name, to a role that the user has now, or to everyone; the latter
/// two not where the user has said so (`Attention`).
/// A count ends at `maximum`: more are not told apart. Mentions are looked for among the newest `ReadStateStore.maximumExamined`
/// messages that speak to anybody, and in the newest `ThreadMemberStore.maximumJoined` threads of a person.
package struct ReadState: Sendable, Equatable {
    static let maximum = 1000

    let channel: ChannelID
    /// Nil when nothing was ever read.
    let lastRead: MessageID?
    let unread: Int
    let mentions: Int
}

extension ReadState: JSONObjectEncodable {
    package static let shape = JSONShape<ReadState>(
        "ReadState",
        .field("channel_id", \.channel),
        .field("unread_count", \.unread),
        .field("mention_count", \.mentions),
        .field("last_read_message_id", \.lastRead))
}

/// The answer to an acknowledgement.
struct Acknowledgement: JSONObjectEncodable {
    /// How many messages were unread before and are read now.
    let marked: Int

    static let shape = JSONShape<Acknowledgement>(
        "Acknowledgement", .field("success") { _ in true }, .field("messages_marked", \.marked))
}

/// `GET /users/@me/unread`: the channels in which something is unread.
struct UnreadReport: JSONEncodable {
    let states: [ReadState]

    static let schema = JSONSchema.named(
        "UnreadReport",
        .object([
            .init("unread_counts", .map(of: .integer()), isRequired: true),
            .init("mention_counts", .map(of: .integer()), isRequired: true),
        ]))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        json.key("unread_counts")
        json.beginObject()
        for state in states where state.unread > 0 { json.member(state.channel.description, state.unread) }
        json.endObject()
        json.key("mention_counts")
        json.beginObject()
        for state in states where state.mentions > 0 { json.member(state.channel.description, state.mentions) }
        json.endObject()
        json.endObject()
    }
}
