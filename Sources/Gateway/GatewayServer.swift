import Events
import Foundation
import Kernel
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// The gateway (contract: Gateway): sockets in, events out.
///
/// It knows sessions, audiences and events, and leaves what these mean to its `GatewayBackend`. Its sessions are divided
/// among shards, one for each event loop; an event is encoded once and then handed to all of them. Whatever waits is
/// scheduled on an event loop and goes by that loop's time.
public final class GatewayServer: Sendable {
    private struct Seat: Sendable {
        let eventLoop: any EventLoop
        let inbox: Inbox
        let shard: NIOLoopBoundBox<Shard>

        func deliver(_ events: [PublishedEvent]) {
            if inbox.add(events) { drain() }
        }

        private func drain() {
            eventLoop.execute {
                if shard.value.drain() { drain() }
            }
        }
    }

    /// What is typed is old after that.
    private static let patience = Duration.seconds(1)

    private struct Stream {
        var newestPosition: Int64
        /// What was decided with more of the log than is known here.
        var early = EarlyEvents()
        /// Nobody is left to hear of anything, and the event loops may be gone.
        var isOver = false
    }

    private let services: Services
    private let seats: [ObjectIdentifier: Seat]
    /// What was published so far. Held while events are handed out, so that all shards get them in the same order.
    private let stream: NIOLockedValueBox<Stream>
    private let isStopping = NIOLockedValueBox(false)

    /// - Parameters:
    ///   - eventLoopGroup: the loops of the channels that `install` will be given.
    ///   - newestPosition: of the event log before its first event is published here.
    ///   - limiter: counts IDENTIFYs and RESUMEs; nil for one of its own.
    public init(
        _ configuration: GatewayConfiguration, backend: any GatewayBackend, eventLoopGroup: any EventLoopGroup,
        newestPosition: Int64, limiter: RateLimiter? = nil, logger: Logger, clock: any WallClock = SystemClock()
    ) {
        let services = Services(configuration, backend, limiter ?? RateLimiter(clock: clock), logger, clock)
        self.services = services
        self.stream = NIOLockedValueBox(Stream(newestPosition: newestPosition))
        let seats = eventLoopGroup.makeIterator().map { eventLoop in
            let inbox = Inbox()
            let shard = Shard(services, eventLoop: eventLoop, inbox: inbox, position: newestPosition)
            let box = NIOLoopBoundBox.makeBoxSendingValue(shard, eventLoop: eventLoop)
            return (ObjectIdentifier(eventLoop), Seat(eventLoop: eventLoop, inbox: inbox, shard: box))
        }
        self.seats = Dictionary(uniqueKeysWithValues: seats)
    }

    // MARK: Events

    /// Delivers logged events. To be called with events in the order of the log; an `EventLog.Listener`.
    public func publish(_ events: [Event]) {
        guard let last = events.last else { return }
        let published = events.compactMap(PublishedEvent.init)
        stream.withLockedValue { stream in
            stream.newestPosition = max(stream.newestPosition, last.position)
            guard !stream.isOver else { return }
            if !published.isEmpty { for seat in seats.values { seat.deliver(published) } }
            for event in stream.early.take(upTo: stream.newestPosition, at: .now) {
                deliver(event, at: stream.newestPosition)
            }
        }
    }

    /// Delivers an event that is not logged, such as typing, to those who are connected to this process.
    /// - Parameter horizon: up to where whoever decided who hears it knew the log; it waits until that much is published here, and
    ///   for a second at most. Nil does not wait.
    public func publishTransient(
        _ name: EventName, payload: [UInt8], intent: Intents = [], to audiences: [Audience],
        except: [Audience] = [], knowing horizon: Int64? = nil
    ) {
        let event = EarlyEvent(
            name: name, payload: payload, intent: intent, audiences: audiences, except: except,
            horizon: horizon ?? 0, until: .now + Self.patience)
        stream.withLockedValue { stream in
            guard !stream.isOver else { return }
            if event.horizon > stream.newestPosition { return stream.early.append(event) }
            deliver(event, at: stream.newestPosition)
        }
    }

    private func deliver(_ event: EarlyEvent, at position: Int64) {
        let published = PublishedEvent(
            unlogged: event.name, payload: event.payload, intent: event.intent, audiences: event.audiences,
            except: event.except, at: position)
        for seat in seats.values { seat.deliver([published]) }
    }

    /// The log goes on from a position that may lie before those that were published: it has begun a new epoch, and everybody
    /// starts afresh.
    public func restart(after position: Int64) async {
        stream.withLockedValue { $0.newestPosition = position }
        await forEachShard { $0.restart(after: position) }
    }

    // MARK: Connections

    /// Why a client may not open a socket; nil when it may.
    public func refusal(of head: HTTPRequestHead) -> APIError? {
        if isStopping.withLockedValue({ $0 }) { return .serviceUnavailable }
        guard let allowed = services.configuration.allowedOrigins, let origin = head.headers.first(name: "origin")
        else {
            return nil
        }
        return allowed.contains(origin) || Self.isOwn(origin, head) ? nil : .accessDenied
    }

    /// Whether a page comes from the address that the request goes to.
    private static func isOwn(_ origin: String, _ head: HTTPRequestHead) -> Bool {
        guard let host = head.headers.first(name: "host"), let scheme = origin.range(of: "://") else { return false }
        return origin[scheme.upperBound...].lowercased() == host.lowercased()
    }

    /// Takes over a channel that was upgraded to WebSocket; nothing else may be reading from it or writing to it.
    /// - Parameter head: the request for the upgrade.
    public func install(on channel: any Channel, head: HTTPRequestHead) -> EventLoopFuture<Void> {
        guard let seat = seats[ObjectIdentifier(channel.eventLoop)] else {
            return channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
        }
        let request = ConnectionRequest(head, isEncrypted: services.configuration.isEncrypted)
        return channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(Session(seat.shard.value, request))
        }
    }

    /// Of the newest event that was published here.
    public var newestPosition: Int64 { stream.withLockedValue { $0.newestPosition } }

    /// How many sockets are open.
    public func connectionCount() async -> Int {
        var count = 0
        for seat in seats.values {
            count += (try? await seat.eventLoop.submit { seat.shard.value.sessionCount }.get()) ?? 0
        }
        return count
    }

    /// Closes connections of those who have too many over all nodes, the newest ones first. To be called when at least as much
    /// time has passed since the last call as it takes to notice that a node is gone.
    public func closeSurplus() async {
        let backend = services.backend
        let surplus = services.admission.takeSurplus { user, count, limit in
            backend.room(for: user, having: count, of: limit)
        }
        guard !surplus.isEmpty else { return }
        var connections: [UserID: [UInt64]] = [:]
        for seat in seats.values {
            let here = try? await seat.eventLoop.submit { seat.shard.value.connections(of: Set(surplus.keys)) }.get()
            connections.merge(here ?? [:], uniquingKeysWith: +)
        }
        let newest = Set(surplus.flatMap { user, count in (connections[user] ?? []).sorted().suffix(count) })
        await forEachShard { $0.close(newest, .tooManyConnections) }
    }

    // MARK: Stopping

    /// Tells all clients what is coming.
    public func announce(_ stop: GatewayStop) async {
        await forEachShard { $0.announce(stop.frame) }
    }

    /// Closes all sockets, and new ones as soon as they are open, until `reopen`.
    public func suspend(_ stop: GatewayStop) async {
        services.suspension.withLockedValue { $0 = stop }
        await forEachShard { $0.closeAll(stop.closeReason) }
    }

    /// Closes all sockets, so that their clients resume where they are led to; new ones may come.
    public func sendAway() async {
        await forEachShard { $0.closeAll(CloseReason(.unknownError, "this node is cut off: resume on another one")) }
    }

    public func reopen() { services.suspension.withLockedValue { $0 = nil } }

    /// Tells all clients why, then closes their sockets. Returns when these are closed.
    public func shutDown(_ stop: GatewayStop) async {
        isStopping.withLockedValue { $0 = true }
        await announce(stop)
        await pass(stop.closesIn)
        await forEachShard { shard in
            shard.closeAll(stop.closeReason)
            let deadline = shard.services.limits.farewell
            shard.eventLoop.assumeIsolated().scheduleTask(in: deadline) { shard.disconnectAll() }
        }
        for seat in seats.values {
            try? await seat.eventLoop.flatSubmit { seat.shard.value.whenEmpty() }.get()
        }
        stream.withLockedValue { $0.isOver = true }
    }

    /// Sends all clients to the other nodes, a few at a time, so that these are not all asked at once. To be called when nobody new
    /// is led here any more; returns when all sockets are closed.
    /// - Parameter time: in which all of them are told.
    public func handOver(within time: Duration) async {
        isStopping.withLockedValue { $0 = true }
        let ends = seats.values.map { seat in
            seat.eventLoop.flatSubmit {
                seat.shard.value.handOver(within: TimeAmount(time))
                return seat.shard.value.whenEmpty()
            }
        }
        for end in ends { try? await end.get() }
        stream.withLockedValue { $0.isOver = true }
    }

    /// Returns after that time, or at once when the task is cancelled.
    private func pass(_ time: Duration) async {
        guard time > .zero, let eventLoop = seats.values.first?.eventLoop else { return }
        let end = eventLoop.scheduleTask(in: TimeAmount(time)) {}
        await withTaskCancellationHandler {
            try? await end.futureResult.get()
        } onCancel: {
            end.cancel()
        }
    }

    private func forEachShard(_ body: @escaping @Sendable (Shard) -> Void) async {
        for seat in seats.values {
            try? await seat.eventLoop.submit { body(seat.shard.value) }.get()
        }
    }
}
