import Database
import Kernel
import OpenIDConnect

enum SingleSignOnStore {
    static func user(of identity: ExternalIdentity, _ tx: Transaction) throws -> UserID? {
        try tx.first(
            "SELECT user_id FROM external_identities WHERE issuer = $1 AND subject = $2",
            [identity.issuer, identity.subject]
        ) { $0.id(0) }
    }

    static func link(_ identity: ExternalIdentity, to user: UserID, _ tx: Transaction) throws {
        try tx.execute(
            "INSERT INTO external_identities (issuer, subject, user_id, created_at) VALUES ($1, $2, $3, $4)",
            [identity.issuer, identity.subject, user, tx.now])
    }

    static func unlinkAll(of user: UserID, _ tx: Transaction) throws {
        try tx.execute("DELETE FROM external_identities WHERE user_id = $1", [user])
    }
}
