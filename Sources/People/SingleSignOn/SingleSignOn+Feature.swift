import Database
import Features
import Kernel

extension SingleSignOn: Feature {
    package static let tables: [Table] = [
        Table(
            "external_identities", [.text("issuer"), .text("subject"), .id("user_id"), .time("created_at")],
            key: ["issuer", "subject"], exports: [.rows("external_identities.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])])
    ]

    package static let module: Module? = .oauth
}
