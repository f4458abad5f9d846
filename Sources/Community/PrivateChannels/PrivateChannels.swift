import Database
import Events
import Features
import Kernel
import People

/// Channels outside servers: between two people, among a group, and one's own notes.
package struct PrivateChannels: Sendable {
    /// How many can be in a group.
    static let maximumParticipants = 100
    /// In how many groups somebody can be.
    static let maximumGroups = 100
    /// So many are told of a new name or picture, those of the newest conversations; there is no end to whom a bot can talk to.
    static let maximumAcquaintances = 1000
    /// All that are open are in READY. Whatever is put away comes back with its next message.
    static let openCap = Cap(
        "open conversations", per: .person, 1000, .oldestGoes, "put away until something is said")

    let parts: Parts
    let notifications: Notifications

    // MARK: Reading

    func list(of caller: Caller) async throws -> [Channel] {
        try await parts.database.read { tx in try Self.channels(of: caller.user, tx) }
    }

    static func channels(of user: UserID, _ tx: Transaction) throws -> [Channel] {
        let channels = try ChannelStore.privateChannels(of: user, tx)
        return try complete(channels, keptAwayBy: try RelationshipStore.blockers(of: user, tx), tx)
    }

    /// What a user hears through these channels besides what is addressed to them.
    package static func audiences(of user: UserID, _ tx: Transaction) throws -> [Audience] {
        try ChannelStore.privateChannels(of: user, tx).filter { $0.type == .group }
            .flatMap { [.channel($0.id), .messages(of: $0.id)] }
    }

    /// The channel with the people in it, for all of them.
    static func complete(_ channel: Channel, _ tx: Transaction) throws -> Channel {
        let participants = try ChannelStore.participants(of: channel.id, tx)
        let strangers = try RelationshipStore.blockers(among: participants, tx)
        return try complete([channel], keptAwayBy: strangers, tx)[0]
    }

    private static func complete(
        _ channels: [Channel], keptAwayBy strangers: Set<UserID>, _ tx: Transaction
    ) throws -> [Channel] {
        let participants = try ChannelStore.participants(of: channels.map(\.id), tx)
        let users = try UserStore.users(Set(participants.values.joined()), tx)
        return channels.map { channel in
            var channel = channel
            channel.recipients = (participants[channel.id] ?? []).compactMap { id in
                users[id].map { PublicUser($0, keptAwayBy: strangers) }
            }
            return channel
        }
    }

    // MARK: Two people

    /// The conversation with somebody, made when there is none yet. They learn of it with the first message. A bot opens one
    /// only with people whom it has a server in common with, and with its owner.
    /// - Throws: `.userNotFound`, `.cannotMessageUser`.
    func openConversation(with other: UserID, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            _ = try UserStore.required(other, tx)
            guard other != caller.user else { throw APIError.invalidInput("recipient_id", "is your own") }
            try Relationships.requireUnblocked(caller.user, other, tx)
            if caller.isBot, try ApplicationStore.application(ofBot: caller.user, tx)?.owner != other {
                try Relationships.requireContact(caller.user, other, tx)
            }
            try Self.requireWelcome(caller.user, to: other, tx)
            return try pair(.dm, caller.user, other, tx)
        }
    }

    /// Whom somebody has ever written to there may answer them, whatever they want now.
    /// - Throws: `.cannotMessageUser`.
    static func requireWelcome(_ user: UserID, to other: UserID, _ tx: Transaction) throws {
        if try MessagingSettings.isWelcome(user, to: other, .conversation, tx) { return }
        guard let channel = try PrivateChannelStore.channel(of: user, and: other, tx),
            try PrivateChannelStore.hasWritten(other, in: channel, tx)
        else { throw APIError.cannotMessageUser }
    }

    func notes(of caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in try pair(.notes, caller.user, caller.user, tx) }
    }

    private func pair(_ type: ChannelType, _ user: UserID, _ other: UserID, _ tx: Transaction) throws -> Channel {
        if let known = try PrivateChannelStore.channel(of: user, and: other, tx),
            let channel = try ChannelStore.channel(known, tx)
        {
            try Self.tellOpened(channel, to: try ChannelStore.open(known, for: user, tx), tx)
            return try Self.complete(channel, tx)
        }
        let channel = newChannel(type, name: type == .notes ? "Notes" : "", owner: nil, tx.now)
        try ChannelStore.insert(channel, tx)
        try PrivateChannelStore.insert(channel.id, of: user, and: other, tx)
        try ChannelStore.add(user, to: channel.id, isOpen: true, tx)
        try ChannelStore.add(other, to: channel.id, isOpen: false, tx)
        try Self.tellOpened(channel, to: [user], tx)
        return try Self.complete(channel, tx)
    }

    private func newChannel(_ type: ChannelType, name: String, owner: UserID?, _ now: Timestamp) -> Channel {
        Channel(
            id: parts.ids.next(), server: nil, name: name, type: type, topic: nil, position: 0, category: nil,
            nsfw: false, slowmode_s: 0, createdAt: now, lastMessage: nil, owner: owner)
    }

    /// To be called when something was said: shows the conversation to those who had closed it or did not know it.
    package static func reveal(_ channel: Channel, saidBy author: UserID, _ tx: Transaction) throws {
        try PrivateChannelStore.noteWritten(author, in: channel.id, tx)
        try tellOpened(channel, to: try ChannelStore.open(channel.id, tx), tx)
    }

    private static func tellOpened(_ channel: Channel, to users: [UserID], _ tx: Transaction) throws {
        guard !users.isEmpty else { return }
        tx.emit(.channelCreate, try complete(channel, tx), to: users.map(Audience.user))
        for user in users {
            for surplus in try PrivateChannelStore.quietest(
                of: user, beyond: openCap.maximum - 1, besides: channel.id, tx)
            {
                try close(surplus, for: user, tx)
            }
        }
    }

    // MARK: Groups

    /// - Throws: `.userNotFound`; `.cannotMessageUser` when one of them and the caller do not talk or do not know each other;
    ///   `.invalidInput` when somebody is in as many groups as one can be.
    func makeGroup(of others: [UserID], name: String?, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let others = Set(others).subtracting([caller.user]).sorted()
            guard others.count >= 2 else {
                throw APIError.invalidInput("recipient_ids", "must name at least two others")
            }
            try Self.requireRoom(for: caller.user, named: "recipient_ids", tx)
            for other in others { try Self.requireAddable(other, named: "recipient_ids", by: caller, tx) }
            let channel = newChannel(.group, name: name ?? "", owner: caller.user, tx.now)
            try ChannelStore.insert(channel, tx)
            let everyone = [caller.user] + others
            for user in everyone { try ChannelStore.add(user, to: channel.id, isOpen: true, tx) }
            let complete = try Self.complete(channel, tx)
            Self.tellGained(complete, everyone, tx)
            for user in others {
                try notifications.notify(user, .invite, from: caller.user, about: .init(channel: channel.id), tx)
            }
            return complete
        }
    }

    /// Nobody is put among people whom they do not want around, and no bot into a group.
    private static func requireAddable(
        _ user: UserID, named field: String, by caller: Caller, _ tx: Transaction
    ) throws {
        guard try !UserStore.required(user, tx).isBot else { throw APIError.cannotMessageUser }
        try Relationships.requireUnblocked(caller.user, user, tx)
        try MessagingSettings.requireWelcome(caller.user, to: user, .group, tx)
        try requireRoom(for: user, named: field, tx)
    }

    private static func requireRoom(for user: UserID, named field: String, _ tx: Transaction) throws {
        guard try PrivateChannelStore.groupCount(of: user, tx) < maximumGroups else {
            throw APIError.invalidInput(field, "one of you is in \(maximumGroups) groups already, which is the limit")
        }
    }

    private static func tellGained(_ channel: Channel, _ users: [UserID], _ tx: Transaction) {
        tx.changeSight(
            SightChange(gained: [.channel(channel.id), .messages(of: channel.id)]), of: users.map(Audience.user))
        tx.emit(.channelCreate, channel, about: .place(.channel(channel.id)), to: users.map(Audience.user))
    }

    private static func group(_ id: ChannelID, for caller: Caller, _ tx: Transaction) throws -> Place {
        let place = try Channels.place(id, for: caller.user, tx)
        guard place.channel.type == .group else { throw APIError.invalidInput("channel_id", "must be a group") }
        return place
    }

    /// Anyone in a group can bring somebody.
    /// - Throws: `.alreadyMember`, `.userNotFound`, `.cannotMessageUser`.
    func add(_ user: UserID, to id: ChannelID, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let place = try Self.group(id, for: caller, tx)
            guard !place.participants.contains(user) else { throw APIError.alreadyMember }
            try Self.requireAddable(user, named: "user_id", by: caller, tx)
            guard place.participants.count < Self.maximumParticipants else {
                throw APIError.invalidInput(
                    "user_id", "the group has \(Self.maximumParticipants) members, which is the limit")
            }
            try ChannelStore.add(user, to: id, isOpen: true, tx)
            let channel = try Self.complete(place.channel, tx)
            tx.emit(.channelUpdate, channel, to: .channel(id))
            Self.tellGained(channel, [user], tx)
            try notifications.notify(user, .invite, from: caller.user, about: .init(channel: id), tx)
            return channel
        }
    }

    /// Everyone can leave; only the owner removes others.
    /// - Throws: `.permissionDenied`, `.memberNotFound`.
    func remove(_ user: UserID, from id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.group(id, for: caller, tx)
            guard user == caller.user || place.channel.owner == caller.user else { throw APIError(.permissionDenied) }
            guard place.participants.contains(user) else { throw APIError.memberNotFound }
            try Self.leave(place.channel, user, parts, tx)
        }
    }

    /// The oldest of those who stay owns the group when its owner goes; nobody left, nothing left.
    static func leave(_ channel: Channel, _ user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        try parts.features.participantLeaves(user, channel.id, tx)
        tx.emit(.channelDelete, ChannelDeletedEvent(id: channel.id, server: nil), to: .user(user))
        tx.changeSight(
            SightChange(lost: [.channel(channel.id), .messages(of: channel.id)]), of: [.user(user)])
        try ChannelStore.remove(user, from: channel.id, tx)
        try Notifications.withdraw(of: user, in: channel.id, tx)
        guard let heir = try PrivateChannelStore.oldestParticipant(of: channel.id, tx) else {
            return try ChannelStore.markDeleted(channel.id, parts.features, tx)
        }
        var channel = channel
        if channel.owner == user { channel.owner = heir }
        try ChannelStore.update(channel, tx)
        tx.emit(.channelUpdate, try complete(channel, tx), to: .channel(channel.id))
    }

    /// Anyone in a group can give it another name, and say whether there are read receipts.
    static func change(_ place: Place, _ change: Channels.Change, _ tx: Transaction) throws -> Channel {
        guard place.channel.type == .group else { throw APIError.invalidInput("channel_id", "can't be changed") }
        var channel = place.channel
        channel.name = change.name ?? channel.name
        channel.readReceipts = change.readReceipts ?? channel.readReceipts
        try ChannelStore.update(channel, tx)
        let changed = try complete(channel, tx)
        tx.emit(.channelUpdate, changed, to: .channel(channel.id))
        return changed
    }

    /// A conversation is put away until the next message; a group is left.
    static func putAway(_ place: Place, by user: UserID, _ parts: Parts, _ tx: Transaction) throws {
        guard place.channel.type != .group else { return try leave(place.channel, user, parts, tx) }
        try close(place.channel.id, for: user, tx)
    }

    private static func close(_ channel: ChannelID, for user: UserID, _ tx: Transaction) throws {
        try PrivateChannelStore.close(channel, for: user, tx)
        tx.emit(.channelDelete, ChannelDeletedEvent(id: channel, server: nil), to: .user(user))
    }
}
