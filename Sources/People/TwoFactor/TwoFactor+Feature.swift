import Database
import Features
import Kernel

extension RateLimitBucket {
    /// What proves who somebody is while logged in: codes, passkeys, the password for a weighty change.
    package static let twoFactor = RateLimitBucket("two_factor", Rate(5, per: .seconds(60)), allowsHashing: true)
}

extension TwoFactor: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.twoFactor]

    package static let tables: [Table] = [
        Table(
            "backup_codes", [.id("user_id"), .withheld("code_hash")], key: [],
            exports: [.withheld("secrets, of which only hashes are stored")], erasure: [.deleted(of: ["user_id"])]),
        Table(
            "two_factor",
            [
                .id("user_id"), .withheld("secret"), .flag("is_confirmed"), .withheld("last_step"), .time("created_at"),
            ], key: ["user_id"], exports: [.rows("two_factor.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
    ]

    package static let module: Module? = .twoFactor
}
