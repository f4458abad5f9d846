import Events
import Kernel
import Logging
import Metrics
import NIOCore

/// The sessions of one event loop and the delivery of events to them. Used on that event loop only.
final class Shard {
    /// How much is taken from the inbox at a time, so that reading from clients never waits for long.
    private static let batchCount = 512

    let services: Services
    let eventLoop: any EventLoop
    private let inbox: Inbox
    private var delivery: Delivery
    private var sessions: [Session?] = []
    private var freeSlots: [Int32] = []
    private(set) var sessionCount = 0
    private var sweep: Scheduled<Void>?
    private var emptied: [EventLoopPromise<Void>] = []

    init(_ services: Services, eventLoop: any EventLoop, inbox: Inbox, position: Int64) {
        self.services = services
        self.eventLoop = eventLoop
        self.inbox = inbox
        self.delivery = Delivery(after: position)
    }

    // MARK: Events

    /// Handles what waits in the inbox.
    /// - Returns: whether there is more, for another turn.
    func drain() -> Bool {
        let batch = inbox.take(atMost: Self.batchCount)
        if let lost = batch.lostThrough { eventsWereLost(through: lost) }
        for event in batch.events {
            switch delivery.take(event) {
            case .nothing: break
            case .write: flush()
            case .close(let logins):
                flush()
                close(logins)
            }
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
        while index < delivery.fanOut.touched.count {
            let slot = delivery.fanOut.touched[index]
            index += 1
            let next = delivery.fanOut.takeList(of: slot)
            guard next != 0 else { continue }
            if next != list {
                list = next
                buffer = delivery.fanOut.buffer(of: list)
            }
            deliveries += delivery.fanOut.count(of: list)
            let socket = delivery.fanOut.lanes[Int(slot)].socket
            if socket >= 0 {
                let result = DirectWrite.write(buffer, to: socket)
                if result == .complete { continue }
                sessions[Int(slot)]?.finishWrite(of: buffer, after: result)
            } else if let session = sessions[Int(slot)] {
                if session.isCompressed {
                    session.deliver(delivery.fanOut.frames(of: list))
                } else {
                    session.write(buffer)
                }
            }
        }
        guard index > 0 else { return delivery.fanOut.endRound() }
        delivery.fanOut.endRound()
        services.metrics.deliveries.increment(by: deliveries)
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
        delivery.lose(through: lost)
        for session in sessions { session?.close(CloseReason(.unknownError, "the server is too busy")) }
    }

    /// The log has begun a new epoch, in which positions mean something else.
    func restart(after newest: Int64) {
        // What waits is of the old one.
        while inbox.take(atMost: Self.batchCount).hasMore {}
        delivery.restart(after: newest)
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
            delivery.fanOut.lanes.append(FanOut.Lane())
        }
        sessionCount += 1
        services.metrics.sessions.increment()
        if sweep == nil { scheduleSweep() }
        return slot
    }

    func remove(_ slot: Int32) {
        detach(slot)
        sessions[Int(slot)] = nil
        delivery.fanOut.lanes[Int(slot)] = FanOut.Lane()
        delivery.fanOut.readers[slot] = nil
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
        delivery.fanOut.subscriptions.unsubscribeFromAll(slot)
        delivery.fanOut.lanes[Int(slot)].list = 0
        delivery.fanOut.lanes[Int(slot)].socket = -1
    }

    /// Lets a session that takes part hear of an audience besides.
    func subscribe(_ slot: Int32, to audience: Audience) {
        delivery.fanOut.subscriptions.subscribe(slot, to: audience)
    }

    func unsubscribe(_ slot: Int32, from audience: Audience) {
        delivery.fanOut.subscriptions.unsubscribe(slot, from: audience)
    }

    /// The socket that events go to directly; -1 when the session has to queue them.
    func setSocket(_ socket: Int32, of slot: Int32) { delivery.fanOut.lanes[Int(slot)].socket = socket }

    func socket(of slot: Int32) -> Int32 { delivery.fanOut.lanes[Int(slot)].socket }

    /// The newest `s` that a session may be told: it has all that is up to there.
    func position(of slot: Int32) -> Int64 { delivery.position(of: slot) }

    // MARK: Attaching

    /// A moment in the stream of events, to ask later what has come since.
    var now: UInt64 { delivery.now }

    /// Lets a session take part from `place` on.
    /// - Parameter moment: unlogged events are made up for from here on.
    func attach(
        _ slot: Int32, at place: Place, _ identity: GatewayIdentity, intents: Intents, since moment: UInt64
    ) -> Delivery.Attachment {
        delivery.attach(slot, at: place, identity, intents: intents, since: moment)
    }

    /// Whether a login is known to have ended since a moment; nil when that is too long ago to tell.
    func hasEnded(_ login: SessionID, since moment: UInt64) -> Bool? { delivery.hasEnded(login, since: moment) }

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
