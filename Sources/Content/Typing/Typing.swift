import Community
import Database
import Events
import Features
import Kernel

/// "Alice is typing": told to those who are there, kept nowhere. It lasts ten seconds unless it is said again.
package struct Typing: Sendable {
    let parts: Parts
    let transient: TransientEvents

    /// - Throws: `.channelNotFound`, `.accessDenied`, `.permissionDenied` for one who could not send either.
    package func start(in channel: ChannelID, by user: UserID) async throws {
        try await announce(.typingStart, in: channel, by: user)
    }

    /// - Throws: as `start`.
    package func stop(in channel: ChannelID, by user: UserID) async throws {
        try await announce(.typingStop, in: channel, by: user)
    }

    private func announce(
        _ kind: TransientEventKind<TypingEvent>, in channel: ChannelID, by user: UserID
    ) async throws {
        let decision = try await parts.log.readIfSettled(on: parts.database) { tx in
            let place = try Channels.place(channel, for: user, tx)
            try place.requireMessages()
            try place.permissions.require(.messagesSend)
            try Threads.requireOpen(place)
            try Relationships.requireTalking(place, user, tx)
            let horizon = try parts.log.horizon(tx)
            return (place: place, isShown: try MessagingSettings.showsTyping(user, tx), horizon: horizon)
        }
        guard let (place, isShown, horizon) = decision, isShown else { return }
        let event = TypingEvent(channel: channel, server: place.channel.server, user: user, at: parts.clock.now())
        transient.publish(kind, event, to: place.messageAudience, knowing: horizon)
    }
}

/// TYPING_START and TYPING_STOP.
struct TypingEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID?
    let user: UserID
    let at: Timestamp

    static let shape = JSONShape<TypingEvent>(
        "TypingEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("user_id", \.user),
        .field("timestamp", \.at))
}
