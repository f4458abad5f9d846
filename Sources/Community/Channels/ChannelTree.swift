import Database
import Kernel

/// The channels of a server with their overwrites, to look at many of them at once.
struct ChannelTree {
    let channels: [Channel]
    let byID: [ChannelID: Channel]
    let overwrites: [ChannelID: [PermissionOverwrite]]

    init(of server: ServerID, _ tx: Transaction) throws { self.init(try ChannelStore.channels(of: server, tx)) }

    init(_ channels: [Channel]) {
        self.channels = channels
        byID = Dictionary(uniqueKeysWithValues: channels.map { ($0.id, $0) })
        overwrites = channels.overwritesByChannel
    }

    func inForce(in channel: Channel) -> [PermissionOverwrite] { channel.inForce(overwrites) }

    /// With one more.
    func adding(_ channel: Channel) -> ChannelTree { ChannelTree(channels + [channel]) }

    /// With other forms of some channels, and without one that goes.
    func replacing(_ changed: [Channel], without deleted: ChannelID? = nil) -> ChannelTree {
        let changed = Dictionary(uniqueKeysWithValues: changed.map { ($0.id, $0) })
        return ChannelTree(channels.filter { $0.id != deleted }.map { changed[$0.id] ?? $0 })
    }

    /// A channel in another category. It takes along what counted in it, so that nobody sees more of it by the move.
    func moved(_ channel: Channel, to category: ChannelID?) -> Channel {
        guard category != channel.category else { return channel }
        var moved = channel
        moved.overwrites = inForce(in: channel)
        moved.category = category
        return moved
    }
}
