import Database
import Features
import Kernel

extension Blobs: Feature {
    package static let tables: [Table] = [
        .impersonal("blob_checks", "blob_id due_at"),
        .impersonal("blob_variants", "blob_id name", files: [.file("variant_id", whenBlocked: .deleted)]),
        .impersonal("blobs", "id sha256 size content_type state created_at"),
    ]

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "files", sweep)] }
}
