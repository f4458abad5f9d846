import Database
import Kernel

extension ReadStates: Feature {
    static let tables: [Table] = [
        Table(
            "read_states", [.id("user_id"), .id("channel_id"), .id("last_read_id")], key: ["user_id", "channel_id"],
            exports: [.rows("read_states.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])],
            endings: [.kept(after: .channel, "the number of a message; it is found by whose it is, and goes with them")]
        )
    ]

    func ready(for user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("read_state", try Self.states(of: user, tx))]
    }
}
