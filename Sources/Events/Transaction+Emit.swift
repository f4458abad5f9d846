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
}

extension Event {
    /// The logins that a `.loginsEnded` event ends.
    public var endedLogins: [SessionID] {
        guard name == .loginsEnded, let sessions = try? JSONParser.parse(payload).array else { return [] }
        return sessions.compactMap { $0.string.flatMap { try? SessionID(parsing: $0) } }
    }
}
