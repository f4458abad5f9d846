import Kernel

/// A question with answers to choose from, which hangs on a message (contract: REST, Search, polls, reports).
struct Poll: Sendable {
    struct Option: Sendable {
        /// 0, 1, 2 … in the order in which they were given.
        let number: Int
        let text: String
        let votes: Int
        /// Whether the reader has chosen it. Nil in events, which say the same to everyone.
        let me: Bool?
    }

    let id: PollID
    let channel: ChannelID
    let message: MessageID
    let author: UserID
    let question: String
    var options: [Option]
    let isMultiple: Bool
    let createdAt: Timestamp
    let endsAt: Timestamp
    var closedAt: Timestamp?

    func isClosed(at now: Timestamp) -> Bool { closedAt != nil || endsAt <= now }
}

extension Poll: JSONObjectEncodable {
    static let shape = JSONShape<Poll>(
        "Poll",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("message_id", \.message),
        .field("author_id", \.author),
        .field("question", \.question),
        .field("options", \.options),
        .field("multiple", \.isMultiple),
        .field("total_votes") { poll in poll.options.reduce(0) { $0 + $1.votes } },
        .field("created_at", \.createdAt),
        .field("ends_at", \.endsAt),
        .field("closed_at", \.closedAt))
}

extension Poll.Option: JSONObjectEncodable {
    static let shape = JSONShape<Poll.Option>(
        "PollOption", .field("id", \.number), .field("text", \.text), .field("votes", \.votes), .field("me", \.me))
}

/// POLL_UPDATE: somebody voted, or the poll was closed.
struct PollEvent: JSONObjectEncodable {
    let poll: Poll
    let server: ServerID?

    static let shape = JSONShape<PollEvent>("PollEvent", .field("server_id", \.server), .field("poll", \.poll))
}
