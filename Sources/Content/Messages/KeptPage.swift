import Community
import Database
import Kernel
import People

/// A page of messages as it was written for somebody, and is for everybody as long as it is current.
struct KeptPage: Sendable {
    /// A part of the list, in its order.
    fileprivate enum Part: Sendable {
        /// Messages that are the same for all, in JSON, with commas between them.
        case text([UInt8])
        /// One that is read for each reader.
        case message(MessageID)
    }

    /// A node of the version before changes messages without another revision, so nothing is kept for longer.
    private static let lifetime = Duration.seconds(60)

    /// The list: the same for all, or in parts.
    fileprivate enum Content: Sendable {
        case whole(KeptText)
        case parts([Part])
    }

    private let revision: Int64
    /// Nil for a page to which nothing can come.
    private let newestMessage: MessageID?
    /// Of everybody who is named in what is written.
    private let faces: [UserID: UserFace]
    private let madeAt: Timestamp
    private let content: Content
    /// What it takes in memory, roughly.
    let size_bytes: Int

    /// Nil where nothing is the same for all.
    /// - Parameters:
    ///   - messages: what the page has at the moment.
    ///   - channel: as it was read in the same transaction.
    init?(_ messages: [Message], _ page: MessagePage, of channel: Channel, _ tx: Transaction) throws {
        let written = messages.filter { !$0.details.standsElsewhere }
        guard !written.isEmpty else { return nil }
        revision = channel.messagesRevision
        newestMessage = page == .newest ? channel.newestMessage : nil
        faces = try UserStore.faces(of: Set(written.flatMap(\.named)), tx)
        madeAt = tx.now
        content =
            written.count == messages.count ? .whole(KeptText(messages.jsonBytes)) : .parts(Self.parts(of: messages))
        size_bytes = 1024 + faces.count * 256 + content.size_bytes
    }

    private static func parts(of messages: [Message]) -> [Part] {
        var parts: [Part] = []
        var text = JSONWriter(reservingCapacity: messages.count * 512)
        for message in messages {
            if message.details.standsElsewhere {
                if !text.bytes.isEmpty { parts.append(.text(text.bytes)) }
                text = JSONWriter()
                parts.append(.message(message.id))
            } else {
                text.value(message)
            }
        }
        return text.bytes.isEmpty ? parts : parts + [.text(text.bytes)]
    }

    /// Whether the database would still give it.
    /// - Parameter channel: as it was read in this transaction.
    func isCurrent(in channel: Channel, _ tx: Transaction) throws -> Bool {
        guard revision == channel.messagesRevision, newestMessage.map({ $0 == channel.newestMessage }) ?? true,
            isFresh(at: tx.now)
        else { return false }
        let current = try UserStore.faces(of: Set(faces.keys), tx)
        return current.count == faces.count && current.allSatisfy { faces[$0]?.isSame(as: $1) == true }
    }

    /// Also by a clock that was set back it is kept no longer.
    func isFresh(at now: Timestamp) -> Bool { (madeAt...madeAt + Self.lifetime).contains(now) }

    /// The list for somebody who finds it current.
    func list(in channel: Channel, for reader: UserID, _ tx: Transaction) throws -> MessageList {
        switch content {
        case .whole(let text): return MessageList(text)
        case .parts(let parts):
            let wanted = parts.compactMap { if case .message(let id) = $0 { id } else { nil } }
            return Self.list(parts, with: try MessageStore.messages(wanted, in: channel, for: reader, tx))
        }
    }

    /// - Parameter messages: among them those that are read for each reader.
    func list(with messages: [Message]) -> MessageList {
        switch content {
        case .whole(let text): MessageList(text)
        case .parts(let parts): Self.list(parts, with: messages)
        }
    }

    private static func list(_ parts: [Part], with messages: [Message]) -> MessageList {
        let found = Dictionary(uniqueKeysWithValues: messages.map { ($0.id, $0) })
        var json = JSONWriter(reservingCapacity: messages.count * 512)
        json.beginArray()
        for part in parts {
            switch part {
            case .text(let text): json.raw(text)
            case .message(let id): if let message = found[id] { json.value(message) }
            }
        }
        json.endArray()
        return MessageList(KeptText(json.bytes))
    }
}

extension KeptPage.Content {
    fileprivate var size_bytes: Int {
        switch self {
        // A packed text is a sixth of it; a quarter, where it says little twice.
        case .whole(let text): text.bytes.capacity * 5 / 4
        case .parts(let parts): parts.reduce(0) { if case .text(let text) = $1 { $0 + text.capacity } else { $0 + 16 } }
        }
    }
}

extension Message {
    /// Those whose names stand in it.
    fileprivate var named: [UserID] { [author] + (reply.map { [$0.author] } ?? []) + details.mentions.users }
}
