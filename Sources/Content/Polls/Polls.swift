import Community
import Database
import Events
import Features
import Kernel

/// Asking a channel a question with answers to choose from.
struct Polls: Sendable {
    let parts: Parts
    let messages: Messages
    let auditLog: AuditLog

    struct Draft: Sendable {
        let channel: ChannelID
        let question: String
        let options: [String]
        let duration_h: Int
        let isMultiple: Bool
    }

    /// Posts a poll as a message of the caller.
    /// - Throws: as sending a message.
    func create(_ draft: Draft, by caller: Caller) async throws -> Poll {
        let message = try await messages.sendPoll(in: draft.channel, as: caller) { message, tx in
            Poll(
                id: parts.ids.next(), channel: draft.channel, message: message, author: caller.user,
                question: draft.question,
                options: draft.options.enumerated().map { Poll.Option(number: $0, text: $1, votes: 0, me: false) },
                isMultiple: draft.isMultiple, createdAt: tx.now, endsAt: tx.now + .seconds(draft.duration_h * 3600),
                closedAt: nil)
        }
        guard let poll = message.details.poll else { throw APIError.internalServerError }
        return poll
    }

    private static func required(
        _ id: PollID, for user: UserID, _ tx: Transaction
    ) throws -> (poll: Poll, place: Place) {
        guard let poll = try PollStore.polls([id], for: user, tx)[id] else { throw APIError.pollNotFound }
        return (poll, try Messages.place(poll.channel, for: user, requiring: .messagesRead, tx))
    }

    func read(_ id: PollID, for caller: Caller) async throws -> Poll {
        try await parts.database.read { tx in try Self.required(id, for: caller.user, tx).poll }
    }

    /// Chooses; a second vote replaces the first, none at all takes it back.
    /// - Throws: `.invalidInput` for a poll that is over, an option that there is not, or two where one is allowed.
    func vote(_ options: [Int], in id: PollID, by caller: Caller) async throws -> Poll {
        try await parts.database.write { tx in
            let (poll, place) = try Self.required(id, for: caller.user, tx)
            try Relationships.requireTalking(place, caller.user, tx)
            try place.permissions.requireVoice()
            try Threads.requireOpen(place)
            guard !poll.isClosed(at: tx.now) else { throw APIError.invalidInput("poll", "is over") }
            let chosen = Set(options)
            guard chosen.allSatisfy(poll.options.indices.contains) else {
                throw APIError.invalidInput("options", "names an option that there is not")
            }
            guard poll.isMultiple || chosen.count <= 1 else {
                throw APIError.invalidInput("options", "must be one: this poll allows no more")
            }
            try PollStore.setVotes(chosen.sorted(), of: caller.user, in: id, tx)
            try Self.tell(id, place, tx)
            return try Self.required(id, for: caller.user, tx).poll
        }
    }

    private static func tell(_ id: PollID, _ place: Place, _ tx: Transaction) throws {
        guard let poll = try PollStore.polls([id], for: nil, tx)[id] else { return }
        tx.emit(
            .pollUpdate, PollEvent(poll: poll, server: place.channel.server), about: .message(poll.message),
            to: place.messageAudience)
    }

    /// Ends a poll before its time. Its author does, or one who has `messages.manage`.
    func close(_ id: PollID, by caller: Caller) async throws -> Poll {
        try await parts.database.write { tx in
            let (poll, place) = try Self.required(id, for: caller.user, tx)
            try Relationships.requireTalking(place, caller.user, tx)
            try place.permissions.requireVoice()
            try Threads.requireOpen(place)
            if poll.author != caller.user { try place.require(.messagesManage) }
            guard poll.closedAt == nil else { return poll }
            try PollStore.close(id, tx)
            try Self.tell(id, place, tx)
            let closed = try Self.required(id, for: caller.user, tx).poll
            if poll.author != caller.user, let server = place.channel.server {
                try record(closed, insteadOf: poll, in: server, by: caller, tx)
            }
            return closed
        }
    }

    private func record(
        _ closed: Poll, insteadOf poll: Poll, in server: ServerID, by caller: Caller, _ tx: Transaction
    ) throws {
        let votes = poll.options.reduce(0) { $0 + $1.votes }
        try auditLog.record(
            .pollClose, .message(poll.message, in: poll.channel), in: server, by: caller,
            changes: [
                "channel_id": .string(poll.channel.description), "author_id": .string(poll.author.description),
                "poll_id": .string(poll.id.description), "votes": .integer(Int64(votes)),
                "closed_at": AuditChanges.change(
                    from: .null, to: closed.closedAt.map { .integer($0.seconds) } ?? .null),
            ], tx)
    }

    /// Deletes the poll with its message.
    func delete(_ id: PollID, by caller: Caller) async throws {
        let poll = try await read(id, for: caller)
        try await messages.delete(poll.message, in: poll.channel, by: caller)
    }

    /// Closes polls whose time is over.
    /// - Returns: whether there may be more.
    func closeDue() async throws -> Bool {
        let due = try await parts.database.read { tx in try PollStore.due(limit: 100, tx) }
        try await SetAside(parts: parts).each(of: .poll, due, named: \.description) { id in
            try await parts.database.write { tx in
                guard let poll = try PollStore.polls([id], for: nil, tx)[id], poll.closedAt == nil else { return }
                try PollStore.close(id, tx)
                guard let channel = try ChannelStore.channel(poll.channel, tx) else { return }
                try Self.tell(id, try Place.unattended(channel, tx), tx)
            }
        }
        return due.count == 100
    }

}
