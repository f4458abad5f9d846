import Database
import Kernel

/// An event that waits for the end of its transaction, where it gets its position.
struct PendingEvent: Sendable {
    let name: EventName
    let intent: Intents
    let audiences: [Audience]
    var subject = EventSubject.none
    let payload: [UInt8]
}

extension Transaction {
    /// Records an event as part of this transaction and delivers it after the commit.
    /// - Parameters:
    ///   - subject: what must still be seen for a replay to tell of it.
    ///   - audiences: a session that is in several of them gets the event once.
    public func emit<Payload>(
        _ kind: EventKind<Payload>, _ payload: Payload, about subject: EventSubject = .none, to audiences: Audience...
    ) {
        emit(kind, payload, about: subject, to: audiences)
    }

    /// As above, for a list of audiences that is made at run time. An empty one records nothing.
    public func emit<Payload>(
        _ kind: EventKind<Payload>, _ payload: Payload, about subject: EventSubject = .none, to audiences: [Audience]
    ) {
        guard !audiences.isEmpty else { return }
        emit(kind, EncodedOnce(payload), about: subject, to: audiences)
    }

    /// As above, for what is answered to the request, too.
    public func emit<Payload>(
        _ kind: EventKind<Payload>, _ payload: EncodedOnce<Payload>, about subject: EventSubject = .none,
        to audiences: [Audience]
    ) {
        guard !audiences.isEmpty else { return }
        leave(
            inOutbox: PendingEvent(
                name: kind.name, intent: kind.intents.needed(for: payload.value), audiences: audiences,
                subject: subject, payload: payload.jsonBytes))
    }

    /// Changes what an audience sees, at this place in the order of events.
    /// - Parameter audiences: users, or one audience; more than a thousand are found by users alone.
    public func changeSight(_ change: SightChange, of audiences: [Audience]) {
        guard !audiences.isEmpty else { return }
        leave(inOutbox: PendingEvent(name: .sight, intent: [], audiences: audiences, payload: change.payload))
    }

    /// Ends logins: sockets that were opened with them close.
    public func endLogins(_ sessions: [SessionID], of user: UserID) {
        guard !sessions.isEmpty else { return }
        leave(
            inOutbox: PendingEvent(
                name: .loginsEnded, intent: [], audiences: [.user(user)], payload: sessions.jsonBytes))
    }

    /// Makes all nodes ask anew what accounts may do.
    public func changeStanding(of users: [UserID]) {
        guard !users.isEmpty else { return }
        leave(
            inOutbox: PendingEvent(
                name: .standingChanged, intent: [], audiences: users.map(Audience.user), payload: users.jsonBytes))
    }

    /// Shows somebody to a viewer as gone, on whichever node that is.
    /// - Parameter wasFriend: whether the viewer could know that they were there.
    public func hide(_ user: UserID, from viewer: UserID, wasFriend: Bool) {
        var payload = JSONWriter()
        payload.beginObject()
        payload.member("user_id", user)
        payload.member("was_friend", wasFriend)
        payload.endObject()
        leave(inOutbox: PendingEvent(name: .hidden, intent: [], audiences: [.user(viewer)], payload: payload.bytes))
    }
}

extension Event {
    /// Whose standing a `.standingChanged` event is about.
    public var usersOfOtherStanding: [UserID] {
        guard name == .standingChanged, let users = try? JSONParser.parse(payload).array else { return [] }
        return users.compactMap { $0.string.flatMap { try? UserID(parsing: $0) } }
    }

    /// Who is hidden from whom by a `.hidden` event.
    public var hiding: (user: UserID, viewer: UserID, wasFriend: Bool)? {
        guard name == .hidden, let json = try? JSONParser.parse(payload), let viewer = audiences.first,
            let user = json["user_id"]?.string.flatMap({ try? UserID(parsing: $0) })
        else { return nil }
        return (user, UserID(rawValue: viewer.id), json["was_friend"]?.bool == true)
    }

    /// The logins that a `.loginsEnded` event ends.
    public var endedLogins: [SessionID] {
        guard name == .loginsEnded, let sessions = try? JSONParser.parse(payload).array else { return [] }
        return sessions.compactMap { $0.string.flatMap { try? SessionID(parsing: $0) } }
    }
}
