import Database
import Events
import Features
import Kernel
import People

/// Who may write to whom: people say it, and it holds whenever somebody comes to them.
package struct MessagingSettings: Sendable {
    static let serverCap = Cap(
        "servers whose members are said to be contacts or not", per: .person, 200, .refused(field: "server_dms"))

    let parts: Parts

    struct Change: Sendable {
        let conversations: Circle?
        let groups: Circle?
        let friendRequests: Circle?
        /// Nil takes back what was said of a server.
        let servers: [ServerID: ServerMembers?]
        let givesReadReceipts: Bool?
        let showsTyping: Bool?
        let isCompact: Bool?
        let opensConversations: Bool?
    }

    // MARK: Reading and changing

    func values(of user: UserID, _ tx: Transaction) throws -> MessagingSettingValues {
        let tier = try UserStore.required(user, tx).tier
        return MessagingSettingValues(
            user: user, preferences: try MessagingSettingStore.preferences(of: user, tx),
            servers: try MessagingSettingStore.servers(of: user, tx),
            messageLength: parts.configuration.messageLength(of: tier),
            file_bytes: parts.configuration.fileSize_bytes(of: tier))
    }

    func read(for caller: Caller) async throws -> MessagingSettingValues {
        try await parts.database.read { tx in try values(of: caller.user, tx) }
    }

    /// - Throws: `.invalidInput` for a server that the caller is not in, and for too many; `.moduleNotAvailable`.
    func change(_ change: Change, by caller: Caller) async throws -> MessagingSettingValues {
        if change.givesReadReceipts != nil { try parts.configuration.require(.readReceipts) }
        return try await parts.database.write { tx in
            let old = try MessagingSettingStore.preferences(of: caller.user, tx)
            let new = change.applied(to: old)
            let haveServersChanged = try changeServers(change.servers, of: caller.user, tx)
            if new != old { try MessagingSettingStore.set(new, of: caller.user, tx) }
            let values = try values(of: caller.user, tx)
            if haveServersChanged || new != old { tx.emit(.messagingSettingsUpdate, values, to: .user(caller.user)) }
            return values
        }
    }

    /// - Returns: whether anything is different.
    private func changeServers(
        _ changes: [ServerID: ServerMembers?], of user: UserID, _ tx: Transaction
    ) throws -> Bool {
        let old = try MessagingSettingStore.servers(of: user, tx)
        var new = old
        for (server, members) in changes.sorted(by: { $0.key < $1.key }) {
            new[server] = members
            guard new[server] != old[server] else { continue }
            guard let members else {
                try MessagingSettingStore.forget(server, for: user, tx)
                continue
            }
            guard try MemberStore.isMember(user, of: server, tx) else {
                throw APIError.invalidInput("server_dms", "names a server that you are not in")
            }
            try MessagingSettingStore.set(members, of: server, for: user, tx)
        }
        if new.count > old.count { try Self.serverCap.requireRoom(new.count - 1) }
        return new != old
    }

    // MARK: Holding

    /// Whether somebody wants another one to come to them in that way.
    static func isWelcome(_ user: UserID, to other: UserID, _ approach: Approach, _ tx: Transaction) throws -> Bool {
        let circle = try MessagingSettingStore.preferences(of: other, tx).circle(for: approach)
        switch circle {
        case .everyone: return true
        case .nobody: return false
        case .friends, .contacts:
            if try RelationshipStore.relationship(of: other, with: user, tx)?.status == .friend { return true }
            return try circle == .contacts && areInServerOfContacts(user, other, tx)
        }
    }

    /// - Throws: `.cannotMessageUser`, as for a block.
    static func requireWelcome(_ user: UserID, to other: UserID, _ approach: Approach, _ tx: Transaction) throws {
        guard try isWelcome(user, to: other, approach, tx) else { throw APIError.cannotMessageUser }
    }

    /// Whether two share a server whose members the second one does not keep away.
    private static func areInServerOfContacts(_ user: UserID, _ other: UserID, _ tx: Transaction) throws -> Bool {
        let closed = try MessagingSettingStore.servers(of: other, tx).filter { $0.value == .strangers }
        guard !closed.isEmpty else { return try MemberStore.shareServer(user, other, tx) }
        // One more than can be closed, so that one that is not is among them.
        return try MemberStore.mutualServers(of: user, and: other, limit: closed.count + 1, tx)
            .contains { closed[$0] == nil }
    }

    /// Those of some people who tell what they have read, and are told.
    package static func givingReadReceipts(among users: [UserID], _ tx: Transaction) throws -> Set<UserID> {
        Set(users).subtracting(try MessagingSettingStore.withoutReadReceipts(among: users, tx))
    }

    /// Whether others are told that somebody types.
    package static func showsTyping(_ user: UserID, _ tx: Transaction) throws -> Bool {
        try MessagingSettingStore.preferences(of: user, tx).showsTyping
    }
}

extension MessagingSettings.Change {
    fileprivate func applied(to old: MessagingPreferences) -> MessagingPreferences {
        MessagingPreferences(
            conversations: conversations ?? old.conversations, groups: groups ?? old.groups,
            friendRequests: friendRequests ?? old.friendRequests,
            givesReadReceipts: givesReadReceipts ?? old.givesReadReceipts,
            showsTyping: showsTyping ?? old.showsTyping, isCompact: isCompact ?? old.isCompact,
            opensConversations: opensConversations ?? old.opensConversations)
    }
}
