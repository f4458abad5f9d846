import Community
import Database
import Events
import Features
import Kernel
import People

/// Asking a channel a question with answers to choose from.
struct Polls: Sendable {
    let parts: Parts
    let messages: Messages
    let auditLog: AuditLog

    /// Where a question is to be asked.
    enum Occasion: Sendable {
        /// In a message of its own.
        case channel(ChannelID)
        /// In one that the caller has sent already.
        case message(MessageID)
    }

    // MARK: Asking

    /// Asks in a new message, or in one of the caller's.
    /// - Throws: as sending a message; `.alreadyExists` for a message that has a poll, `.permissionDenied` for somebody else's.
    func create(_ draft: PollDraft, on occasion: Occasion, by caller: Caller) async throws -> Poll {
        switch occasion {
        case .channel(let channel):
            let sent = try await messages.send(MessageDraft(poll: draft), in: channel, as: caller)
            guard case .new(let message) = sent, let poll = message.value.details.poll else {
                throw APIError.internalServerError
            }
            return poll
        case .message(let message): return try await add(draft, to: message, by: caller)
        }
    }

    private func add(_ draft: PollDraft, to id: MessageID, by caller: Caller) async throws -> Poll {
        try await parts.database.write { tx in
            guard let channel = try MessageStore.channel(of: id, tx) else { throw APIError.messageNotFound }
            let place = try Messages.writablePlace(channel, for: caller, tx)
            try place.require(.messagesRead)
            let message = try Messages.required(id, in: place, for: caller.user, tx)
            guard message.author == caller.user else { throw APIError(.permissionDenied) }
            try place.require(.pollsCreate)
            guard message.details.poll == nil else { throw APIError.alreadyExists }
            guard message.details.forward == nil, message.details.voice == nil else {
                throw APIError.invalidInput(
                    "message_id", "hands something on, or is something said: no poll goes with it")
            }
            let poll = try Self.poll(draft, on: id, in: place, by: caller.user, parts, tx)
            try PollStore.insert(poll, tx)
            try MessageStore.setPoll(poll.id, of: id, tx)
            try SearchIndex.replace(message, tx)
            try Messages.tellChanged(id, in: place, tx)
            return poll
        }
    }

    /// - Throws: `.emojiNotFound`, `.invalidInput`, `.permissionDenied` for emoji that the author can't use there.
    static func poll(
        _ draft: PollDraft, on message: MessageID, in place: Place, by author: UserID, _ parts: Parts,
        _ tx: Transaction
    ) throws -> Poll {
        let options = try draft.options.enumerated().map { number, option in
            Poll.Option(
                number: number, text: option.text,
                emoji: try option.emoji.map { try Reactions.emoji($0, for: author, in: place, tx) }, votes: 0, me: false
            )
        }
        return Poll(
            id: parts.ids.next(), channel: place.channel.id, message: message, author: author,
            question: draft.question, options: options, isMultiple: draft.isMultiple, visibility: draft.visibility,
            isAnonymous: draft.isAnonymous, createdAt: tx.now, endsAt: tx.now + .seconds(draft.duration_h * 3600),
            closedAt: nil
        ).told()
    }

    // MARK: Voting

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
    /// - Throws: `.alreadyHandled` for a poll that is over, `.invalidInput` for an option that there is not, or two where one is allowed.
    func vote(_ options: [Int], in id: PollID, by caller: Caller) async throws -> Poll {
        try await parts.database.write { tx in
            let (poll, place) = try Self.required(id, for: caller.user, tx)
            try Relationships.requireTalking(place, caller.user, tx)
            try place.permissions.requireVoice()
            try Threads.requireOpen(place)
            guard !poll.isClosed else { throw APIError.alreadyHandled }
            let chosen = Set(options)
            guard chosen.allSatisfy(poll.options.indices.contains) else {
                throw APIError.invalidInput("options", "names an option that there is not")
            }
            guard poll.isMultiple || chosen.count <= 1 else {
                throw APIError.invalidInput("options", "must be one: this poll allows no more")
            }
            guard Set(poll.ownVotes) != chosen else { return poll }
            try PollStore.setVotes(chosen.sorted(), of: caller.user, in: id, tx)
            // Who counts what they hear of votes that are not told knows how many there are: that goes to one's own devices alone.
            try Self.tell(id, place, to: poll.visibility == .always ? place.messageAudience : [.user(caller.user)], tx)
            return try Self.required(id, for: caller.user, tx).poll
        }
    }

    private static func tell(
        _ id: PollID, _ place: Place, to audience: [Audience], _ tx: Transaction
    ) throws {
        guard let poll = try PollStore.polls([id], for: nil, tx)[id] else { return }
        tx.emit(
            .pollUpdate, PollEvent(poll: poll, server: place.channel.server), about: .message(poll.message),
            to: audience)
    }

    /// - Throws: `.permissionDenied` for an anonymous poll, and while it is not told how people have voted; `.resourceNotFound`.
    func voters(
        of option: Int, in id: PollID, after: UserID?, limit: Int, for caller: Caller
    ) async throws -> [Voter] {
        try await parts.database.read { tx in
            let poll = try Self.required(id, for: caller.user, tx).poll
            guard poll.options.indices.contains(option) else { throw APIError.resourceNotFound }
            guard !poll.isAnonymous, poll.totalVotes != nil else { throw APIError(.permissionDenied) }
            let voters = try PollStore.voters(of: id, option: option, after: after, limit: limit, tx)
            let faces = try UserStore.faces(of: Set(voters), tx)
            return voters.compactMap { faces[$0] }.map {
                Voter(user: $0.id, username: $0.username, displayName: $0.displayName)
            }
        }
    }

    // MARK: Ending

    /// Ends a poll before its time. Its author does, or one who has `messages.manage`.
    func close(_ id: PollID, by caller: Caller) async throws -> Poll {
        try await parts.database.write { tx in
            let (poll, place) = try Self.required(id, for: caller.user, tx)
            try Relationships.requireTalking(place, caller.user, tx)
            try place.permissions.requireVoice()
            try Threads.requireOpen(place)
            if poll.author != caller.user { try place.require(.messagesManage) }
            guard poll.closedAt == nil else { return poll }
            try end(poll, place, by: caller.user, tx)
            let closed = try Self.required(id, for: caller.user, tx).poll
            if poll.author != caller.user, let server = place.channel.server {
                try record(closed, in: server, by: caller, tx)
            }
            return closed
        }
    }

    /// Ends a poll, which tells everybody how it stands, and its author that it is over.
    /// - Parameter closer: nil when its time is over.
    private func end(_ poll: Poll, _ place: Place, by closer: UserID?, _ tx: Transaction) throws {
        try PollStore.close(poll.id, tx)
        try Self.tell(poll.id, place, to: place.messageAudience, tx)
        var readers = ReadableChannels(user: poll.author)
        guard poll.author != closer, try UserStore.required(poll.author, tx).isInUse,
            try readers.canRead(poll.channel, tx)
        else { return }
        try Notifications.notify(
            poll.author, .pollEnded,
            about: .init(server: place.channel.server, channel: poll.channel, message: poll.message), parts, tx)
    }

    private func record(_ closed: Poll, in server: ServerID, by caller: Caller, _ tx: Transaction) throws {
        try auditLog.record(
            .pollClose, .message(closed.message, in: closed.channel), in: server, by: caller,
            changes: [
                "channel_id": .string(closed.channel.description), "author_id": .string(closed.author.description),
                "poll_id": .string(closed.id.description), "votes": .integer(Int64(closed.totalVotes ?? 0)),
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
                guard let channel = try ChannelStore.channel(poll.channel, tx) else {
                    return try PollStore.close(id, tx)
                }
                try end(poll, try Place.unattended(channel, tx), by: nil, tx)
            }
        }
        return due.count == 100
    }
}
