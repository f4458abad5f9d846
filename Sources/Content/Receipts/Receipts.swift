import Community
import Database
import Events
import Features
import Kernel
import NIOConcurrencyHelpers
import People

/// Telling those who write what has reached the others (contract: REST, Receipts). What counts is defined by `Recipient`.
///
/// A message costs nothing for this when it is sent: receipts come of the marks that people set when they read. What they
/// fetched and acknowledged is put together in memory and written once a second.
package struct Receipts: Sendable {
    static let timeCap = Cap("times of reading in a channel", per: .person, 1000, .oldestGoes)
    /// How long it is known when somebody has read something.
    private static let memory = Duration.seconds(30 * 86_400)
    /// What is put together in a second, and no more: who is left out comes again.
    private static let maximumWaiting = 10_000
    private static let crowdLasts = Duration.seconds(10)

    let parts: Parts
    let transient: TransientEvents
    private let waiting = NIOLockedValueBox(Waiting())

    init(parts: Parts, transient: TransientEvents) {
        self.parts = parts
        self.transient = transient
    }

    private struct Place: Hashable {
        let user: UserID
        let channel: ChannelID
    }

    /// What is to be written and told.
    private struct Waiting {
        var read: [Place: (message: MessageID, at: Timestamp)] = [:]
        var fetched: [Place: MessageID] = [:]
        var acknowledged: [UserID: Int64] = [:]
        /// What was written last.
        var known: [UserID: MessageID] = [:]
        /// Channels that too many people read, and until when they are not counted again.
        var crowded: [ChannelID: Timestamp] = [:]
    }

    private var isOff: Bool { parts.configuration.disabledModules.contains(.readReceipts) }

    // MARK: Reading

    /// Somebody has read up to a message. To be called in the transaction of the acknowledgement. Of who gives no receipts
    /// nothing is kept that they could give later.
    static func advance(to mark: MessageID, _ place: Community.Place, _ user: UserID, _ tx: Transaction) throws
        -> MessageID?
    {
        // A mark may lie ahead of what is there, and nobody has read what is not there yet.
        guard let newest = place.channel.lastMessage else { return nil }
        let mark = min(mark, newest)
        let old = try ReceiptStore.mark(of: user, in: place.channel.id, tx)?.read
        guard old.map({ $0 < mark }) ?? true, try gives(user, tx) else { return nil }
        try ReceiptStore.setRead(mark, of: user, in: place.channel.id, tx)
        guard try Channels.givesReceipts(place.channel, tx) else { return nil }
        try ReceiptStore.setTime(of: user, in: place.channel.id, after: old, through: mark, tx)
        return mark
    }

    /// To be called when what was read is on disk.
    func tell(_ mark: MessageID, in channel: ChannelID, of user: UserID) {
        guard !isOff else { return }
        let now = parts.clock.now()
        waiting.withLockedValue { waiting in
            let place = Place(user: user, channel: channel)
            guard waiting.read.count < Self.maximumWaiting || waiting.read[place] != nil else { return }
            if waiting.read[place].map({ $0.message < mark }) ?? true { waiting.read[place] = (mark, now) }
        }
    }

    /// Somebody was given messages of a channel that gives receipts.
    private func note(_ newest: MessageID, fetchedBy user: UserID, in channel: ChannelID) {
        waiting.withLockedValue { waiting in
            let place = Place(user: user, channel: channel)
            guard waiting.fetched.count < Self.maximumWaiting || waiting.fetched[place] != nil else { return }
            waiting.fetched[place] = max(waiting.fetched[place] ?? newest, newest)
        }
    }

    /// A device of somebody has all that happened up to a position. Does not block.
    package func acknowledged(_ position: Int64, by user: UserID) {
        guard !isOff else { return }
        waiting.withLockedValue { waiting in
            guard waiting.acknowledged.count < Self.maximumWaiting || waiting.acknowledged[user] != nil else { return }
            waiting.acknowledged[user] = max(waiting.acknowledged[user] ?? position, position)
        }
    }

    // MARK: Once a second

    /// Writes what was put together, and tells who has read what.
    func flush() async throws {
        let taken = waiting.withLockedValue { waiting in
            let taken = waiting
            waiting = Waiting(known: waiting.known, crowded: waiting.crowded)
            return taken
        }
        for (channel, read) in Dictionary(grouping: taken.read, by: \.key.channel) {
            try await tell(
                read.map { Reading(user: $0.key.user, message: $0.value.message, at: $0.value.at) }, in: channel)
        }
        let messages = try await newestMessages(through: Set(taken.acknowledged.values))
        let acknowledged = taken.acknowledged.compactMapValues { messages[$0] }.filter { user, message in
            taken.known[user].map { $0 < message } ?? true
        }
        guard !taken.fetched.isEmpty || !acknowledged.isEmpty else { return }
        try await parts.database.write { tx in
            let giving = try MessagingSettings.givingReadReceipts(
                among: Set(taken.fetched.keys.map(\.user)).union(acknowledged.keys).sorted(), tx)
            for (place, message) in taken.fetched where giving.contains(place.user) {
                try ReceiptStore.setFetched(message, of: place.user, in: place.channel, tx)
            }
            for (user, message) in acknowledged where giving.contains(user) {
                try ReceiptStore.setAcknowledged(message, of: user, tx)
            }
        }
        waiting.withLockedValue { waiting in
            if waiting.known.count > Self.maximumWaiting { waiting.known = [:] }
            waiting.known.merge(acknowledged) { max($0, $1) }
        }
    }

    /// The newest message that had been sent when the log was at each of some positions.
    private func newestMessages(through positions: Set<Int64>) async throws -> [Int64: MessageID] {
        guard !positions.isEmpty else { return [:] }
        return try await parts.database.read { tx in
            try positions.reduce(into: [:]) { found, position in
                found[position] = try EventLog.newestThing(.messageCreate, through: position, tx)
                    .map(MessageID.init(rawValue:))
            }
        }
    }

    private struct Reading {
        let user: UserID
        let message: MessageID
        let at: Timestamp
    }

    /// Tells the others what some have read in a channel.
    private func tell(_ readings: [Reading], in channel: ChannelID) async throws {
        typealias Told = (server: ServerID?, listeners: [UserID: [UserID]], horizon: Int64?)
        let told = try await parts.log.read(on: parts.database) { [parts] tx -> Told? in
            // Some may not see it any more.
            var place: Community.Place?
            for reading in readings where place == nil {
                place = try Channels.readable(channel, by: reading.user, tx)
            }
            guard let place, let people = try peopleGiving(in: place, tx) else { return nil }
            let readers = Set(readings.map(\.user)).intersection(people)
            return (
                place.channel.server,
                try readers.reduce(into: [:]) { listeners, reader in
                    let apart = try Self.apart(from: reader, tx)
                    listeners[reader] = people.filter { $0 != reader && !apart.contains($0) }
                },
                try parts.log.horizon(tx)
            )
        }
        guard let told else { return }
        for reading in readings {
            guard let listeners = told.listeners[reading.user] else { continue }
            transient.publish(
                .messageReadReceipt,
                ReceiptEvent(
                    channel: channel, server: told.server, user: reading.user, lastRead: reading.message,
                    readAt: reading.at),
                to: listeners.map(Audience.user), knowing: told.horizon)
        }
    }

    /// Forgets when things were read that were read long ago.
    /// - Returns: whether there may be more.
    func forgetTimes() async throws -> Bool {
        try await parts.database.write { tx in
            try ReceiptStore.forgetTimes(before: tx.now - Self.memory, limit: 500, tx)
        }
    }

    // MARK: Counting

    private static func gives(_ user: UserID, _ tx: Transaction) throws -> Bool {
        try MessagingSettings.givingReadReceipts(among: [user], tx).contains(user)
            && !UserStore.required(user, tx).isBot
    }

    /// Those who count as recipients of what somebody has written, as somebody sees them.
    /// - Returns: nil where there are no receipts: they are off, or too many people read the channel.
    private func recipients(
        in place: Community.Place, without author: UserID, askedBy user: UserID, _ tx: Transaction
    ) throws -> [Recipient]? {
        guard let people = try peopleGiving(in: place, tx) else { return nil }
        let apart = try Self.apart(from: user, tx)
        let chosen = people.filter { !apart.contains($0) && $0 != author }
        guard !chosen.isEmpty else { return [] }
        let faces = try UserStore.faces(of: Set(chosen), tx)
        let marks = try ReceiptStore.marks(of: chosen, in: place.channel.id, tx)
        let arrivals = try Channels.arrivals(of: chosen, in: place, tx)
        return chosen.map { user in
            let mark = marks[user]
            return Recipient(
                user: user, username: faces[user]?.username ?? "", read: mark?.read, fetched: mark?.fetched,
                acknowledged: mark?.acknowledged, since: arrivals[user] ?? tx.now)
        }
    }

    /// Who reads a channel and gives receipts.
    /// - Returns: nil where there are none: they are off, or too many people read the channel.
    private func peopleGiving(in place: Community.Place, _ tx: Transaction) throws -> [UserID]? {
        guard try areGiven(in: place, tx) else { return nil }
        let channel = place.channel.id
        // To count a crowd takes long, and it is a crowd for a while.
        if let until = waiting.withLockedValue({ $0.crowded[channel] }), tx.now < until { return nil }
        let people = try UserStore.people(among: try Channels.readers(of: place, tx), tx)
        guard people.count <= parts.configuration.readReceiptMembers else {
            waiting.withLockedValue { waiting in
                if waiting.crowded.count > Self.maximumWaiting { waiting.crowded = [:] }
                waiting.crowded[channel] = tx.now + Self.crowdLasts
            }
            return nil
        }
        let giving = try MessagingSettings.givingReadReceipts(among: people, tx)
        return people.filter(giving.contains)
    }

    /// Those whom somebody has blocked, or who have blocked them.
    private static func apart(from user: UserID, _ tx: Transaction) throws -> Set<UserID> {
        Set(try RelationshipStore.others(of: user, .blocked, tx)).union(try RelationshipStore.blockers(of: user, tx))
    }

    /// Whether who writes there may be told who has read it.
    func areGiven(in place: Community.Place, _ tx: Transaction) throws -> Bool {
        try !isOff && Channels.givesReceipts(place.channel, tx)
    }

    /// The same messages with what has become of the reader's own. Notes down that they were fetched.
    func counted(_ messages: [Message], in place: Community.Place, for caller: Caller, _ tx: Transaction) throws
        -> [Message]
    {
        guard !messages.isEmpty, try areGiven(in: place, tx) else { return messages }
        if let newest = messages.map(\.id).max(),
            try ReceiptStore.mark(of: caller.user, in: place.channel.id, tx)?.fetched.map({ $0 < newest }) ?? true
        {
            note(newest, fetchedBy: caller.user, in: place.channel.id)
        }
        let isOwn = { (message: Message) in message.author == caller.user && message.details.webhook == nil }
        guard messages.contains(where: isOwn), try Self.gives(caller.user, tx),
            let recipients = try recipients(in: place, without: caller.user, askedBy: caller.user, tx)
        else { return messages }
        return messages.map { isOwn($0) ? $0.with(ReceiptCounts(of: $0.id, among: recipients)) : $0 }
    }

    /// Who has read a message, in the order of their ids.
    /// - Throws: `.permissionDenied` where there are no receipts, and for who gives none; `.messageNotFound`.
    func report(
        _ id: MessageID, in channel: ChannelID, after: UserID?, limit: Int, for caller: Caller
    ) async throws -> ReceiptReport {
        try await parts.database.read { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            guard try MessagingSettings.givingReadReceipts(among: [caller.user], tx).contains(caller.user) else {
                throw APIError(
                    .permissionDenied, details: [FieldIssue("read_receipts_enabled", "is off in one's own settings")])
            }
            let message = try Messages.required(id, in: place, for: nil, tx)
            guard let recipients = try recipients(in: place, without: message.author, askedBy: caller.user, tx) else {
                throw APIError(
                    .permissionDenied,
                    details: [FieldIssue("read_receipts", "is off in the channel, or too many read it")])
            }
            let readers = recipients.filter { $0.hasRead(id) && $0.user > after ?? UserID(rawValue: 0) }.prefix(limit)
            return ReceiptReport(
                counts: ReceiptCounts(of: id, among: recipients), recipients: recipients.count,
                readers: try readers.map {
                    Reader(
                        user: $0.user, username: $0.username,
                        readAt: try ReceiptStore.time(of: $0.user, in: channel, at: id, tx))
                })
        }
    }
}
