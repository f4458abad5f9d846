import Community
import Database
import Features
import Kernel
import Synchronization

/// The pages of messages that were read last, so that most who open a channel are answered what was written for others.
///
/// One is answered only while it is what the database would give in the same transaction. That is seen from what is read for every
/// answer anyway: the channel, which has another `revision` when one of its messages reads otherwise, and the names of those
/// who wrote. What stands beside a message, such as reactions, votes and files, changes without it or is different for each reader,
/// so messages that have any of it are read each time.
final class KeptPages: Sendable {
    private struct Key: Hashable {
        let channel: ChannelID
        let page: MessagePage
        let limit: Int
    }

    private static let maximum_bytes = 8 << 20

    private let size = KeptBytes(of: "pages")
    private let pages = Mutex(RecentlyUsed<Key, KeptPage>(maximumWeight: maximum_bytes))

    /// - Parameter channel: as it was read in this transaction, by somebody who may read its messages.
    func list(
        _ page: MessagePage, limit: Int, in channel: Channel, for reader: UserID, _ tx: Transaction
    ) throws -> MessageList {
        let read = { try MessageStore.messages(in: channel, page, limit: limit, for: reader, tx) }
        guard page.isLasting(in: channel) else { return MessageList(try read()) }
        let key = Key(channel: channel.id, page: page, limit: limit)
        if let kept = pages.withLock({ $0.value(for: key) }), try kept.isCurrent(in: channel, tx) {
            let list = try kept.list(in: channel, for: reader, tx)
            // In builds for tests each answer is compared.
            assert(Self.isSame(list, read), "a kept page is not what is there")
            return list
        }
        let messages = try read()
        guard let made = try KeptPage(messages, page, of: channel, tx) else { return MessageList(messages) }
        size.record(
            pages.withLock { pages in
                pages.keep(made, for: key, weighing: made.size_bytes)
                return pages.weight
            })
        return made.list(with: messages)
    }

    private static func isSame(_ list: MessageList, _ read: () throws -> [Message]) -> Bool {
        // What can't be read is wrong in another way.
        (try? read().jsonBytes).map { $0 == list.jsonBytes } ?? true
    }
}

extension MessagePage {
    /// Whether what is on it is seen from the channel alone. To the other pages messages come that are newer than what they begin
    /// with.
    fileprivate func isLasting(in channel: Channel) -> Bool {
        switch self {
        case .newest: true
        case .before(let id): id <= channel.newestMessage
        case .after, .around: false
        }
    }
}

/// What is answered to who reads a page.
struct MessageList: JSONEncodable {
    static let schema = [Message].schema

    private enum Content {
        case messages([Message])
        case text(KeptText)
    }

    private let content: Content

    init(_ messages: [Message]) { content = .messages(messages) }
    init(_ text: KeptText) { content = .text(text) }

    var keptText: KeptText? { if case .text(let text) = content { text } else { nil } }

    var jsonBytes: [UInt8] {
        switch content {
        case .messages(let messages): messages.jsonBytes
        case .text(let text): text.bytes
        }
    }

    func encode(to json: inout JSONWriter) { json.raw(jsonBytes) }
}
