import Database
import Foundation
import Kernel

/// What somebody has said of servers and channels.
package struct NotificationWishes: Sendable {
    let servers: [ServerID: PlaceWishes]
    let channels: [ChannelID: PlaceWishes]

    /// Whether there is a place where not everything that names them speaks to them.
    package var suppressAnything: Bool {
        [Array(servers.values), Array(channels.values)].joined().contains {
            $0.suppressesEveryone == true || $0.suppressesRoles == true
        }
    }

    /// How much they want to hear of a channel: a thread's own wishes count before those of its channel, these before those of
    /// the category, and these before those of the server.
    /// - Parameter parent: the channel that a thread is in.
    package func attention(to channel: Channel, in parent: Channel?, at now: Timestamp) -> Attention {
        let category = (parent ?? channel).category
        let places = [channel.id, parent?.id, category].compactMap { $0 }.compactMap { channels[$0] }
        return Attention(places + [channel.server.flatMap { servers[$0] }].compactMap { $0 }, channel, at: now)
    }
}

/// How much somebody wants to hear of a channel.
package struct Attention: Sendable, Equatable {
    package let level: PlaceWishes.Level
    package let isMuted: Bool
    package let suppressesEveryone: Bool
    package let suppressesRoles: Bool
    package let pushes: Bool

    /// - Parameter wishes: what counts first comes first.
    init(_ wishes: [PlaceWishes], _ channel: Channel, at now: Timestamp) {
        // What is said to somebody in private is meant for them.
        level = wishes.lazy.compactMap(\.level).first ?? (channel.server == nil ? .all : .mentions)
        // One that is over says nothing any more.
        isMuted = wishes.contains { $0.mutedUntil.map { $0 > now } ?? false }
        suppressesEveryone = wishes.lazy.compactMap(\.suppressesEveryone).first ?? false
        suppressesRoles = wishes.lazy.compactMap(\.suppressesRoles).first ?? false
        pushes = wishes.lazy.compactMap(\.pushes).first ?? true
    }

    /// Whether what names them, or answers them, is to be told by other ways than the client's own.
    package var tellsOfMentions: Bool { !isMuted && level != .none }

    /// Whether what is said to everyone is.
    package var tellsOfEveryone: Bool { tellsOfMentions && !suppressesEveryone }

    /// Whether all that is said is.
    package var tellsOfEverything: Bool { !isMuted && level == .all }
}

extension NotificationSettings {
    package static func wishes(of user: UserID, _ tx: Transaction) throws -> NotificationWishes {
        NotificationWishes(
            servers: try NotificationSettingStore.servers(of: user, tx),
            channels: try NotificationSettingStore.channels(of: user, tx))
    }

    package static func attention(of user: UserID, to channel: Channel, _ tx: Transaction) throws -> Attention {
        let parent = try channel.thread.flatMap { try ChannelStore.channel($0.parent, tx) }
        return try wishes(of: user, tx).attention(to: channel, in: parent, at: tx.now)
    }

    package static func preferences(of user: UserID, _ tx: Transaction) throws -> NotificationPreferences {
        try NotificationSettingStore.preferences(of: user, tx)
    }

    /// By whose clock somebody lives, as far as their profile says it.
    package static func timeZone(of user: UserID, _ tx: Transaction) throws -> TimeZone {
        try ProfileStore.profile(of: user, tx).timezone.flatMap(TimeZone.init(identifier:)) ?? .gmt
    }

    /// Of a server's members, some who want to hear of everything that is said in a channel.
    /// - Parameter after: who comes later, by their ids.
    package static func listeners(
        to channel: Channel, after: UserID, limit: Int, _ tx: Transaction
    ) throws -> [UserID] {
        guard let server = channel.server else { return [] }
        let parent = try channel.thread.flatMap { try ChannelStore.channel($0.parent, tx) }
        let places = [channel.id, parent?.id, (parent ?? channel).category].compactMap { $0 }
        return try tx.ask(NotificationSettingStore.wantingAll(of: places, in: server, after: after, limit: limit))
    }
}
