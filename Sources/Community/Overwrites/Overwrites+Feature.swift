import Database
import Features
import Kernel

extension AuditAction {
    static let overwriteUpdate = AuditAction("overwrite.update")
    static let overwriteDelete = AuditAction("overwrite.delete")
}

extension Overwrites: Feature {
    package static let auditActions: [AuditAction] = [.overwriteUpdate, .overwriteDelete]

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try removeAll(of: account, tx)
    }

    package static var caps: [Cap] {
        [
            Cap("overwrites", per: .server, OverwriteChange.maximumPerServer, .refused(field: "overwrites")),
            Cap("overwrites", per: .channel, OverwriteChange.maximumPerChannel, .refused(field: "overwrites")),
        ]
    }
}
