import Database
import Kernel

extension Overwrites: Feature {
    static func accountEnds(_ account: User, _ parts: Parts, _ tx: Transaction) throws {
        try removeAll(of: account.id, tx)
    }
}
