import Database
import Kernel
import Media

/// Keeps the index in step with the messages, within the transactions that change them.
///
/// To index a message costs more than to store it, and costs less for many at once. So a new message is only put in line,
/// `indexNext` takes a few hundred from there, and whoever searches looks at the line as well.
enum SearchIndex {
    private static let batch = 200

    static func add(_ message: Message, _ tx: Transaction) throws {
        try SearchStore.enqueue(message.id, tx)
    }

    /// To be called after the change, with the message as it was before.
    static func replace(_ old: Message, content: String?, _ tx: Transaction) throws {
        guard try SearchStore.dequeue([old.id], tx).isEmpty else { return try SearchStore.enqueue(old.id, tx) }
        let content = old.content ?? ""
        let before = SearchCandidate(
            id: old.id, channel: old.channel, author: old.author, content: content, mentions: old.details.mentions,
            isPinned: false,
            kinds: SearchCandidate.kinds(
                content: content, hasEmbeds: old.details.embeds != .none, hasPoll: old.details.poll != nil,
                files: Set(old.details.attachments.map(\.blob.type.kind))))
        try SearchStore.delete(old.id, before.tokens(in: old.server), tx)
        try SearchStore.enqueue(old.id, tx)
    }

    /// To be called before the messages are removed.
    static func remove(_ messages: [MessageID], _ tx: Transaction) throws {
        let queued = Set(try SearchStore.dequeue(messages, tx))
        let rest = messages.filter { !queued.contains($0) }
        guard !rest.isEmpty else { return }
        for (candidate, server) in try SearchStore.indexed(rest, tx) {
            try SearchStore.delete(candidate.id, candidate.tokens(in: server), tx)
        }
    }

    /// The first in line, and what the index is to be told of each as it was when it was looked at.
    struct Batch: Sendable {
        let messages: [MessageID]
        let entries: [MessageID: (candidate: SearchCandidate, tokens: Set<Int32>)]
    }

    /// To take messages apart is most of the work, and nobody who writes has to wait for it.
    /// - Returns: nil when nothing is in line.
    static func prepareNext(_ tx: Transaction) throws -> Batch? {
        let messages = try SearchStore.queued(limit: batch, tx)
        guard !messages.isEmpty else { return nil }
        let entries = try SearchStore.indexed(messages, tx).map { candidate, server in
            (candidate.id, (candidate, candidate.tokens(in: server)))
        }
        return Batch(messages: messages, entries: Dictionary(uniqueKeysWithValues: entries))
    }

    /// Moves messages from the line into the index, but for those that have changed meanwhile: they stay for the next time.
    static func insert(_ batch: Batch, _ tx: Transaction) throws {
        let changed = Set(
            try SearchStore.indexed(batch.messages, tx).map(\.candidate)
                .filter { batch.entries[$0.id]?.candidate != $0 }.map(\.id))
        let unchanged = batch.messages.filter { !changed.contains($0) }
        guard !unchanged.isEmpty else { return }
        for message in try SearchStore.dequeue(unchanged, tx) {
            guard let entry = batch.entries[message] else { continue }
            try SearchStore.insert(message, entry.tokens, tx)
        }
    }
}
