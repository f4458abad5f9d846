import Community
import Database
import Events
import Features
import Kernel

/// Messages that a channel keeps at hand.
struct Pins: Sendable {
    let parts: Parts
    let auditLog: AuditLog

    /// The last pinned first.
    func list(_ channel: ChannelID, for caller: Caller) async throws -> [Message] {
        try await parts.database.read { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            return try MessageStore.pinned(in: place.channel, for: caller.user, tx)
        }
    }

    /// Pins a message, which takes `messages.manage` in a server; twice is no error.
    /// - Throws: `.permissionDenied`, `.messageNotFound`, `.invalidInput` for one too many.
    func pin(_ id: MessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await change(id, in: channel, by: caller) { message, tx in
            guard !message.details.isPinned else { return false }
            let maximum = caller.tier.limits.pins
            guard try MessageStore.pinCount(in: channel, tx) < maximum else {
                throw APIError.invalidInput("message_id", "the channel has \(maximum) pins already, which is the limit")
            }
            try MessageStore.setPinned(tx.now, id, tx)
            return true
        }
    }

    func unpin(_ id: MessageID, in channel: ChannelID, by caller: Caller) async throws {
        try await change(id, in: channel, by: caller) { message, tx in
            guard message.details.isPinned else { return false }
            try MessageStore.setPinned(nil, id, tx)
            return true
        }
    }

    private func change(
        _ id: MessageID, in channel: ChannelID, by caller: Caller,
        _ change: @escaping @Sendable (Message, Transaction) throws -> Bool
    ) async throws {
        try await parts.database.write(.same(channel.rawValue)) { tx in
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            if !place.isPrivate { try place.require(.messagesManage) }
            try Relationships.requireTalking(place, caller.user, tx)
            let message = try Messages.required(id, in: place, for: nil, tx)
            guard try change(message, tx) else { return }
            Self.tell(place, tx)
            try Messages.tellChanged(id, in: place, tx)
            if let server = place.channel.server {
                try auditLog.record(
                    message.details.isPinned ? .messageUnpin : .messagePin, .message(id, in: channel), in: server,
                    by: caller,
                    changes: [
                        "channel_id": .string(channel.description), "author_id": .string(message.author.description),
                        "pinned": AuditChanges.change(
                            from: .bool(message.details.isPinned), to: .bool(!message.details.isPinned)),
                    ], tx)
            }
        }
    }

    /// A channel's pins are others now.
    static func tell(_ place: Place, _ tx: Transaction) {
        tx.emit(
            .channelPinsUpdate, PinsEvent(channel: place.channel.id, server: place.channel.server),
            to: place.messageAudience)
    }
}

/// CHANNEL_PINS_UPDATE.
struct PinsEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?

    static let shape = JSONShape<PinsEvent>(
        "PinsEvent", .field("channel_id", \.channel), .field("server_id", \.server))
}
