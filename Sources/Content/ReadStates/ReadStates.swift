import Community
import Database
import Events
import Features
import Kernel

/// What somebody has read and what is left. What counts as unread is defined by `ReadState`.
struct ReadStates: Sendable {
    let parts: Parts
    let receipts: Receipts

    // MARK: Counting

    /// A channel that somebody can read, with the newest message and the moment from which on it concerns them.
    struct Readable {
        let channel: Channel
        let since: Timestamp
    }

    /// The state of every channel that a user can read now, if anything was ever read there or is unread.
    static func states(of user: UserID, in server: ServerID? = nil, _ tx: Transaction) throws -> [ReadState] {
        try states(of: readable(by: user, in: server, tx), for: user, tx)
    }

    static func states(of readable: [Readable], for user: UserID, _ tx: Transaction) throws -> [ReadState] {
        let marks = try ReadStateStore.marks(of: user, tx)
        // Where the newest message is read there is nothing to count.
        let wanted = readable.compactMap { item -> (channel: Channel, after: MessageID)? in
            let after = marks[item.channel.id] ?? MessageID(earliestAt: item.since)
            guard let newest = item.channel.lastMessage, newest > after else { return nil }
            return (item.channel, after)
        }
        let counts = try count(wanted, for: user, tx)
        return readable.compactMap { item in
            let count = counts[item.channel.id] ?? (0, 0)
            let mark = marks[item.channel.id]
            guard mark != nil || count.unread > 0 else { return nil }
            return ReadState(channel: item.channel.id, lastRead: mark, unread: count.unread, mentions: count.mentions)
        }
    }

    private static func count(
        _ marks: [(channel: Channel, after: MessageID)], for user: UserID, _ tx: Transaction
    ) throws -> [ChannelID: (unread: Int, mentions: Int)] {
        guard !marks.isEmpty else { return [:] }
        let roles = try MemberStore.roles(of: user, tx)
        let blocked = try RelationshipStore.others(of: user, .blocked, tx)
        let wishes = try NotificationSettings.wishes(of: user, tx)
        // Where something does not speak to them that names them, it is not looked for: elsewhere all is asked at once.
        let groups =
            try wishes.suppressAnything
            ? Dictionary(grouping: marks) { try names(of: user, roles, speakingIn: $0.channel, wishes, tx) }
            : [Mentions.names(of: user, roles): marks]
        return try groups.reduce(into: [:]) { counts, group in
            let marks = group.value.map { ReadStateStore.Mark(channel: $0.channel.id, after: $0.after) }
            let some = try ReadStateStore.counts(marks, for: user, names: group.key, blocked: blocked, tx)
            counts.merge(some) { first, _ in first }
        }
    }

    /// What speaks to somebody in a channel where it stands in a message.
    private static func names(
        of user: UserID, _ roles: [RoleID], speakingIn channel: Channel, _ wishes: NotificationWishes,
        _ tx: Transaction
    ) throws -> [String] {
        let parent = try channel.thread.flatMap { try ChannelStore.channel($0.parent, tx) }
        let attention = wishes.attention(to: channel, in: parent, at: tx.now)
        return Mentions.names(of: user, attention.suppressesRoles ? [] : roles)
            .filter { !attention.suppressesEveryone || $0 != Mentions.everyoneToken }
    }

    private static func readable(by user: UserID, in only: ServerID?, _ tx: Transaction) throws -> [Readable] {
        let memberships = try Servers.memberships(of: user, where: { only == nil || $0 == only }, tx)
        let readable = try readable(by: user, in: memberships, tx)
        return only == nil ? try readable + readablePrivately(by: user, tx) : readable
    }

    static func readable(by user: UserID, in memberships: [Membership], _ tx: Transaction) throws -> [Readable] {
        var result: [Readable] = []
        var visible: [ChannelID: Timestamp] = [:]
        for membership in memberships {
            for place in membership.places where place.permissions.contains(.messagesRead) {
                visible[place.channel.id] = membership.member.joinedAt
                result.append(Readable(channel: place.channel, since: membership.member.joinedAt))
            }
        }
        for thread in try ThreadMemberStore.joined(by: user, tx) {
            guard let parent = thread.thread?.parent, let since = visible[parent] else { continue }
            result.append(Readable(channel: thread, since: max(since, thread.createdAt)))
        }
        return result
    }

    static func readablePrivately(by user: UserID, _ tx: Transaction) throws -> [Readable] {
        try ChannelStore.privateChannels(of: user, tx).map { channel in
            Readable(channel: channel, since: try since(channel.id, user, tx))
        }
    }

    private static func since(_ channel: ChannelID, _ user: UserID, _ tx: Transaction) throws -> Timestamp {
        try ChannelStore.joinedAt(user, channel, tx) ?? Timestamp(milliseconds: 0)
    }

    /// The state of one channel.
    static func state(of place: Place, for user: UserID, _ tx: Transaction) throws -> ReadState {
        let channel = place.channel
        let mark = try ReadStateStore.mark(of: user, in: channel.id, tx)
        let after = try mark ?? start(of: place, for: user, tx)
        let count = try count([(channel, after)], for: user, tx)[channel.id] ?? (0, 0)
        return ReadState(channel: channel.id, lastRead: mark, unread: count.unread, mentions: count.mentions)
    }

    private static func start(of place: Place, for user: UserID, _ tx: Transaction) throws -> MessageID {
        if let server = place.channel.server {
            let since = try MemberStore.joinedAt(user, server, tx) ?? tx.now
            return MessageID(earliestAt: max(since, place.channel.createdAt))
        }
        return MessageID(earliestAt: try since(place.channel.id, user, tx))
    }

    // MARK: Going

    /// Prepares for somebody's coming back to a server that they are about to leave: what will be said while they are away
    /// is no news in a channel where they have read everything, and where something is unread, it stays so.
    static func part(_ user: UserID, from server: ServerID, _ tx: Transaction) throws {
        let unread = Set(try states(of: user, in: server, tx).filter { $0.unread > 0 }.map(\.channel))
        try part(user, from: try readable(by: user, in: server, tx), unread, tx)
    }

    /// The same for a group.
    static func part(_ user: UserID, from group: Channel, _ tx: Transaction) throws {
        let item = Readable(channel: group, since: try since(group.id, user, tx))
        let mark = try ReadStateStore.mark(of: user, in: group.id, tx) ?? MessageID(earliestAt: item.since)
        let count = try count([(group, mark)], for: user, tx)[group.id] ?? (0, 0)
        try part(user, from: [item], count.unread > 0 ? [group.id] : [], tx)
    }

    /// Without a mark, one begins at the moment at which one comes.
    private static func part(
        _ user: UserID, from channels: [Readable], _ unread: Set<ChannelID>, _ tx: Transaction
    ) throws {
        let marks = try ReadStateStore.marks(of: user, tx)
        for item in channels {
            switch (marks[item.channel.id], unread.contains(item.channel.id)) {
            case (nil, true):
                try ReadStateStore.set(MessageID(earliestAt: item.since), of: user, in: item.channel.id, tx)
            case (_?, false): try ReadStateStore.delete(of: user, in: item.channel.id, tx)
            case (nil, false), (_?, true): break
            }
        }
    }

    // MARK: Reading

    func unread(of caller: Caller) async throws -> UnreadReport {
        try await parts.database.read { tx in UnreadReport(states: try Self.states(of: caller.user, tx)) }
    }

    func state(of channel: ChannelID, for caller: Caller) async throws -> ReadState {
        try await parts.database.read { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            return try Self.state(of: place, for: caller.user, tx)
        }
    }

    // MARK: Marking

    /// Everything up to a message, or up to the newest, is read. An acknowledgement that comes late takes nothing back.
    /// - Throws: `.messageNotFound` only for an id that lies in the future: a message may have been deleted meanwhile.
    func acknowledge(_ message: MessageID?, in channel: ChannelID, by caller: Caller) async throws -> Acknowledgement {
        try await acknowledge([(channel: channel, message: message)], by: caller)
    }

    func acknowledge(
        _ items: [(channel: ChannelID, message: MessageID?)], by caller: Caller
    ) async throws -> Acknowledgement {
        let reading = try await parts.database.write { tx in
            try items.reduce(into: Reading()) { reading, item in
                try acknowledge(item.message, in: item.channel, by: caller.user, &reading, tx)
            }
        }
        return tell(reading, of: caller)
    }

    /// What an acknowledgement has come to.
    private struct Reading {
        var marked = 0
        var receipts: [(channel: ChannelID, message: MessageID)] = []
    }

    private func tell(_ reading: Reading, of caller: Caller) -> Acknowledgement {
        for receipt in reading.receipts { receipts.tell(receipt.message, in: receipt.channel, of: caller.user) }
        return Acknowledgement(marked: reading.marked)
    }

    private func acknowledge(
        _ message: MessageID?, in channel: ChannelID, by user: UserID, _ reading: inout Reading, _ tx: Transaction
    ) throws {
        let place = try Messages.place(channel, for: user, requiring: .messagesRead, tx)
        guard let mark = message ?? place.channel.lastMessage else { return }
        guard mark <= newestMessage(in: place.channel, tx) else { throw APIError.messageNotFound }
        let before = try Self.state(of: place, for: user, tx)
        // A text may have been changed to name them since they read it, so what is told of it does not follow from the counts.
        try Notifications.markRead(of: user, in: channel, upTo: max(mark, before.lastRead ?? mark), tx)
        if let read = try Receipts.advance(to: mark, place, user, tx) { reading.receipts.append((channel, read)) }
        if let known = before.lastRead, known >= mark { return }
        reading.marked += try Self.advance(to: mark, place, from: before, user, tx)
    }

    /// - Returns: how many messages are read by that.
    private static func advance(
        to mark: MessageID, _ place: Place, from before: ReadState, _ user: UserID, _ tx: Transaction
    ) throws -> Int {
        max(0, before.unread - (try set(mark, place, user, tx).unread))
    }

    /// The greatest id that a message of a channel can have. The clock alone does not tell: ids go on from the newest one when
    /// it was set back, and other nodes make ids, too.
    private func newestMessage(in channel: Channel, _ tx: Transaction) -> MessageID {
        max(
            channel.lastMessage ?? MessageID(rawValue: 0), MessageID(rawValue: parts.ids.newest),
            MessageID(earliestAt: tx.now + .seconds(60)))
    }

    /// A message and what follows it are unread again.
    /// - Throws: `.messageNotFound`.
    func markUnread(_ message: MessageID, in channel: ChannelID, by caller: Caller) async throws -> ReadState {
        try await parts.database.write { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            try Messages.requireExisting(message, in: place, tx)
            return try Self.set(MessageID(rawValue: message.rawValue - 1), place, caller.user, tx)
        }
    }

    /// Somebody comes into a thread: what was said there before is no news to them.
    static func begin(_ user: UserID, in place: Place, at mark: MessageID, _ tx: Transaction) throws {
        let known = try ReadStateStore.mark(of: user, in: place.channel.id, tx) ?? mark
        _ = try set(max(mark, known), place, user, tx)
    }

    private static func set(
        _ mark: MessageID, _ place: Place, _ user: UserID, _ tx: Transaction
    ) throws -> ReadState {
        try ReadStateStore.set(mark, of: user, in: place.channel.id, tx)
        let state = try state(of: place, for: user, tx)
        tx.emit(.messageAck, state, about: place.subject, to: .user(user))
        return state
    }

    /// Everything in a server is read.
    func acknowledgeAll(in server: ServerID, by caller: Caller) async throws -> Acknowledgement {
        let reading = try await parts.database.write { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            // Also those of messages that were changed to name them after they had read all there is in a channel.
            try Notifications.markRead(of: caller.user, in: server, tx)
            let unread = try Self.states(of: caller.user, in: server, tx).filter { $0.unread > 0 }
            return try unread.reduce(into: Reading()) { reading, state in
                let place = try Messages.place(state.channel, for: caller.user, requiring: .messagesRead, tx)
                guard let newest = place.channel.lastMessage else { return }
                if let read = try Receipts.advance(to: newest, place, caller.user, tx) {
                    reading.receipts.append((state.channel, read))
                }
                reading.marked += try Self.advance(to: newest, place, from: state, caller.user, tx)
            }
        }
        return tell(reading, of: caller)
    }
}
