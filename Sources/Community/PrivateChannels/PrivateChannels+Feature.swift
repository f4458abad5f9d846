import Database
import Features
import Kernel

extension RateLimitBucket {
    /// Making groups, and bringing people into them.
    package static let group = RateLimitBucket(
        "group", Rate(10, per: .seconds(60), burst: 10), Rate(100, per: .seconds(86_400)))
}

extension PrivateChannels: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.group]

    package static let tables: [Table] = [
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

    package func ready(for user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("private_channels", try Self.channels(of: user, tx))]
    }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("private_channels.json", try channels(of: user, tx))]
    }

    package static func acquaintances(of user: UserID, _ tx: Transaction) throws -> [UserID] {
        try PrivateChannelStore.others(besides: user, atMost: maximumAcquaintances, tx)
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for channel in try ChannelStore.privateChannels(of: account, tx) where channel.type == .group {
            try leave(channel, account, parts, tx)
        }
        // What was said to nobody else is nobody else's.
        guard let notes = try PrivateChannelStore.channel(of: account, and: account, tx) else { return }
        try PrivateChannelStore.forget(notes, tx)
        try ChannelStore.markDeleted(notes, parts.features, tx)
    }

    package static var caps: [Cap] {
        [
            openCap,
            Cap("groups", per: .person, maximumGroups, .refused(field: "recipient_ids"), bucket: .group),
            Cap("members", per: .group, maximumParticipants, .refused(field: "user_id")),
        ]
    }
}
