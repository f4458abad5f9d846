import Database
import Events
import Features
import Kernel
import People

/// Friends, requests to become such, and blocks.
package struct Relationships: Sendable {
    /// How many friends, requests and blocks a user can have, each.
    static let maximum = 1000

    let parts: Parts
    let presences: Presences
    let notifications: Notifications

    /// Whom a request goes to.
    enum Addressee: Sendable {
        case id(UserID)
        case name(String)
    }

    func list(of caller: Caller) async throws -> [Relationship] {
        let relationships = try await parts.database.read { tx in
            try RelationshipStore.relationships(of: caller.user, tx)
        }
        return presences.attached(to: relationships)
    }

    // MARK: Friends

    /// Asks somebody to be friends. A request that crosses theirs makes the friendship.
    /// - Throws: `.userNotFound`, `.invalidInput` for oneself, `.cannotMessageUser` when they have blocked the caller,
    ///   `.alreadyExists`.
    func request(_ addressee: Addressee, message: String?, by caller: Caller) async throws -> Relationship {
        let relationship = try await parts.database.write { tx in
            let addressee = try Self.user(addressee, tx)
            let other = addressee.id
            guard other != caller.user else { throw APIError.invalidInput("user_id", "is your own") }
            guard !addressee.isBot else { throw APIError.cannotMessageUser }
            let own = try RelationshipStore.relationship(of: caller.user, with: other, tx)
            switch own?.status {
            case .pendingIncoming: return try befriend(caller.user, other, tx)
            case .friend, .pendingOutgoing, .blocked: throw APIError.alreadyExists
            case nil: break
            }
            if try RelationshipStore.isBlocked(between: caller.user, and: other, tx) {
                throw APIError.cannotMessageUser
            }
            try MessagingSettings.requireWelcome(caller.user, to: other, .friendRequest, tx)
            try Self.requireRoom([.pendingIncoming, .pendingOutgoing], of: caller.user, tx)
            try Self.requireRoom([.pendingIncoming, .pendingOutgoing], of: other, tx)
            try RelationshipStore.set(.pendingOutgoing, of: caller.user, with: other, message: message, tx)
            try RelationshipStore.set(.pendingIncoming, of: other, with: caller.user, message: message, tx)
            try notifications.notify(other, .friendRequest, from: caller.user, tx)
            try tellAdded(other, of: caller.user, tx)
            return try tellAdded(caller.user, of: other, tx, returning: caller.user)
        }
        tellPresences(of: relationship, caller)
        return relationship
    }

    /// New friends learn whether the other one is there.
    private func tellPresences(of relationship: Relationship, _ caller: Caller) {
        guard relationship.status == .friend else { return }
        for user in [caller.user, relationship.user] { presences.tellAgain(user) }
    }

    private static func user(_ addressee: Addressee, _ tx: Transaction) throws -> User {
        switch addressee {
        case .id(let id): return try UserStore.required(id, tx)
        case .name(let name):
            guard let user = try UserStore.user(named: name, tx) else { throw APIError.userNotFound }
            return user
        }
    }

    private static func requireRoom(
        _ statuses: [Relationship.Status], of user: UserID, _ tx: Transaction
    ) throws {
        guard try RelationshipStore.count(of: user, statuses, tx) < maximum else {
            throw APIError.invalidInput("user_id", "one of you has \(maximum) of these already, which is the limit")
        }
    }

    /// - Throws: `.friendRequestNotFound`.
    func accept(_ other: UserID, by caller: Caller) async throws -> Relationship {
        let relationship = try await parts.database.write { tx in
            guard try RelationshipStore.relationship(of: caller.user, with: other, tx)?.status == .pendingIncoming
            else {
                throw APIError.friendRequestNotFound
            }
            return try befriend(caller.user, other, tx)
        }
        tellPresences(of: relationship, caller)
        return relationship
    }

    private func befriend(_ user: UserID, _ other: UserID, _ tx: Transaction) throws -> Relationship {
        try Self.requireRoom([.friend], of: user, tx)
        try Self.requireRoom([.friend], of: other, tx)
        try RelationshipStore.set(.friend, of: user, with: other, tx)
        try RelationshipStore.set(.friend, of: other, with: user, tx)
        try notifications.notify(other, .friendAccepted, from: user, tx)
        try tellAdded(other, of: user, tx)
        return try tellAdded(user, of: other, tx, returning: user)
    }

    /// Ends a friendship, declines or cancels a request, or lifts a block.
    /// - Throws: `.relationshipNotFound`.
    func remove(_ other: UserID, by caller: Caller) async throws {
        let wasBlocked = try await parts.database.write { tx in
            guard let own = try RelationshipStore.relationship(of: caller.user, with: other, tx) else {
                throw APIError.relationshipNotFound
            }
            try Self.end(of: caller.user, with: other, tx)
            // The other one's own block stays, and a lifted block is nothing that they knew of.
            if own.status != .blocked { try Self.end(of: other, with: caller.user, tx) }
            return own.status == .blocked
        }
        if wasBlocked { presences.tellAgain(caller.user) }
    }

    static func end(of user: UserID, with other: UserID, _ tx: Transaction) throws {
        guard let old = try RelationshipStore.relationship(of: user, with: other, tx) else { return }
        try RelationshipStore.delete(of: user, with: other, tx)
        try Notifications.withdrawFriendship(of: user, from: other, tx)
        tx.emit(.relationshipRemove, RelationshipRemovedEvent(user: old.user), to: .user(user))
    }

    // MARK: Blocks

    /// Ends whatever there was and keeps the other one from writing to the caller.
    /// - Throws: `.userNotFound`, `.alreadyExists`.
    func block(_ other: UserID, by caller: Caller) async throws -> Relationship {
        try await parts.database.write { tx in
            _ = try UserStore.required(other, tx)
            guard other != caller.user else { throw APIError.invalidInput("user_id", "is your own") }
            let old = try RelationshipStore.relationship(of: caller.user, with: other, tx)
            guard old?.status != .blocked else { throw APIError.alreadyExists }
            try Self.requireRoom([.blocked], of: caller.user, tx)
            if try RelationshipStore.relationship(of: other, with: caller.user, tx)?.status != .blocked {
                try Self.end(of: other, with: caller.user, tx)
            }
            try RelationshipStore.set(.blocked, of: caller.user, with: other, tx)
            try Notifications.withdrawAll(of: caller.user, from: other, tx)
            try tellAdded(other, of: caller.user, tx)
            tx.hide(caller.user, from: other, wasFriend: old?.status == .friend)
            guard let new = try RelationshipStore.relationship(of: caller.user, with: other, tx) else {
                throw APIError.internalServerError
            }
            return new
        }
    }

    /// - Throws: `.cannotMessageUser` when one of them has blocked the other.
    package static func requireUnblocked(_ one: UserID, _ other: UserID, _ tx: Transaction) throws {
        if try RelationshipStore.isBlocked(between: one, and: other, tx) { throw APIError.cannotMessageUser }
    }

    /// How close somebody is to a user, as the user's circles count.
    package static func closeness(of viewer: UserID, to user: UserID, _ tx: Transaction) throws -> Closeness {
        guard viewer != user else { return .oneself }
        switch try RelationshipStore.relationship(of: user, with: viewer, tx)?.status {
        case .blocked: return .blocked
        case .friend: return .friend
        case .pendingIncoming, .pendingOutgoing, nil:
            return try MemberStore.shareServer(viewer, user, tx) ? .contact : .stranger
        }
    }

    /// - Throws: `.cannotMessageUser` when two are neither friends nor members of one server.
    static func requireContact(_ one: UserID, _ other: UserID, _ tx: Transaction) throws {
        if try RelationshipStore.relationship(of: one, with: other, tx)?.status == .friend { return }
        guard try MemberStore.shareServer(one, other, tx) else { throw APIError.cannotMessageUser }
    }

    /// In a conversation of two, neither may have blocked the other, and the other has to want to hear of one.
    /// - Throws: `.cannotMessageUser`.
    package static func requireTalking(_ place: Place, _ user: UserID, _ tx: Transaction) throws {
        guard place.channel.type == .dm else { return }
        for other in place.participants where other != user {
            try requireUnblocked(user, other, tx)
            try PrivateChannels.requireWelcome(user, to: other, tx)
        }
    }

    // MARK: Events

    /// - Parameters:
    ///   - other: who stands differently to `user` from now on.
    private func tellAdded(_ other: UserID, of user: UserID, _ tx: Transaction) throws {
        guard let relationship = try RelationshipStore.relationship(of: user, with: other, tx) else { return }
        tx.emit(.relationshipAdd, relationship, to: .user(user))
    }

    /// Tells the other side, too, and returns the relationship as `user` has it.
    private func tellAdded(
        _ user: UserID, of other: UserID, _ tx: Transaction, returning caller: UserID
    ) throws -> Relationship {
        try tellAdded(user, of: other, tx)
        guard let relationship = try RelationshipStore.relationship(of: caller, with: other, tx) else {
            throw APIError.internalServerError
        }
        return relationship
    }
}
