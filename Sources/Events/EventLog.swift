import Bus
import Database
import Kernel
import Logging
import Metrics
import NIOConcurrencyHelpers

/// The durable, totally ordered log of everything that clients are told about.
///
/// An event is written in the transaction that causes it (`Transaction.emit`), and reaches the listeners after the commit, each
/// event once and in the order of positions. On SQLite the position is given in the same transaction, on PostgreSQL soon after
/// (`Relay`). It can be read again for `retention`.
public final class EventLog: Outbox {
    /// Called with events in order, from one thread at a time. It must not block.
    public typealias Listener = @Sendable ([Event]) -> Void

    public static let retention = Duration.seconds(24 * 3600)
    /// After so long without a sign, more or less by a fifth, it is looked whether another node has written something.
    private static let patience = Duration.seconds(1)
    /// Between two looks into the log, so that under load each brings many events.
    private static let pace = Duration.milliseconds(5)
    private static let tailBatch = 1000

    private struct State {
        var listeners: [Listener] = []
        var database: (any SQLDatabase)?
        /// PostgreSQL only: the newest event that the listeners were given.
        var tailPosition: Int64 = 0
        /// Nil until somebody knows: copies of events are taken from one's own epoch alone.
        var epoch: LogEpoch?
        var tail: Tail = .idle
        var bus: (any MessageBus)?
        var relay: Relay?
        var poll: Task<Void, Never>?
        /// When it was read last.
        var readAt = ContinuousClock.now - EventLog.pace
        /// Whether somebody has begun to read since the poll looked last, or was given what is new.
        var hasLooked = false

        /// - Returns: those that the listeners were not given yet, which they now are.
        mutating func advance(over events: [Event]) -> [Event] {
            let fresh = events.filter { $0.position > tailPosition }
            tailPosition = fresh.last?.position ?? tailPosition
            return fresh
        }
    }

    /// The reader that follows the log. `reading(again: true)`: something was committed after it began to read.
    private enum Tail {
        case idle
        case reading(again: Bool)
    }

    let dialect: SQLDialect
    private let logger: Logger
    /// How many events came by which way (PostgreSQL).
    private let arrivals: (read: Counter, handed: Counter)
    private let state = NIOLockedValueBox(State())
    /// Keeps one batch from overtaking another on its way to the listeners.
    private let delivery = NIOLock()

    public init(dialect: SQLDialect, logger: Logger) {
        self.dialect = dialect
        self.logger = logger
        let arrivals = { way in Counter(label: "log_events_total", dimensions: [("way", way)]) }
        self.arrivals = (arrivals("read"), arrivals("handed"))
    }

    /// The log's part of the schema, as it was at first.
    public static func firstTables(_ dialect: SQLDialect) -> [StaticSQL] { EventStore.firstTables(dialect) }

    /// What was added to it.
    public static let subjects = EventStore.subjects

    /// What was added for events that wait for their positions, and for the node that gives them.
    public static func outbox(_ dialect: SQLDialect) -> [StaticSQL] { EventOutbox.tables(dialect) }

    /// What was added for events that name thousands.
    public static func crowds(_ dialect: SQLDialect) -> [StaticSQL] { EventStore.crowdTables(dialect) }

    /// All of the log's part of the schema.
    public static func tables(_ dialect: SQLDialect) -> [StaticSQL] {
        firstTables(dialect) + subjects + epochs(dialect) + outbox(dialect) + crowds(dialect)
    }

    /// Begins to follow the log. Events that were committed before are not announced.
    /// - Parameters:
    ///   - bus: by which the nodes of an instance tell each other what there is to be read, or hand it over. All of that may be
    ///     lost, since it is looked each second, too.
    ///   - relay: gives events their positions; on PostgreSQL some node needs one.
    public func start(
        on database: any SQLDatabase, bus: (any MessageBus)? = nil, relay: Relay? = nil
    ) async throws {
        let newest = try await newestPosition(in: database)
        state.withLockedValue { state in
            state.database = database
            state.tailPosition = newest
            state.bus = bus
            state.relay = relay
            guard dialect == .postgresql else { return }
            state.poll = Task { [weak self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.patience * Double.random(in: 0.8...1.2))
                    self?.lookAfterSilence()
                }
            }
        }
        bus?.subscribe(to: .log) { [weak self] news in self?.hearSign(news) }
        bus?.subscribe(to: .events) { [weak self] news in
            if case .message(let bytes) = news, let batch = EventBatch(bytes) { self?.take(batch) }
        }
        bus?.subscribe(to: .outbox) { [weak relay] _ in _ = relay?.ring() }
        relay?.start { [weak self] batch in
            self?.take(batch)
            Self.hand(batch, to: bus)
        }
    }

    /// Of the newest event that was delivered here.
    public var deliveredPosition: Int64 { state.withLockedValue { $0.tailPosition } }

    /// Takes copies of events that belong to this epoch.
    public func follow(_ epoch: LogEpoch) { state.withLockedValue { $0.epoch = epoch } }

    /// Goes on from a position that may lie before those that were read: the log has begun a new epoch.
    public func restart(at place: LogPlace) {
        state.withLockedValue { state in
            state.epoch = place.epoch
            state.tailPosition = place.position
        }
    }

    /// Follows the log no more.
    public func stop() {
        state.withLockedValue { state in
            state.poll?.cancel()
            state.database = nil
        }
    }

    private func lookAfterSilence() {
        let isSilent = state.withLockedValue { state in
            defer { state.hasLooked = false }
            return !state.hasLooked
        }
        if isSilent { wake() }
    }

    public func listen(_ listener: @escaping Listener) {
        state.withLockedValue { $0.listeners.append(listener) }
    }

    // MARK: Outbox

    public func record(_ items: [any Sendable], in transaction: Transaction) throws -> [any Sendable] {
        let pending = items.compactMap { $0 as? PendingEvent }
        guard !pending.isEmpty else { return [] }
        let events = try EventStore.append(pending, transaction, dialect)
        // What is announced on PostgreSQL is only that there is something.
        return dialect == .sqlite ? events : pending
    }

    public func announce(_ records: [any Sendable]) {
        switch dialect {
        case .sqlite: deliver(records.compactMap { $0 as? Event })
        // They have no positions yet; the order is read from the log itself.
        case .postgresql:
            let (relay, bus) = state.withLockedValue { ($0.relay, $0.bus) }
            if relay?.ring() != true { bus?.publish([], to: .outbox) }
        }
    }

    private func deliver(_ events: [Event]) { deliver { _ in events } }

    /// - Parameter choose: says of what is to be delivered what is; called when everything before that was delivered.
    private func deliver(_ choose: (inout State) -> [Event]) {
        delivery.withLock {
            let (events, listeners) = state.withLockedValue { state in (choose(&state), state.listeners) }
            guard !events.isEmpty else { return }
            for listener in listeners { listener(events) }
        }
    }

    // MARK: Following the log (PostgreSQL)

    /// Hands what is new to the other nodes. What of it is lost they read.
    private static func hand(_ batch: EventBatch, to bus: (any MessageBus)?) {
        guard let bus, let last = batch.events.last else { return }
        if bus.carries(.events) { for message in batch.messages { bus.publish(message, to: .events) } }
        bus.publish(Array(String(last.position).utf8), to: .log)
    }

    private func hearSign(_ news: BusNews) {
        if case .message(let bytes) = news, let position = Int64(String(decoding: bytes, as: UTF8.self)),
            position <= state.withLockedValue({ $0.tailPosition })
        {
            return
        }
        wake()
    }

    /// Delivers copies of events if they are the next ones, and else reads.
    func take(_ batch: EventBatch) {
        var follows = false
        deliver { state in
            guard state.database != nil, batch.epoch == state.epoch, batch.previous <= state.tailPosition else {
                return []
            }
            follows = true
            state.hasLooked = true
            let fresh = state.advance(over: batch.events)
            arrivals.handed.increment(by: fresh.count)
            return fresh
        }
        if !follows { wake() }
    }

    /// Something may have been committed: reads on unless a read is under way, which then looks once more.
    public func wake() {
        let begins = state.withLockedValue { state in
            guard state.database != nil else { return false }
            state.hasLooked = true
            switch state.tail {
            case .idle:
                state.tail = .reading(again: false)
                return true
            case .reading:
                state.tail = .reading(again: true)
                return false
            }
        }
        if begins { Task { await follow() } }
    }

    private func follow() async {
        var hasFailed = false
        while true {
            let next = state.withLockedValue { $0.readAt } + Self.pace
            if next > .now { try? await Task.sleep(until: next) }
            state.withLockedValue { $0.readAt = .now }
            do {
                try await readTail()
            } catch {
                if !hasFailed {
                    logger.warning("the event log can't be read; trying again", metadata: ["error": "\(error)"])
                }
                hasFailed = true
                if case DatabaseError.closed = error { return }
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            let isDone = state.withLockedValue { state in
                if case .reading(again: true) = state.tail {
                    state.tail = .reading(again: false)
                    return false
                }
                state.tail = .idle
                return true
            }
            if isDone { return }
        }
    }

    private func readTail() async throws {
        while true {
            let (database, position, epoch) = state.withLockedValue { ($0.database, $0.tailPosition, $0.epoch) }
            guard let database else { return }
            let events = try await database.read { tx in
                try EventStore.events(after: position, limit: Self.tailBatch, tx)
            }
            arrivals.read.increment(by: events.count)
            // What was read of an epoch that has ended meanwhile is told to nobody.
            deliver { state in state.epoch == epoch ? state.advance(over: events) : [] }
            if events.count < Self.tailBatch { return }
        }
    }

    // MARK: Reading

    public func newestPosition(in database: any SQLDatabase) async throws -> Int64 {
        try await database.read { [dialect] tx in try EventStore.newestPosition(tx, dialect) }
    }

    /// The newest position that this transaction can see.
    public func newestPosition(_ tx: Transaction) throws -> Int64 { try EventStore.newestPosition(tx, dialect) }

    /// When the newest event up to a position happened that is still kept; the beginning of time if there is none.
    public static func moment(of position: Int64, _ tx: Transaction) throws -> Timestamp {
        try EventStore.moment(of: position, tx)
    }

    /// The newest thing that events of a kind up to a position are about, looked for among the last so many events of all kinds.
    public static func newestThing<Payload>(
        _ kind: EventKind<Payload>, through position: Int64, among count: Int64 = 1000, _ tx: Transaction
    ) throws -> Int64? {
        try EventStore.newestThing(kind.name, through: position, after: position - min(position, count), tx)
    }

    /// What events of a kind after a position are about, in order, among the next so many events.
    /// - Returns: at most `limit` of them, and up to where that is all.
    public func things<Payload>(
        _ kind: EventKind<Payload>, after position: Int64, among count: Int, limit: Int, _ tx: Transaction
    ) throws -> (ids: [Int64], end: Int64) {
        let last = min(try newestPosition(tx), position + Int64(count))
        let found = try EventStore.things(kind.name, after: position, through: last, limit: limit, tx)
        return (found.map(\.thing), found.count == limit ? found.last?.position ?? last : last)
    }

    // MARK: Retention

    /// Removes the next few events that are older than the retention, so that no step holds up the writers.
    /// - Returns: whether there may be more.
    @discardableResult
    public func prune(on database: any SQLDatabase, limit: Int = 500) async throws -> Bool {
        try await database.write { tx in
            try EventStore.prune(before: tx.now - Self.retention, limit: limit, tx)
        }
    }

    // MARK: Forgetting

    /// Messages or threads are gone: what the log tells of them is taken from it by `forgetGone`, and not told meanwhile.
    public static func noteGone(_ things: [Int64], _ tx: Transaction) throws { try EventStore.noteGone(things, tx) }

    /// What was told of a thing until now is past, and told nobody who comes back: it may say what is not meant for them any more.
    public static func forgetEarlier(about thing: Int64, _ tx: Transaction) throws {
        try EventOutbox.placeAll(tx)
        try EventStore.forget(thing, withoutQuotation: { $0 }, tx)
    }

    /// Takes what is about the next few things that are gone out of the log.
    /// - Parameter withoutQuotation: a payload that quotes a message, without what it quotes.
    /// - Returns: whether there may be more.
    public func forgetGone(
        on database: any SQLDatabase, limit: Int = 50, withoutQuotation: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) async throws -> Bool {
        try await database.write { tx in
            let things = try EventStore.goneThings(limit: limit, tx)
            if !things.isEmpty { try EventOutbox.placeAll(tx) }
            for thing in things { try EventStore.forget(thing, withoutQuotation: withoutQuotation, tx) }
            return things.count == limit
        }
    }

    /// Takes what only one user was told out of the log.
    public static func forgetAll(toldOnly user: UserID, _ tx: Transaction) throws {
        try EventOutbox.placeAll(tx)
        try EventStore.forgetAll(toldOnly: .user(user), tx)
    }
}
