import Database
import Features
import Kernel

extension RateLimitBucket {
    package static let upload = RateLimitBucket("upload", Rate(30, per: .seconds(60), burst: 10))
}

extension Blobs: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.upload]

    package static let tables: [Table] = [
        .impersonal("blob_checks", "blob_id due_at"),
        .impersonal("blob_variants", "blob_id name", files: [.file("variant_id", whenBlocked: .deleted)]),
        .impersonal("blobs", "id sha256 size content_type state created_at"),
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "files", sweep)] }
}
