import Database
import Kernel

extension PrivateChannels: Feature {
    static let tables: [Table] = [
        Table(
            "direct_channels", [.id("lower_user_id"), .id("higher_user_id"), .id("channel_id")],
            key: ["lower_user_id", "higher_user_id"],
            exports: [.rows("direct_channels.json", of: ["lower_user_id", "higher_user_id"])],
            erasure: [
                .byHand("the notes to oneself are removed"),
                .kept("the other one keeps the conversation, with somebody who has no name any more"),
            ],
            endings: [.deleted(with: .channel, by: "channel_id")])
    ]

    func ready(for user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("private_channels", try Self.channels(of: user, tx))]
    }

    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("private_channels.json", try channels(of: user, tx))]
    }

    static func accountEnds(_ account: User, _ parts: Parts, _ tx: Transaction) throws {
        let user = account.id
        for channel in try ChannelStore.privateChannels(of: user, tx) where channel.type == .group {
            try leave(channel, user, tx)
        }
        // What was said to nobody else is nobody else's.
        guard let notes = try PrivateChannelStore.channel(of: user, and: user, tx) else { return }
        try PrivateChannelStore.forget(notes, tx)
        try ChannelStore.markDeleted(notes, tx)
    }
}
