import Database
import Features
import Kernel

extension OneTimeTokens: Feature {
    package static let tables: [Table] = [
        Table(
            "one_time_tokens",
            [
                .withheld("hash"), .text("purpose"), .id("user_id"), .withheld("data"), .number("attempts"),
                .time("created_at"), .time("expires_at"),
            ], key: [], exports: [.withheld("secrets that live for minutes or hours, of which only hashes are stored")],
            erasure: [.deleted(of: ["user_id"])])
    ]
}
