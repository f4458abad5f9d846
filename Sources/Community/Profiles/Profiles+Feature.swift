import Database
import Features
import Files
import Kernel

extension RateLimitBucket {
    package static let profileChange = RateLimitBucket(
        "profile.change", Rate(10, per: .seconds(60)), Rate(60, per: .seconds(3600)))
}

extension Profiles: Feature {
    package static let module: Module? = .profiles
    package static let rateLimitBuckets: [RateLimitBucket] = [.profileChange]

    package static let migrations: [Migration] = [
        Migration(24, "profiles") { dialect in
            [
                """
                CREATE TABLE profiles (
                    user_id \(sql: dialect.primaryKey),
                    pronouns TEXT,
                    location TEXT,
                    timezone TEXT,
                    accent_color TEXT,
                    social_links TEXT NOT NULL,
                    banner_id BIGINT,
                    visibility TEXT NOT NULL)
                """,
                "CREATE INDEX profiles_by_banner ON profiles (banner_id) WHERE banner_id IS NOT NULL",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "profiles",
            [
                .id("user_id"), .text("pronouns"), .text("location"), .text("timezone"), .text("accent_color"),
                .json("social_links"), .file("banner_id"), .json("visibility"),
            ], key: ["user_id"], exports: [.rows("profile.json", of: ["user_id"]), .file("banner.webp")],
            erasure: [.byHand("the picture goes"), .deleted(of: ["user_id"])])
    ]

    package static func exportedPictures(of user: UserID, _ tx: Transaction) throws -> [NamedPicture] {
        [NamedPicture("banner.webp", try ProfileStore.profile(of: user, tx).banner)].compactMap { $0 }
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        var profile = try ProfileStore.profile(of: account, tx)
        guard let banner = profile.banner else { return }
        profile.banner = nil
        try ProfileStore.set(profile, tx)
        try Blobs.release(banner, tx)
    }
}
