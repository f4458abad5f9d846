import Kernel

/// A question with answers to choose from, which hangs on a message (contract: REST, Search, polls, reports).
struct Poll: Sendable {
    /// When it is told how people have voted.
    enum Visibility: String, CaseIterable, Sendable {
        case always
        /// To those who have.
        case afterVote = "after_vote"
        case afterEnd = "after_end"
    }

    struct Option: Sendable {
        /// 0, 1, 2 … in the order in which they were given.
        let number: Int
        let text: String
        /// One of Unicode, or a custom one as `name:id`.
        let emoji: String?
        /// Nil while it is not told.
        var votes: Int?
        /// Whether the reader has chosen it. Nil in events, which say the same to everyone.
        var me: Bool?
    }

    let id: PollID
    let channel: ChannelID
    let message: MessageID
    let author: UserID
    let question: String
    var options: [Option]
    let isMultiple: Bool
    let visibility: Visibility
    /// Whether nobody is told who has chosen what.
    let isAnonymous: Bool
    let createdAt: Timestamp
    let endsAt: Timestamp
    var closedAt: Timestamp?
    /// Whether its time was over when it was read.
    var isOver = false

    var isClosed: Bool { closedAt != nil || isOver }

    /// Nil while it is not told.
    var totalVotes: Int? {
        let votes = options.compactMap(\.votes)
        return votes.count == options.count ? votes.reduce(0, +) : nil
    }

    /// What the reader has chosen.
    var ownVotes: [Int] { options.filter { $0.me == true }.map(\.number) }

    /// As it is told: nobody, not even its author, knows before the time.
    func told() -> Poll {
        let isKnown =
            switch visibility {
            case .always: true
            case .afterVote: isClosed || !ownVotes.isEmpty
            case .afterEnd: isClosed
            }
        guard !isKnown else { return self }
        var told = self
        for index in told.options.indices { told.options[index].votes = nil }
        return told
    }
}

extension Poll: JSONObjectEncodable {
    static let shape = JSONShape<Poll>(
        "Poll",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("message_id", \.message),
        .field("author_id", \.author),
        .field("created_by", \.author),
        .field("question", \.question),
        .field("options", \.options),
        .field("multiple", \.isMultiple),
        .field("results_visibility", \.visibility.rawValue),
        .field("anonymous", \.isAnonymous),
        .field("total_votes", \.totalVotes),
        .field("created_at", \.createdAt),
        .field("ends_at", \.endsAt),
        .field("closed_at", \.closedAt),
        .field("ended_at", \.closedAt),
        .field("is_ended", \.isClosed))
}

extension Poll.Option: JSONObjectEncodable {
    static let shape = JSONShape<Poll.Option>(
        "PollOption", .field("id", \.number), .field("text", \.text), .field("emoji", \.emoji),
        .field("votes", \.votes), .field("me", \.me))
}

/// How a poll stands, for one of those who may know.
struct PollResults: JSONObjectEncodable {
    let poll: Poll

    static let shape = JSONShape<PollResults>(
        "PollResults",
        .field("poll", \.poll),
        .field("options", \.poll.options),
        .field("total_votes", \.poll.totalVotes),
        .field("user_voted") { !$0.poll.ownVotes.isEmpty },
        .field("user_votes", \.poll.ownVotes))
}

/// Somebody who has chosen something in a poll that is not anonymous.
struct Voter: JSONObjectEncodable {
    let user: UserID
    let username: String
    let displayName: String?

    static let shape = JSONShape<Voter>(
        "Voter", .field("user_id", \.user), .field("username", \.username), .field("display_name", \.displayName))
}

/// POLL_UPDATE: somebody voted, or the poll was closed.
struct PollEvent: JSONObjectEncodable {
    let poll: Poll
    let server: ServerID?

    static let shape = JSONShape<PollEvent>("PollEvent", .field("server_id", \.server), .field("poll", \.poll))
}
