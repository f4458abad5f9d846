import Database
import Features
import Kernel

extension Passkeys: Feature {
    package static let tables: [Table] = [
        Table(
            "passkeys",
            [
                .id("id"), .id("user_id"), .withheld("credential_id"), .withheld("public_key"), .number("sign_count"),
                .text("transports"), .flag("is_backed_up"), .text("name"), .time("created_at"), .time("last_used_at"),
            ], exports: [.file("passkeys.json")], erasure: [.deleted(of: ["user_id"])])
    ]

    package static let module: Module? = .passkeys

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("passkeys.json", try PasskeyStore.passkeys(of: user, tx))]
    }

    package static var caps: [Cap] { [Cap("passkeys", per: .person, maximumPerUser, .refused(field: "credential"))] }
}
