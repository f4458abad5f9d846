import Events
import Kernel
import Logging
import Metrics
import NIOCore

/// Where a session stands in the log, and what it sees there.
struct Place: Sendable {
    let position: Int64
    let audiences: Set<Audience>
}

/// The sessions of one event loop and the delivery of events to them. Used on that event loop only.
final class Shard {
    /// How much is taken from the inbox at a time, so that reading from clients never waits for long.
    private static let batchCount = 512
    /// What a session may have missed for it to be caught up from memory in one go.
    private static let catchUp_bytes = 256 * 1024

    let services: Services
    let eventLoop: any EventLoop
    private let inbox: Inbox
    private var ring: EventRing
    /// The newest event that this shard has handled.
    private(set) var position: Int64
    private var sessions: [Session?] = []
    private var freeSlots: [Int32] = []
    private(set) var sessionCount = 0
    private var fanOut = FanOut()
    private var sweep: Scheduled<Void>?
    private var emptied: [EventLoopPromise<Void>] = []

    init(_ services: Services, eventLoop: any EventLoop, inbox: Inbox, position: Int64) {
        self.services = services
        self.eventLoop = eventLoop
        self.inbox = inbox
        self.position = position
        self.ring = EventRing(after: position)
    }

    // MARK: Events

    /// Handles what waits in the inbox.
    /// - Returns: whether there is more, for another turn.
    func drain() -> Bool {
        let batch = inbox.take(atMost: Self.batchCount)
        if let lost = batch.lostThrough { eventsWereLost(through: lost) }
        for event in batch.events {
            ring.append(event)
            switch event.content {
            case .dispatch(let frame):
                fanOut.add(frame, event)
                if fanOut.isFull { flush() }
            case .sight(let change): apply(change, event)
            case .loginsEnded(let logins):
                flush()
                close(logins)
            }
            if event.isLogged { position = event.position }
        }
        flush()
        return batch.hasMore
    }

    /// One write for each session that gets something.
    private func flush() {
        var deliveries = 0
        var list: Int32 = 0
        var buffer = ByteBuffer()
        var index = 0
        // Writing can end sessions, which then have no list any more. None are added meanwhile.
        while index < fanOut.touched.count {
            let slot = fanOut.touched[index]
            index += 1
            let next = fanOut.takeList(of: slot)
            guard next != 0 else { continue }
            if next != list {
                list = next
                buffer = fanOut.buffer(of: list)
            }
            deliveries += fanOut.count(of: list)
            let socket = fanOut.lanes[Int(slot)].socket
            if socket >= 0 {
                let result = DirectWrite.write(buffer, to: socket)
                if result == .complete { continue }
                sessions[Int(slot)]?.finishWrite(of: buffer, after: result)
            } else if let session = sessions[Int(slot)] {
                if session.isCompressed {
                    session.deliver(fanOut.frames(of: list))
                } else {
                    session.write(buffer)
                }
            }
        }
        guard index > 0 else { return fanOut.endRound() }
        fanOut.endRound()
        services.metrics.deliveries.increment(by: deliveries)
    }

    private func apply(_ change: SightChange, _ event: PublishedEvent) {
        var concerned = Set(event.audiences.flatMap { fanOut.subscriptions.members(of: $0).map(\.session) })
        for audience in change.except {
            for member in fanOut.subscriptions.members(of: audience) { concerned.remove(member.session) }
        }
        for session in concerned where event.position > fanOut.lanes[Int(session)].minimum {
            fanOut.subscriptions.change(session, lost: change.lost, gained: change.gained)
        }
    }

    private func close(_ logins: Set<SessionID>) {
        for session in sessions {
            if let session, let login = session.identity?.login, logins.contains(login) { session.close(.loginEnded) }
        }
    }

    /// The connections of some users.
    func connections(of users: Set<UserID>) -> [UserID: [UInt64]] {
        let known = sessions.compactMap { session -> (UserID, UInt64)? in
            guard let session, let user = session.identity?.user, users.contains(user) else { return nil }
            return (user, session.connection)
        }
        return Dictionary(grouping: known, by: { $0.0 }).mapValues { $0.map { $0.1 } }
    }

    func close(_ connections: Set<UInt64>, _ reason: CloseReason) {
        for session in sessions {
            if let session, connections.contains(session.connection) { session.close(reason) }
        }
    }

    /// This event loop could not keep up. The log has what it missed, so everyone resumes from there.
    private func eventsWereLost(through lost: Int64) {
        services.logger.error("an event loop can't keep up with the events; its sessions must resume")
        ring.reset(after: lost)
        position = max(position, lost)
        for session in sessions { session?.close(CloseReason(.unknownError, "the server is too busy")) }
    }

    /// The log has begun a new epoch, in which positions mean something else.
    func restart(after newest: Int64) {
        // What waits is of the old one.
        while inbox.take(atMost: Self.batchCount).hasMore {}
        ring.restart(after: newest)
        position = newest
        for session in sessions { session?.close(CloseReason(.unknownError, "the log has begun anew")) }
    }

    // MARK: Sessions

    func add(_ session: Session) -> Int32 {
        let slot: Int32
        if let free = freeSlots.popLast() {
            slot = free
            sessions[Int(slot)] = session
        } else {
            slot = Int32(sessions.count)
            sessions.append(session)
            fanOut.lanes.append(FanOut.Lane())
        }
        sessionCount += 1
        services.metrics.sessions.increment()
        if sweep == nil { scheduleSweep() }
        return slot
    }

    func remove(_ slot: Int32) {
        detach(slot)
        sessions[Int(slot)] = nil
        fanOut.lanes[Int(slot)] = FanOut.Lane()
        fanOut.readers[slot] = nil
        freeSlots.append(slot)
        sessionCount -= 1
        services.metrics.sessions.decrement()
        guard sessionCount == 0 else { return }
        sweep?.cancel()
        sweep = nil
        for promise in emptied { promise.succeed() }
        emptied = []
    }

    /// No more events for this session.
    func detach(_ slot: Int32) {
        fanOut.subscriptions.unsubscribeFromAll(slot)
        fanOut.lanes[Int(slot)].list = 0
        fanOut.lanes[Int(slot)].socket = -1
    }

    /// The socket that events go to directly; -1 when the session has to queue them.
    func setSocket(_ socket: Int32, of slot: Int32) { fanOut.lanes[Int(slot)].socket = socket }

    func socket(of slot: Int32) -> Int32 { fanOut.lanes[Int(slot)].socket }

    /// The newest `s` that a session may be told: it has all that is up to there.
    func position(of slot: Int32) -> Int64 { max(position, fanOut.lanes[Int(slot)].minimum) }

    // MARK: Attaching

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
    func attach(
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

    // MARK: Time

    private func scheduleSweep() {
        sweep = eventLoop.assumeIsolated().scheduleTask(in: services.sweepInterval) { [self] in
            let now = eventLoop.now
            for session in sessions { session?.check(now) }
            sweep = nil
            if sessionCount > 0 { scheduleSweep() }
        }
    }

    // MARK: Stopping

    func announce(_ frame: [UInt8]) {
        for session in sessions { session?.send(frame) }
    }

    /// Tells the sessions one after another to connect elsewhere, and closes those that do not.
    func handOver(within time: TimeAmount) {
        let leaving = sessions.compactMap { $0 }
        for (index, session) in leaving.enumerated() {
            let delay = TimeAmount.nanoseconds(time.nanoseconds / Int64(leaving.count) * Int64(index))
            eventLoop.assumeIsolated().scheduleTask(in: delay) { session.send(ServerFrame.reconnect) }
        }
        eventLoop.assumeIsolated().scheduleTask(in: time + services.limits.farewell) { [self] in
            closeAll(CloseReason(.unknownError, "this node ends: resume on another one"))
            eventLoop.assumeIsolated().scheduleTask(in: services.limits.farewell) { [self] in disconnectAll() }
        }
    }

    func closeAll(_ reason: CloseReason) {
        for session in sessions { session?.close(reason) }
    }

    func disconnectAll() {
        for session in sessions { session?.disconnect() }
    }

    func whenEmpty() -> EventLoopFuture<Void> {
        guard sessionCount > 0 else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        emptied.append(promise)
        return promise.futureResult
    }
}
