import Database
import Features
import Kernel
import People

extension RateLimitBucket {
    /// Making groups, and bringing people into them.
    package static let group = RateLimitBucket(
        "group", Rate(10, per: .seconds(60), burst: 10), Rate(100, per: .seconds(86_400)))
}

extension PrivateChannels: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.group]

    package static let migrations: [Migration] = [.writtenConversations]

    package static let tables: [Table] = [
        Table(
            "direct_channels", [.id("lower_user_id"), .id("higher_user_id"), .id("channel_id")],
            key: ["lower_user_id", "higher_user_id"],
            exports: [.rows("direct_channels.json", of: ["lower_user_id", "higher_user_id"])],
            erasure: [
                .byHand("the notes to oneself are removed, and what was said with somebody who is gone, too"),
                .kept("the other one keeps the conversation, with somebody who has no name any more"),
            ],
            endings: [.deleted(with: .channel, by: "channel_id")])
    ]

    package static let readyMembers: [JSONSchema.Property] = [
        .init("private_channels", [Channel].schema, isRequired: true)
    ]

    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] {
        let channels = reader.isTold(of: nil) ? try Self.channels(of: reader.user, tx) : []
        return [NamedJSON("private_channels", channels)]
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
        // What was said to nobody who is still there is nobody's: notes to oneself, and what two have said who are both gone.
        let partners = try PrivateChannelStore.partners(of: account, tx)
        let people = try UserStore.users(Set(partners.map(\.user)), tx)
        for partner in partners where partner.user == account || people[partner.user]?.deletedAt != nil {
            try PrivateChannelStore.forget(partner.channel, tx)
            try ChannelStore.markDeleted(partner.channel, parts.features, tx)
        }
    }

    package static var caps: [Cap] {
        [
            openCap,
            Cap("groups", per: .person, maximumGroups, .refused(field: "recipient_ids"), bucket: .group),
            Cap("members", per: .group, maximumParticipants, .refused(field: "user_id")),
        ]
    }
}
