import Database
import Kernel

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
                content: content, hasEmbeds: old.details.embeds != .none, hasPoll: old.details.poll != nil))
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

    /// Indexes some of those in line.
    /// - Returns: whether there may be more.
    static func indexNext(_ tx: Transaction) throws -> Bool {
        let next = try SearchStore.queued(limit: batch, tx)
        guard !next.isEmpty else { return false }
        _ = try SearchStore.dequeue(next, tx)
        for (candidate, server) in try SearchStore.indexed(next, tx) {
            try SearchStore.insert(candidate.id, candidate.tokens(in: server), tx)
        }
        return next.count == batch
    }
}
