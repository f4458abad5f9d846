import Community
import Database
import Features
import Kernel

extension ReadStates: ServerReader {
    package static let tables: [Table] = [
        Table(
            "read_states", [.id("user_id"), .id("channel_id"), .id("last_read_id")], key: ["user_id", "channel_id"],
            exports: [.rows("read_states.json", of: ["user_id"])], erasure: [.deleted(of: ["user_id"])],
            endings: [.kept(after: .channel, "the number of a message; it is found by whose it is, and goes with them")]
        )
    ]

    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        try part(user, from: server, tx)
    }

    package static func participantLeaves(_ user: UserID, _ group: ChannelID, _ tx: Transaction) throws {
        if let group = try ChannelStore.channel(group, tx) { try part(user, from: group, tx) }
    }

    package static let readyMembers: [JSONSchema.Property] = [.init("read_state", [ReadState].schema, isRequired: true)]

    package func ready(
        in memberships: [Membership], for reader: ReadyReader, _ tx: Transaction
    ) throws -> [NamedJSON] {
        var readable = try Self.readable(by: reader.user, in: memberships, tx)
        if reader.isTold(of: nil) { readable += try Self.readablePrivately(by: reader.user, tx) }
        return [NamedJSON("read_state", try Self.states(of: readable, for: reader.user, tx))]
    }
}
