import Database
import Events
import Features
import Files
import Kernel

/// What is left of an account that ends: an id, and what it said to others.
package enum AccountErasure {
    /// Takes away everything that is about the person. What that is, each feature says (`Feature.accountEnds`) and each of
    /// their tables (`Table.Erasure`).
    package static func erase(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        let account = try UserStore.required(user, tx)
        let acquaintances = try parts.features.acquaintances(of: user, tx)
        try parts.features.accountEnds(user, parts, tx)
        try EventLog.forgetAll(toldOnly: user, tx)
        try AccountStore.anonymise(user, tx)
        try UserEvents.changed(PublicUser(try UserStore.required(user, tx)), for: acquaintances, tx)
        try Blobs.release(account.avatar, tx)
    }
}
