import Database
import Features
import Files
import Kernel

extension RateLimitBucket {
    /// Pieces of an upload.
    package static let chunk = RateLimitBucket("chunk", Rate(20, per: .seconds(1), burst: 20))
}

extension Uploads: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.chunk]

    package static let tables: [Table] = [
        Table(
            "upload_chunks", [.id("upload_id"), .number("number"), .text("sha256")], key: ["upload_id", "number"],
            exports: [
                .rowsBelonging("upload_pieces.json", to: "upload_id IN (SELECT id FROM uploads WHERE user_id = $1)")
            ],
            erasure: [.byHand("with the uploads")]),
        Table(
            "uploads",
            [
                .id("id"), .id("user_id"), .id("channel_id"), .text("filename"), .number("size"), .id("attachment_id"),
                .time("created_at"), .time("expires_at"),
            ], exports: [.rows("uploads.json", of: ["user_id"])],
            erasure: [.byHand("they run out at once; the next upkeep removes them with their pieces")],
            endings: [.kept(after: .channel, "they run out")]),
    ]

    package static let module: Module? = .uploads

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "uploads", removeExpired)] }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try UploadStore.expireAll(of: account, tx)
    }

    package static var caps: [Cap] {
        [
            Cap(
                "uploads that are not complete", per: .person, maximumOpenPerUser, .refused(field: "upload"),
                bucket: .upload,
                "kept for 24 hours; \(Tier.standard.limits.uploadsPerDay ?? 0) uploads a day, more by tier")
        ]
    }
}
