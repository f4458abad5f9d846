import Database
import Kernel
import NIOConcurrencyHelpers

/// What decides about somebody in a channel of a server, beside the channel itself.
package struct PlaceGrounds {
    fileprivate let whereabouts: ChannelWhereabouts.Entry
    let standing: StandingGrounds
    let overwrites: [ChannelID: [PermissionOverwrite]]
    let isListenedTo: Bool

    /// Whether it was the right thing to ask for.
    func concern(_ channel: Channel) -> Bool { whereabouts == ChannelWhereabouts.Entry(channel) }

    fileprivate static func query(
        of id: ChannelID, _ entry: ChannelWhereabouts.Entry, for user: UserID
    ) -> Query<PlaceGrounds?> {
        let places = [id] + (entry.category.map { [$0] } ?? [])
        return StandingGrounds.query(user, in: entry.server).and(ChannelStore.overwrites(of: places))
            .and(NotificationSettingStore.isAllWanted(of: places, in: entry.server))
            .map { PlaceGrounds(whereabouts: entry, standing: $0.0, overwrites: $0.1, isListenedTo: $1) }
    }
}

/// Where channels were when they were seen last. It lets everything that decides about a place be asked for together with the
/// channel; if it is somewhere else by now, it is asked for again.
package final class ChannelWhereabouts: Sendable {
    fileprivate struct Entry: Equatable {
        let server: ServerID
        let category: ChannelID?

        /// Nil for private channels, and for threads, about which their parents decide.
        init?(_ channel: Channel) {
            guard let server = channel.server, channel.thread == nil else { return nil }
            self.server = server
            category = channel.category
        }
    }

    /// Some hundred bytes each. Those that are spoken in come back at once.
    private static let maximumCount = 10_000

    private let entries = NIOLockedValueBox<[ChannelID: Entry]>([:])

    package init() {}

    /// Asks for what decides about somebody in a channel; nil where nothing is known of it.
    package func grounds(of channel: ChannelID, for user: UserID) -> Query<PlaceGrounds?> {
        guard let entry = entries.withLockedValue({ $0[channel] }) else { return .known(nil) }
        return PlaceGrounds.query(of: channel, entry, for: user)
    }

    /// Takes note of a channel as it is.
    package func note(_ channel: Channel) {
        guard let entry = Entry(channel) else { return }
        entries.withLockedValue { entries in
            guard entries[channel.id] != entry else { return }
            if entries.count >= Self.maximumCount { entries.removeAll() }
            entries[channel.id] = entry
        }
    }
}
