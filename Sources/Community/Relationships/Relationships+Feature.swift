import Database
import Features
import Kernel

extension RateLimitBucket {
    package static let friendRequest = RateLimitBucket(
        "friend_request", Rate(5, per: .seconds(60)), Rate(50, per: .seconds(3600)))
}

extension Relationships: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.friendRequest]

    package static let tables: [Table] = [
        Table(
            "relationships",
            [.id("user_id"), .id("other_id"), .text("status"), .text("message"), .time("created_at")],
            key: ["user_id", "other_id"], exports: [.file("relationships.json")],
            erasure: [.byHand("the other ones are told"), .deleted(of: ["user_id", "other_id"])])
    ]

    package static let readyMembers: [JSONSchema.Property] = [
        .init("relationships", [Relationship].schema, isRequired: true),
        .init("presences", [Presence].schema, isRequired: true),
    ]

    /// The friends that are there come a second time by themselves, as everybody else who is.
    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] {
        let relationships = presences.attached(to: try RelationshipStore.relationships(of: reader.user, tx))
        let present = relationships.compactMap(\.presence).filter { $0.status != .offline }
        return [NamedJSON("relationships", relationships), NamedJSON("presences", present)]
    }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("relationships.json", try RelationshipStore.relationships(of: user, tx))]
    }

    /// Whoever has blocked them does not hear of it; there can be any number of those.
    package static func acquaintances(of user: UserID, _ tx: Transaction) throws -> [UserID] {
        try [Relationship.Status.friend, .pendingIncoming, .pendingOutgoing].flatMap { status in
            try RelationshipStore.others(of: user, status, tx)
        }
    }

    package static func keptAway(by user: UserID, _ tx: Transaction) throws -> [UserID] {
        try RelationshipStore.others(of: user, .blocked, tx)
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for relationship in try RelationshipStore.relationships(of: account, tx) {
            try end(of: relationship.user, with: account, tx)
        }
    }

    package static var caps: [Cap] {
        [
            Cap("friends", per: .person, maximum, .refused(field: "user_id")),
            Cap(
                "open friend requests", per: .person, maximum, .refused(field: "user_id"), bucket: .friendRequest,
                "sent and received together"),
            Cap("blocked people", per: .person, maximum, .refused(field: "user_id")),
        ]
    }
}
