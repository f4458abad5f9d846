import Database
import Kernel

package enum BadgeStore {
    package static func set(_ badges: [Badge], of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET badges = $2 WHERE id = $1", [user, text(badges)])
    }

    /// As the `badges` column has them.
    static func text(_ badges: [Badge]) -> String { badges.map(\.rawValue).joined(separator: ",") }

    static func badges(_ text: String) -> [Badge] {
        text.split(separator: ",").compactMap { Badge(rawValue: String($0)) }
    }
}
