import Database
import Features
import Kernel

extension Setting {
    package static let providers = Setting(
        "oauth.providers", .names, default: "",
        "Names of providers of single sign-on, separated by commas. Each has settings of its own: `oauth.NAME.issuer` and so on."
    )
}

extension SingleSignOn: Feature {
    package static let settings: [Setting] = [.providers]

    package static let tables: [Table] = [
        Table(
            "external_identities", [.text("issuer"), .text("subject"), .id("user_id"), .time("created_at")],
            key: ["issuer", "subject"], exports: [.rows("external_identities.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])])
    ]

    package static let module: Module? = .oauth
}
