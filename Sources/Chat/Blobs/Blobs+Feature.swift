import Database
import Kernel

extension Blobs: Feature {
    static let tables: [Table] = [
        .impersonal("blob_checks", "blob_id due_at"),
        .impersonal("blob_variants", "blob_id name", files: [.file("variant_id", whenBlocked: .deleted)]),
        .impersonal("blobs", "id sha256 size content_type state created_at"),
    ]

    var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "files", sweep)] }
}
