import Database
import Features
import Kernel

extension RateLimitBucket {
    package static let accountChange = RateLimitBucket(
        "account.change", Rate(2, per: .seconds(60)), Rate(10, per: .seconds(3600)), allowsHashing: true)
}

extension Users: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.accountChange]

    package static let migrations: [Migration] = [
        Migration(23, "circles of what one says of oneself") { _ in
            ["ALTER TABLE users ADD COLUMN bio_visibility TEXT NOT NULL DEFAULT 'everyone'"]
        },
        Migration(27, "age at registration") { _ in
            [
                "ALTER TABLE users ADD COLUMN age_verified_at BIGINT",
                "ALTER TABLE users ADD COLUMN age_verified_by TEXT",
            ]
        },
    ]

    package static let tables: [Table] = [
        Table(
            "users",
            [
                .id("id"), .text("username"), .withheld("username_key"), .text("email"), .withheld("email_key"),
                .withheld("password_hash"), .text("display_name"), .withheld("display_name_key"), .text("bio"),
                .text("bio_visibility"), .time("age_verified_at"), .text("age_verified_by"),
                .flag("email_verified"), .flag("is_admin"), .time("created_at"), .text("tier"), .text("badges"),
                .time("locked_at"), .time("deletion_at"), .time("deleted_at"), .flag("is_bot"), .file("avatar_id"),
            ],
            exports: [
                .rows("user.json", of: ["id"]), .file("account.json"), .file("avatar.webp"),
                .rowsBelonging("bots.json", to: "id IN (SELECT bot_id FROM applications WHERE owner_id = $1)"),
            ],
            erasure: [.byHand("the row stays without anything but its id; the picture goes")])
    ]

    package static let readyMembers: [JSONSchema.Property] = [.init("user", SelfUser.schema, isRequired: true)]

    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("user", SelfUser(try UserStore.required(reader.user, tx)))]
    }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("account.json", SelfUser(try UserStore.required(user, tx)))]
    }

    package static func exportedPictures(of user: UserID, _ tx: Transaction) throws -> [NamedPicture] {
        [NamedPicture("avatar.webp", try UserStore.required(user, tx).avatar)].compactMap { $0 }
    }
}
