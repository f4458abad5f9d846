import Community
import Database
import Kernel
import People

/// What somebody does not want to hear of, as their clients keep it: a channel, or a whole server.
enum Muting {
    /// The key of the setting: `{channels: {id: {muted}}, servers: {id: {muted}}}`.
    private static let key = "client.notifications"

    static func isMuted(_ channel: Channel, for user: UserID, _ tx: Transaction) throws -> Bool {
        guard let text = try UserSettings.value(key, of: user, tx), let wishes = JSON(text: text) else { return false }
        // A thread is as its channel, and a channel as its server, unless it has a wish of its own.
        let places = [
            wishes["channels"]?[channel.id.description],
            channel.thread.flatMap { wishes["channels"]?[$0.parent.description] },
            channel.server.flatMap { wishes["servers"]?[$0.description] },
        ]
        return places.lazy.compactMap { $0?["muted"]?.bool }.first ?? false
    }
}
