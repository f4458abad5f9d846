import Database
import Kernel

/// All features as each of them knows the others: by what their kinds declare and do when something ends.
public struct FeatureList: Sendable {
    package let types: [any Feature.Type]
    package let tables: [Table]
    package let auditActions: [AuditAction]
    package let settings: [Setting]
    /// With the general ones.
    package let rateLimitBuckets: [RateLimitBucket]
    package let permissions: [Permission]
    /// The columns that name a blob.
    package let fileColumns: [(table: StaticSQL, column: String, blocked: Table.Blocked)]
    private let deletions: [Table.Thing: [StaticSQL]]

    /// - Parameter types: in the order in which an account is taken apart.
    package init(_ types: [any Feature.Type]) {
        self.types = types
        tables = types.flatMap { $0.tables }
        auditActions = types.flatMap { $0.auditActions }
        settings = types.flatMap { $0.settings }
        rateLimitBuckets = RateLimitBucket.general + types.flatMap { $0.rateLimitBuckets }
        permissions = types.flatMap { $0.permissions }
        fileColumns = tables.flatMap { table in
            table.columns.compactMap { column in
                if case .file(let blocked) = column.value { (table.name, column.name, blocked) } else { nil }
            }
        }
        var deletions: [Table.Thing: [StaticSQL]] = [:]
        for table in tables {
            for case .deleted(let thing, let column) in table.endings {
                deletions[thing, default: []].append("DELETE FROM \(table.name) WHERE \(column) = ANY ($1)")
            }
        }
        self.deletions = deletions
    }

    // MARK: Ends

    /// To be called while the messages are still there.
    package func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {
        for feature in types { try feature.messagesEnd(messages, tx) }
        try deleteRows(with: .message, messages, tx)
    }

    package func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {
        for feature in types { try feature.channelDisappears(channel, tx) }
    }

    /// Removes some of what a channel had that has disappeared.
    /// - Returns: whether there was any.
    package func channelEmpties(_ channel: ChannelID, _ tx: Transaction) throws -> Bool {
        for feature in types where try feature.channelEmpties(channel, self, tx) { return true }
        return false
    }

    package func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws {
        for feature in types { try feature.channelEnds(channel, tx) }
        try deleteRows(with: .channel, [channel], tx)
    }

    package func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        for feature in types { try feature.serverDisappears(server, tx) }
    }

    package func serverEnds(_ server: ServerID, _ tx: Transaction) throws {
        for feature in types { try feature.serverEnds(server, tx) }
        try deleteRows(with: .server, [server], tx)
    }

    /// To be called while they are still a member.
    package func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        for feature in types { try feature.memberLeaves(user, server, tx) }
    }

    /// Removes some of what somebody wrote on a server since a moment.
    /// - Returns: whether there was any.
    package func takeBack(
        of user: UserID, in server: ServerID, since message: MessageID, _ tx: Transaction
    ) throws -> Bool {
        for feature in types where try feature.takeBack(of: user, in: server, since: message, self, tx) { return true }
        return false
    }

    /// To be called while they are still in the group.
    package func participantLeaves(_ user: UserID, _ group: ChannelID, _ tx: Transaction) throws {
        for feature in types { try feature.participantLeaves(user, group, tx) }
    }

    package func acquaintances(of user: UserID, _ tx: Transaction) throws -> Set<UserID> {
        try types.reduce(into: []) { all, feature in all.formUnion(try feature.acquaintances(of: user, tx)) }
    }

    package func keptAway(by user: UserID, _ tx: Transaction) throws -> Set<UserID> {
        try types.reduce(into: []) { all, feature in all.formUnion(try feature.keptAway(by: user, tx)) }
    }

    package func accountIsTouched(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for feature in types { try feature.accountIsTouched(user, parts, tx) }
    }

    package func faceChanges(_ user: UserID, _ tx: Transaction) throws {
        for feature in types { try feature.faceChanges(user, tx) }
    }

    package func notificationWishesChange(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for feature in types { try feature.notificationWishesChange(user, parts, tx) }
    }

    package func isNotified(
        _ user: UserID, of notification: NotificationID, _ parts: Parts, _ tx: Transaction
    ) throws {
        for feature in types { try feature.isNotified(user, of: notification, parts, tx) }
    }

    /// Takes away everything that is about a person.
    package func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for feature in types { try feature.accountEnds(account, parts, tx) }
        for table in tables { try PersonalDataStore.erase(account, from: table, tx) }
    }

    private func deleteRows<Kind>(with thing: Table.Thing, _ ids: [Identifier<Kind>], _ tx: Transaction) throws {
        for deletion in deletions[thing] ?? [] { try tx.execute(deletion, [SQLList(ids)]) }
    }
}
