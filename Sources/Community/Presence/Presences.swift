import Bus
import Database
import Events
import Features
import Kernel
import Logging
import NIOConcurrencyHelpers
import People

/// Who is there. Kept in memory, from the gateway's sessions; what people chose to be shown as is stored.
///
/// Changes are told by one task, one after another, so that the last thing that others hear is what is true.
package final class Presences: Sendable {
    /// So many people's choices are read together.
    private static let atOnce = 500
    /// Servers with more members tell a presence only to those who asked for that member.
    static let largestChattyServer = 250
    /// How many members' presences one user can ask for.
    private static let maximumWatched = 1000

    struct Person {
        /// Those that are connected to this node.
        var devices: [UInt64: Presence.Status] = [:]
        /// Whether there may be others.
        var isElsewhere = false
        /// Nil until it was read from the database; nobody is shown before.
        var choice: PresenceChoice?
        var published = Presence.Status.offline
        /// The newest event when it was told last as what they are shown; the greatest number while that is under way.
        var toldAt = Int64.max
    }

    struct State {
        var people: [UserID: Person] = [:]
        var others = OtherNodes()
        /// How many changes the others were told of.
        var version: Int64 = 0
        /// This node ends, once its people are elsewhere.
        var isLeaving = false
        /// Whoever goes from here goes to another node.
        var isHandingOver = false
        /// Who asked for whom, in which servers.
        var watchers: [UserID: [UserID: Set<ServerID>]] = [:]
        var watched: [UserID: Set<UserID>] = [:]

        /// All of somebody's devices, whichever node they are connected to.
        func devices(of user: UserID) -> [Presence.Status] {
            guard let person = people[user] else { return [] }
            return Array(person.devices.values) + (person.isElsewhere ? others.devices(of: user) : [])
        }
    }

    /// What is to be told of somebody.
    private struct News {
        let shown: Presence
        let choice: PresenceChoice?
        let isNew: Bool

        var hasGone: Bool { isNew && shown.status == .offline }
    }

    let parts: Parts
    private let transient: TransientEvents
    let state = NIOLockedValueBox(State())
    let changes = PresenceQueue()

    /// Nil where there is one node alone.
    package var node: NodeLink? { transient.node }

    init(_ parts: Parts, transient: TransientEvents) {
        self.parts = parts
        self.transient = transient
        parts.log.listen { [changes] events in
            for (user, viewer, wasFriend) in events.compactMap(\.hiding) {
                changes.add(.hidden(user, from: viewer, wasFriend: wasFriend))
            }
        }
        hearOthers()
    }

    // MARK: Devices

    package func deviceCame(_ device: UInt64, of user: UserID) {
        state.withLockedValue { state in
            state.people[user, default: Person()].devices[device] = .online
            share(.devices, of: user, &state)
        }
        changes.add(.of(user))
    }

    package func device(_ device: UInt64, of user: UserID, is status: Presence.Status) {
        let isKnown = state.withLockedValue { state in
            guard state.people[user]?.devices[device] != nil else { return false }
            state.people[user]?.devices[device] = status
            share(.devices, of: user, &state)
            return true
        }
        if isKnown { changes.add(.of(user)) }
    }

    package func deviceWent(_ device: UInt64, of user: UserID) {
        let isGone = state.withLockedValue { state in
            // The others wait for a while before they tell that somebody has not come.
            if state.isHandingOver { return false }
            state.people[user]?.devices[device] = nil
            share(.devices, of: user, &state)
            guard state.people[user]?.devices.isEmpty == true else { return true }
            for target in state.watched.removeValue(forKey: user) ?? [] {
                state.watchers[target]?[user] = nil
                if state.watchers[target]?.isEmpty == true { state.watchers[target] = nil }
            }
            return true
        }
        if isGone { changes.add(.of(user)) }
    }

    /// Remembers that somebody wants to hear of members of a large server while they are connected.
    package func watch(_ users: [UserID], in server: ServerID, by watcher: UserID) {
        state.withLockedValue { state in
            guard state.people[watcher]?.devices.isEmpty == false else { return }
            for user in users where user != watcher {
                guard state.watched[watcher, default: []].count < Self.maximumWatched else { return }
                state.watched[watcher, default: []].insert(user)
                state.watchers[user, default: [:]][watcher, default: []].insert(server)
            }
        }
    }

    // MARK: Looking

    /// Whether somebody is connected, no matter as what they are shown.
    func isConnected(_ user: UserID) -> Bool {
        state.withLockedValue { !$0.devices(of: user).isEmpty }
    }

    /// Whether somebody is at one of their devices, no matter as what they are shown.
    package func isActive(_ user: UserID) -> Bool {
        state.withLockedValue { $0.devices(of: user).contains { $0 != .idle } }
    }

    /// Whether somebody has said that they want to be left alone.
    package static func wantsQuiet(_ user: UserID, _ tx: Transaction) throws -> Bool {
        try PresenceStore.choice(of: user, tx)?.status == .dnd
    }

    /// What others see of somebody at the moment.
    func presence(of user: UserID) -> Presence {
        let now = parts.clock.now()
        return state.withLockedValue { Self.shown(user, $0, at: now) }
    }

    /// What others see of somebody who is connected, and the newest event when they were told.
    func shown(_ user: UserID) -> (presence: Presence, toldAt: Int64)? {
        let now = parts.clock.now()
        return state.withLockedValue { state in
            state.people[user].map { (Self.shown(user, state, at: now), $0.toldAt) }
        }
    }

    private static func shown(_ user: UserID, _ state: State, at now: Timestamp) -> Presence {
        guard let choice = state.people[user]?.choice?.current(at: now) else { return .offline(user) }
        let status = PresenceMerge.status(choice: choice.status, devices: state.devices(of: user))
        guard status != .offline else { return .offline(user) }
        return Presence(
            user: user, status: status, customStatus: choice.customStatus, customEmoji: choice.customEmoji)
    }

    /// What users see of themselves.
    static func own(_ user: UserID, _ choice: PresenceChoice, _ shown: Presence) -> Presence {
        Presence(
            user: user, status: choice.isHidden ? .invisible : shown.status, customStatus: choice.customStatus,
            customEmoji: choice.customEmoji)
    }

    /// Somebody's presence, if it is the viewer's to see: friends' and that of members of shared servers. Others, and those
    /// who have blocked the viewer, read as offline.
    func presence(of user: UserID, for viewer: UserID) async throws -> Presence {
        let now = parts.clock.now()
        if user == viewer {
            let choice = try await parts.database.read { tx in try PresenceStore.choice(of: user, tx) }
            return Self.own(user, (choice ?? PresenceChoice()).current(at: now), presence(of: user))
        }
        let (isVisible, lastSeen) = try await parts.database.read { tx in
            _ = try UserStore.required(user, tx)
            let hasBlocked = try RelationshipStore.relationship(of: user, with: viewer, tx)?.status == .blocked
            let isVisible = try !hasBlocked && PresenceStore.areRelated(viewer, user, tx)
            return (isVisible, isVisible ? try PresenceStore.lastSeen(of: user, tx) : nil)
        }
        var presence = isVisible ? presence(of: user) : .offline(user)
        if presence.status == .offline { presence.lastSeen = lastSeen }
        return presence
    }

    func attached(to relationships: [Relationship]) -> [Relationship] {
        relationships.map { relationship in
            guard relationship.status == .friend else { return relationship }
            var relationship = relationship
            relationship.presence = presence(of: relationship.user)
            return relationship
        }
    }

    /// - Parameter hidden: those who have blocked the viewer.
    package func attached(to members: [Member], hiding hidden: Set<UserID>) -> [Member] {
        members.map { member in
            var member = member
            member.presence = hidden.contains(member.user) ? .offline : presence(of: member.user).status
            return member
        }
    }

    // MARK: Choosing

    /// Says as what one wants to be shown, on all devices and from now on. A custom status that has run out is none.
    func choose(_ wanted: WantedPresence, by user: UserID) async throws -> Presence {
        try await choose(by: user) { wanted.applied(to: $0) }
    }

    /// Says something beside one's status, which stays as it is.
    func say(_ text: Change<String>, _ emoji: Change<String>, by user: UserID) async throws {
        _ = try await choose(by: user) { old in
            WantedPresence(
                status: old.status, customStatus: text.applied(to: old.customStatus),
                customEmoji: emoji.applied(to: old.customEmoji), expiresAt: .unchanged
            ).applied(to: old)
        }
    }

    private func choose(
        by user: UserID, _ change: @escaping @Sendable (PresenceChoice) -> PresenceChoice
    ) async throws -> Presence {
        let choice = try await parts.database.write { [parts] tx in
            let old = try PresenceStore.choice(of: user, tx) ?? PresenceChoice()
            let choice = change(old.current(at: tx.now)).current(at: tx.now)
            try PresenceStore.set(choice, of: user, at: parts.log.newestPosition(tx), tx)
            return choice
        }
        let now = parts.clock.now()
        let shown = state.withLockedValue { state in
            state.people[user]?.choice = choice
            share(.choice, of: user, &state)
            return Self.shown(user, state, at: now)
        }
        changes.add(.again(user))
        return Self.own(user, choice, shown)
    }

    /// Tells everyone who may know: also those who could not know before.
    func tellAgain(_ user: UserID) {
        state.withLockedValue { share(.choice, of: user, &$0) }
        changes.add(.again(user))
    }

    /// Ends custom statuses that have run out.
    package func expire() { changes.add(.expiry) }

    // MARK: Telling

    /// Tells of changes until it is cancelled.
    package func run() async {
        do {
            // Those who were there when the last run ended are not, until they come back; where others run, these know.
            try await parts.database.write { [parts, node] tx in
                if let node, try !node.living(tx).subtracting([node.name]).isEmpty { return }
                try PresenceStore.allHaveGone(at: parts.log.newestPosition(tx), tx)
            }
        } catch {
            parts.logger.warning("old presences can't be ended", metadata: ["error": "\(error)"])
        }
        for await batch in changes.batches {
            for change in batch {
                do {
                    try await tell(change)
                } catch is CancellationError {
                    return
                } catch {
                    parts.logger.warning("a presence can't be told", metadata: ["error": "\(error)"])
                }
            }
        }
        send(.ends)
    }

    private func tell(_ change: PresenceQueue.Change) async throws {
        switch change {
        case .of(let user): try await tellNews(of: user)
        case .again(let user): try await tellAll(of: user)
        case .hidden(let user, let viewer, let wasFriend):
            try await tellHidden(user, from: viewer, wasFriend: wasFriend)
        case .doubt(let users): try await learnAgain(users)
        case .expiry: try await endExpired()
        }
    }

    private func endExpired() async throws {
        let now = parts.clock.now()
        let expired = state.withLockedValue { state in
            state.people.filter { $0.value.choice.map { $0 != $0.current(at: now) } ?? false }.map(\.key)
        }
        for user in expired {
            state.withLockedValue { state in
                let choice = state.people[user]?.choice?.current(at: now)
                state.people[user]?.choice = choice
            }
            try await tellAll(of: user)
        }
    }

    /// Tells somebody who was blocked that the user has gone, if they could know that the user was there.
    private func tellHidden(_ user: UserID, from viewer: UserID, wasFriend: Bool) async throws {
        let isWatching = state.withLockedValue { $0.watchers[user]?[viewer] != nil }
        guard presence(of: user).status != .offline else { return }
        let couldKnow = try await parts.database.read { tx in
            try wasFriend || isWatching || PresenceStore.shareSmallServer(viewer, user, tx)
        }
        guard couldKnow else { return }
        transient.publishHere(.presenceUpdate, Presence.offline(user), to: [.user(viewer)], knowing: nil)
    }

    /// Tells what has changed, to those who may know.
    private func tellNews(of user: UserID) async throws {
        let now = parts.clock.now()
        let news = try await takeNews(of: user, at: now)
        guard news.isNew else { return }
        try await tellOthers(news, of: user, at: now)
        try await noteTold(news, of: user)
    }

    /// Tells how it is, changed or not: to the user's own devices, and to those who may know, if there is something to be known.
    private func tellAll(of user: UserID) async throws {
        let now = parts.clock.now()
        let news = try await takeNews(of: user, at: now)
        state.withLockedValue { $0.people[user]?.toldAt = .max }
        if let choice = news.choice {
            transient.publishHere(
                .ownPresenceUpdate, Self.own(user, choice.current(at: now), news.shown), to: [.user(user)],
                knowing: nil)
        }
        if news.isNew || news.shown.status != .offline { try await tellOthers(news, of: user, at: now) }
        try await noteTold(news, of: user)
    }

    private func takeNews(of user: UserID, at now: Timestamp) async throws -> News {
        try await learnChoice(of: user)
        let news = state.withLockedValue { state in
            guard let person = state.people[user] else { return News(shown: .offline(user), choice: nil, isNew: false) }
            let devices = state.devices(of: user)
            let shown = Self.shown(user, state, at: now)
            state.people[user]?.published = shown.status
            if shown.status != person.published { state.people[user]?.toldAt = .max }
            if devices.isEmpty { state.people[user] = nil }
            return News(shown: shown, choice: person.choice, isNew: shown.status != person.published)
        }
        // Before it is told, so that nobody who hears of it and comes back later can be left with it.
        if news.isNew, news.shown.status != .offline {
            try await parts.database.write { tx in try PresenceStore.setShown(user, tx) }
        }
        return news
    }

    private func tellOthers(_ news: News, of user: UserID, at now: Timestamp) async throws {
        var told = news.shown
        if news.hasGone {
            told.lastSeen = now
            try await parts.database.write { tx in try PresenceStore.setLastSeen(of: user, tx) }
        }
        let (audiences, except, horizon) = try await listeners(of: user)
        transient.publishHere(
            .presenceUpdate, told, to: audiences, except: except + [.user(user)], knowing: horizon)
    }

    /// What was told is known to every session that has the newest event by now, or a later one.
    private func noteTold(_ news: News, of user: UserID) async throws {
        let position =
            news.hasGone
            ? try await parts.database.write { [parts] tx in
                let position = try parts.log.newestPosition(tx)
                try PresenceStore.setGone(user, at: position, tx)
                return position
            } : try await parts.log.newestPosition(in: parts.database)
        state.withLockedValue { state in
            if state.people[user]?.toldAt == .max { state.people[user]?.toldAt = position }
        }
    }

    private func learnChoice(of user: UserID) async throws {
        let isNeeded = state.withLockedValue { $0.people[user].map { $0.choice == nil } ?? false }
        guard isNeeded else { return }
        let choice = try await parts.database.read { tx in try PresenceStore.choice(of: user, tx) }
        state.withLockedValue { state in
            if state.people[user]?.choice == nil { state.people[user]?.choice = choice ?? PresenceChoice() }
        }
    }

    /// Finds out what people have chosen of whom something was missed, and tells what is new.
    private func learnAgain(_ users: Set<UserID>) async throws {
        var rest = Array(users)[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.atOnce))
            rest = rest.dropFirst(Self.atOnce)
            let known = state.withLockedValue { state in
                some.compactMap { user in state.people[user]?.choice.map { (user, $0) } }
            }
            let choices = try await parts.database.read { tx in try PresenceStore.choices(of: some, tx) }
            let news = state.withLockedValue { state in
                known.filter { user, old in
                    let choice = choices[user] ?? PresenceChoice()
                    // What was chosen here meanwhile is newer.
                    guard state.people[user]?.choice == old, choice != old else { return false }
                    state.people[user]?.choice = choice
                    return true
                }
            }
            for (user, _) in news { try await tellAll(of: user) }
        }
    }

    /// Friends, small servers, and those who asked, but for those whom the user has blocked.
    private func listeners(
        of user: UserID
    ) async throws -> (audiences: [Audience], except: [Audience], horizon: Int64?) {
        let watchers = state.withLockedValue { $0.watchers[user] ?? [:] }
        return try await parts.log.read(on: parts.database) { [parts] tx in
            let servers = try PresenceStore.servers(of: user, tx)
            let own = Set(servers.map(\.server))
            let watching = try watchers.filter { watcher, places in
                try places.intersection(own).contains { try MemberStore.isMember(watcher, of: $0, tx) }
            }
            let friends = try RelationshipStore.others(of: user, .friend, tx)
            let small = servers.filter { $0.memberCount <= Self.largestChattyServer }.map(\.server)
            return (
                small.map(Audience.server) + (friends + watching.keys).map(Audience.user),
                try RelationshipStore.others(of: user, .blocked, tx).map(Audience.user),
                try parts.log.horizon(tx)
            )
        }
    }
}
