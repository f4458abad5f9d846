import Community
import Database
import Features
import Files
import Kernel
import Media

/// Keeps the index in step with the messages, within the transactions that change them.
///
/// To index a message costs more than to store it, and costs less for many at once. So a new message is only put in line,
/// a few hundred at a time are taken from there, and whoever searches looks at the line as well.
///
/// When what the index is told of a message changes (`version`), it is emptied and made anew, from the newest message to the
/// oldest, while people go on searching: what it does not have yet is read message by message.
enum SearchIndex {
    /// Grows with every change to the tokens of a message; the folding has a version of its own.
    static let version = SearchText.version << 8 | 1

    private static let batch = 200

    static func add(_ message: Message, _ tx: Transaction) throws {
        try SearchStore.enqueue([message.id], tx)
    }

    /// To be called after the change, with the message as it was before.
    static func replace(_ old: Message, _ tx: Transaction) throws {
        guard try SearchStore.dequeue([old.id], tx).isEmpty else { return try SearchStore.enqueue([old.id], tx) }
        // What the index does not have yet comes in its turn.
        guard try old.id >= SearchStore.beginning(tx) else { return }
        let details = old.details
        let before = SearchCandidate(
            id: old.id, channel: old.channel, author: old.author, content: old.content ?? "", embeds: details.embeds,
            poll: details.poll?.searchedTexts, stickers: details.storedStickers, forward: details.forward,
            files: details.storedAttachments.map { ($0.filename, $0.blob.type.kind) },
            mentions: details.mentions, isPinned: false)
        let thread = ThreadPlace(of: try ChannelStore.channel(old.channel, tx))
        try SearchStore.delete(old.id, before.tokens(in: old.server, thread: thread), tx)
        try SearchStore.enqueue([old.id], tx)
    }

    /// To be called before the messages are removed.
    static func remove(_ messages: [MessageID], _ tx: Transaction) throws {
        let queued = Set(try SearchStore.dequeue(messages, tx))
        let beginning = try SearchStore.beginning(tx)
        let rest = messages.filter { !queued.contains($0) && $0 >= beginning }
        guard !rest.isEmpty else { return }
        for entry in try SearchStore.entries(rest, tx) { try SearchStore.delete(entry.candidate.id, entry.tokens, tx) }
    }

    // MARK: Working off the line

    /// What is to be done next.
    enum Step: Sendable {
        case nothing
        /// The index was made by another version.
        case beginAnew
        /// Nothing is in line: older messages can be put there.
        case fetchOlder
        /// The first in line, and what the index is to be told of each as it was when it was looked at.
        case insert(messages: [MessageID], entries: [MessageID: Prepared], isLast: Bool)
    }

    struct Prepared: Sendable {
        fileprivate let entry: SearchStore.Entry
        fileprivate let tokens: Set<Int32>
    }

    /// To take messages apart is most of the work, and nobody who writes has to wait for it.
    static func next(_ tx: Transaction) throws -> Step {
        guard try SearchStore.isCurrent(tx) else { return .beginAnew }
        let messages = try SearchStore.queued(limit: batch, tx)
        let hasOlder = try SearchStore.beginning(tx) > MessageID(rawValue: 0)
        guard !messages.isEmpty else { return hasOlder ? .fetchOlder : .nothing }
        let entries = try SearchStore.entries(messages, tx).map { entry in
            (entry.candidate.id, Prepared(entry: entry, tokens: entry.tokens))
        }
        return .insert(
            messages: messages, entries: Dictionary(uniqueKeysWithValues: entries),
            isLast: messages.count < batch && !hasOlder)
    }

    static func perform(_ step: Step, _ tx: Transaction) throws {
        switch step {
        case .nothing: break
        case .beginAnew: try SearchStore.beginAnew(tx)
        case .fetchOlder: try SearchStore.enqueueOlder(limit: batch, tx)
        case .insert(let messages, let entries, _): try insert(messages, entries, tx)
        }
    }

    /// Moves messages from the line into the index, but for those that have changed meanwhile: they stay for the next time.
    private static func insert(
        _ messages: [MessageID], _ entries: [MessageID: Prepared], _ tx: Transaction
    ) throws {
        // Another process may have emptied the index since.
        guard try SearchStore.isCurrent(tx) else { return }
        let changed = Set(
            try SearchStore.entries(messages, tx).filter { entry in
                entries[entry.candidate.id]?.entry.isIdentical(to: entry) != true
            }.map(\.candidate.id))
        let unchanged = messages.filter { !changed.contains($0) }
        guard !unchanged.isEmpty else { return }
        for message in try SearchStore.dequeue(unchanged, tx) {
            guard let entry = entries[message] else { continue }
            try SearchStore.insert(message, entry.tokens, tx)
        }
    }
}
