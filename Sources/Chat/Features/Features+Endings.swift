import Database
import Kernel

/// What all features do when something ends, and what they declare of their tables.
extension Features {
    /// Made from the list itself, so that there is only one.
    static let types: [any Feature.Type] = documented.all.map { type(of: $0) }

    static let tables: [Table] = types.flatMap { $0.tables }

    /// The columns that name a blob.
    static let fileColumns: [(table: StaticSQL, column: String, blocked: Table.Blocked)] = tables.flatMap { table in
        table.columns.compactMap { column in
            if case .file(let blocked) = column.value { (table.name, column.name, blocked) } else { nil }
        }
    }

    // MARK: Ends

    /// To be called while the messages are still there.
    static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {
        for feature in types { try feature.messagesEnd(messages, tx) }
        try deleteRows(with: .message, messages, tx)
    }

    static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {
        for feature in types { try feature.channelDisappears(channel, tx) }
    }

    static func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws {
        for feature in types { try feature.channelEnds(channel, tx) }
        try deleteRows(with: .channel, [channel], tx)
    }

    static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        for feature in types { try feature.serverDisappears(server, tx) }
    }

    static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {
        for feature in types { try feature.serverEnds(server, tx) }
        try deleteRows(with: .server, [server], tx)
    }

    private static func deleteRows<Kind>(with thing: Table.Thing, _ ids: [Identifier<Kind>], _ tx: Transaction) throws {
        for deletion in deletions[thing] ?? [] { try tx.execute(deletion, [SQLList(ids)]) }
    }

    private static let deletions: [Table.Thing: [StaticSQL]] = {
        var deletions: [Table.Thing: [StaticSQL]] = [:]
        for table in tables {
            for case .deleted(let thing, let column) in table.endings {
                deletions[thing, default: []].append("DELETE FROM \(table.name) WHERE \(column) = ANY ($1)")
            }
        }
        return deletions
    }()
}
