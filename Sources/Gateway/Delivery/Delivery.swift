import Events
import Kernel
import NIOCore

/// Where a session stands in the log, and what it sees there.
struct Place: Sendable {
    let position: Int64
    let audiences: Set<Audience>
}

/// What the sessions of one event loop get of what happens, and where each of them stands. Pure: `Shard` does the writing.
struct Delivery {
    /// What a session may have missed for it to be caught up from memory in one go.
    private static let catchUp_bytes = 256 * 1024

    private var ring: EventRing
    /// The newest event that was handled.
    private(set) var position: Int64
    var fanOut = FanOut()

    init(after position: Int64) {
        self.position = position
        ring = EventRing(after: position)
    }

    // MARK: Events

    /// What is to be done before the next event is taken.
    enum Deed {
        case nothing
        /// Enough waits to be written.
        case write
        /// What waits is to be written, then those who came with these logins leave.
        case close(Set<SessionID>)
    }

    /// Puts an event, the next one, on the lists of those who get it.
    mutating func take(_ event: PublishedEvent) -> Deed {
        ring.append(event)
        if event.isLogged { position = event.position }
        switch event.content {
        case .dispatch(let frame):
            fanOut.add(frame, event)
            return fanOut.isFull ? .write : .nothing
        case .sight(let change):
            apply(change, event)
            return .nothing
        case .loginsEnded(let logins): return .close(logins)
        }
    }

    private mutating func apply(_ change: SightChange, _ event: PublishedEvent) {
        var concerned = Set(event.audiences.flatMap { fanOut.subscriptions.members(of: $0).map(\.session) })
        for audience in change.except {
            for member in fanOut.subscriptions.members(of: audience) { concerned.remove(member.session) }
        }
        for session in concerned where event.position > fanOut.lanes[Int(session)].minimum {
            fanOut.subscriptions.change(session, lost: change.lost, gained: change.gained)
        }
    }

    /// Events up to a position are not known here: whoever was to get them has to resume.
    mutating func lose(through lost: Int64) {
        ring.reset(after: lost)
        position = max(position, lost)
    }

    /// Positions count from another one on.
    mutating func restart(after newest: Int64) {
        ring.restart(after: newest)
        position = newest
    }

    // MARK: Sessions

    /// The newest `s` that a session may be told: it has all that is up to there.
    func position(of slot: Int32) -> Int64 { max(position, fanOut.lanes[Int(slot)].minimum) }

    /// A moment in the stream of events, to ask later what has come since.
    var now: UInt64 { ring.nextSequence }

    enum Attachment {
        /// Live events follow these.
        case attached([EventFrame])
        /// It has missed more than is kept here.
        case behind
        case loginEnded
    }

    /// Lets a session take part from `place` on.
    /// - Parameter moment: unlogged events are made up for from here on.
    mutating func attach(
        _ slot: Int32, at place: Place, _ identity: GatewayIdentity, intents: Intents, since moment: UInt64
    ) -> Attachment {
        guard ring.reaches(place.position) else { return .behind }
        let reader = ShardedReader(identity)
        var audiences = place.audiences
        var missed: [EventFrame] = []
        var bytes = 0
        for event in ring.events(after: place.position, unloggedFrom: moment) {
            switch event.content {
            case .dispatch(let frame):
                guard event.intent & ~intents.bits == 0, event.audiences.contains(where: audiences.contains),
                    !event.except.contains(where: audiences.contains),
                    Self.takes(event, frame, reader, as: audiences)
                else { continue }
                bytes += frame.bytes.readableBytes
                missed.append(event.position < place.position ? frame.moved(to: place.position) : frame)
            case .sight(let change):
                guard event.audiences.contains(where: audiences.contains),
                    !change.except.contains(where: audiences.contains)
                else { continue }
                audiences.subtract(change.lost)
                audiences.formUnion(change.gained)
            case .loginsEnded(let logins):
                if logins.contains(identity.login) { return .loginEnded }
            }
        }
        guard bytes <= Self.catchUp_bytes else { return .behind }
        fanOut.lanes[Int(slot)].minimum = max(place.position, position)
        fanOut.lanes[Int(slot)].intents = intents.bits
        fanOut.lanes[Int(slot)].isSharded = reader != nil
        fanOut.readers[slot] = reader
        fanOut.subscriptions.subscribe(slot, to: audiences)
        return .attached(missed)
    }

    private static func takes(
        _ event: PublishedEvent, _ frame: EventFrame, _ reader: ShardedReader?, as audiences: Set<Audience>
    ) -> Bool {
        guard let reader else { return true }
        let home = EventHome(frame)
        return event.audiences.contains { audiences.contains($0) && reader.takes(home, as: $0, event.intent) }
    }

    /// Whether a login is known to have ended since a moment; nil when that is too long ago to tell.
    func hasEnded(_ login: SessionID, since moment: UInt64) -> Bool? {
        guard ring.reaches(sequence: moment) else { return nil }
        return ring.events(from: moment).contains { event in
            if case .loginsEnded(let logins) = event.content { logins.contains(login) } else { false }
        }
    }
}
