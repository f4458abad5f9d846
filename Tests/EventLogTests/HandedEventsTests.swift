import Bus
import Database
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@testable import Events

/// What nodes send each other within this process, with what a test does to it on its way.
final class TestNetwork: Sendable {
    /// - Returns: what arrives, and how often.
    typealias Way = @Sendable ([UInt8], BusSubject) -> [[UInt8]]

    private let way: Way
    private let members = NIOLockedValueBox<[TestBus]>([])

    init(_ way: @escaping Way = { message, _ in [message] }) { self.way = way }

    func join() -> TestBus {
        let bus = TestBus(self)
        members.withLockedValue { $0.append(bus) }
        return bus
    }

    func send(_ message: [UInt8], _ subject: BusSubject, from sender: TestBus?) {
        let others = members.withLockedValue { $0.filter { $0 !== sender } }
        for message in way(message, subject) { for bus in others { bus.hear(message, subject) } }
    }
}

final class TestBus: MessageBus {
    private let network: TestNetwork
    private let hearers = NIOLockedValueBox<[(BusSubject, @Sendable (BusNews) -> Void)]>([])

    fileprivate init(_ network: TestNetwork) { self.network = network }

    var broken: Set<BusWay> { [] }
    func carries(_ subject: BusSubject) -> Bool { true }
    func publish(_ message: [UInt8], to subject: BusSubject) { network.send(message, subject, from: self) }

    func subscribe(to subject: BusSubject, _ hear: @escaping @Sendable (BusNews) -> Void) {
        hearers.withLockedValue { $0.append((subject, hear)) }
    }

    func hear(_ message: [UInt8], _ subject: BusSubject) {
        for (known, hear) in hearers.withLockedValue({ $0 }) where known == subject { hear(.message(message)) }
    }

    func start() {}
    func close() async {}
}

@Suite("Events that the leader hands to the other nodes")
struct HandedEventsTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A database that can be made to refuse to be read.
    private struct GuardedDatabase: SQLDatabase {
        let base: any SQLDatabase
        let isClosed = NIOLockedValueBox(false)

        var dialect: SQLDialect { base.dialect }

        func read<Result: Sendable>(
            _ body: @escaping @Sendable (Transaction) throws -> Result
        ) async throws -> Result {
            if isClosed.withLockedValue({ $0 }) { throw DatabaseError.unavailable("nobody reads here") }
            return try await base.read(body)
        }

        func write<Result: Sendable>(
            _ lane: WriteLane, _ body: @escaping @Sendable (Transaction) throws -> Result
        ) async throws -> Result { try await base.write(lane, body) }

        func close() async { await base.close() }
    }

    /// A node that leads, and one that only hears.
    private struct Pair: Sendable {
        let database: any SQLDatabase
        let epoch: LogEpoch
        let leader: NIOLockedValueBox<[Event]>
        let follower: EventLog
        let heard: NIOLockedValueBox<[Event]>
        /// Has the follower live from what it is handed.
        let endReading: @Sendable () -> Void
    }

    private static func withPair(
        _ network: TestNetwork, _ body: @escaping @Sendable (Pair) async throws -> Void
    ) async throws {
        let schema = Migration(1, "events") { EventLog.tables($0) }
        let (log, follower) = (
            EventLog(dialect: .postgresql, logger: silent), EventLog(dialect: .postgresql, logger: silent)
        )
        let (led, heard) = (NIOLockedValueBox<[Event]>([]), NIOLockedValueBox<[Event]>([]))
        log.listen { events in led.withLockedValue { $0 += events } }
        follower.listen { events in heard.withLockedValue { $0 += events } }
        try await TestDatabase.withPlace(.postgresql) { place in
            let configuration = DatabaseConfiguration(
                migrations: [schema], outbox: log, logger: silent, maximumConnections: 6)
            try await place.withDatabase(configuration) { database in
                let epoch = try await database.read { tx in try log.place(tx).epoch }
                let guarded = GuardedDatabase(base: database)
                let relay = try Relay(url: place.address, logger: silent)
                log.follow(epoch)
                follower.follow(epoch)
                try await follower.start(on: guarded, bus: network.join())
                try await log.start(on: database, bus: network.join(), relay: relay)
                let pair = Pair(
                    database: database, epoch: epoch, leader: led, follower: follower, heard: heard,
                    endReading: { guarded.isClosed.withLockedValue { $0 = true } })
                var failure: (any Error)?
                do { try await body(pair) } catch { failure = error }
                for log in [log, follower] { log.stop() }
                await relay.close()
                if let failure { throw failure }
            }
        }
    }

    private static func say(_ number: Int, in database: any SQLDatabase) async throws {
        try await database.write { tx in
            let place = ServerID(rawValue: 5)
            var subject = EventSubject.right(.messagesRead, in: place, seeing: Audience(id: 6))
            subject.thing = Int64(number)
            tx.emit(.test("SAID"), "\(number) ü", about: subject, to: .server(place), Audience(id: Int64(number)))
        }
    }

    @Test("are heard there without a look at the database, and are the same")
    func handed() async throws {
        try await Self.withPair(TestNetwork()) { pair in
            pair.endReading()
            for number in 1...50 { try await Self.say(number, in: pair.database) }
            try await eventually { pair.heard.withLockedValue { $0.count } == 50 }
            let (led, heard) = (pair.leader.withLockedValue { $0 }, pair.heard.withLockedValue { $0 })
            #expect(heard.map(\.everything) == led.map(\.everything))
            let stored = try await pair.database.read { tx in try EventStore.events(after: 0, limit: 100, tx) }
            #expect(heard.map(\.everything) == stored.map(\.everything))
        }
    }

    @Test("and are lost, doubled, late and out of order come once each and in order")
    func unreliable() async throws {
        let dice = NIOLockedValueBox(SystemRandomNumberGenerator())
        let late = NIOLockedValueBox<[[UInt8]]>([])
        let network = TestNetwork { message, subject in
            guard subject == .events else { return subject == .log ? [] : [message] }
            return dice.withLockedValue { dice in
                switch Int.random(in: 0..<5, using: &dice) {
                case 0: return []
                case 1: return [message, message]
                case 2:
                    late.withLockedValue { $0.append(message) }
                    return []
                case 3: return [message] + late.withLockedValue { Array($0.shuffled(using: &dice)) }
                default: return [message]
                }
            }
        }
        try await Self.withPair(network) { pair in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<50 { try await Self.say(writer * 50 + number, in: pair.database) }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually { pair.heard.withLockedValue { $0.count } >= 200 }
            #expect(
                pair.heard.withLockedValue { $0.map(\.everything) }
                    == pair.leader.withLockedValue { $0.map(\.everything) })
        }
    }

    @Test("of another epoch, or that do not follow what is known, are told to nobody")
    func strangers() async throws {
        let network = TestNetwork()
        try await Self.withPair(network) { pair in
            try await Self.say(1, in: pair.database)
            try await eventually { pair.heard.withLockedValue { $0.count } == 1 }
            let known = pair.heard.withLockedValue { $0.last?.position ?? 0 }
            let false1 = EventBatch(epoch: LogEpoch(rawValue: 77), after: known, [EventBatchTests.event(known + 1)])
            let false2 = EventBatch(epoch: pair.epoch, after: known + 5, [EventBatchTests.event(known + 6)])
            let false3 = EventBatch(epoch: pair.epoch, after: known - 1, [EventBatchTests.event(known)])
            for batch in [false1, false2, false3] {
                for message in batch.messages { network.send(message, .events, from: nil) }
            }
            try await Self.say(2, in: pair.database)
            try await eventually { pair.heard.withLockedValue { $0.count } >= 2 }
            let stored = try await pair.database.read { tx in try EventStore.events(after: 0, limit: 100, tx) }
            #expect(pair.heard.withLockedValue { $0.map(\.everything) } == stored.map(\.everything))
        }
    }

    @Test("of a new epoch are taken from its beginning, and nothing of the old one any more")
    func newEpoch() async throws {
        try await Self.withPair(TestNetwork()) { pair in
            try await Self.say(1, in: pair.database)
            try await eventually { pair.heard.withLockedValue { $0.count } == 1 }
            let place = LogPlace(epoch: LogEpoch(rawValue: 77), position: 0)
            pair.follower.restart(at: place)
            let old = EventBatch(epoch: pair.epoch, after: 0, [EventBatchTests.event(1)])
            let new = EventBatch(epoch: place.epoch, after: 0, [EventBatchTests.event(1, size: 3)])
            pair.endReading()
            for batch in [old, new] { pair.follower.take(batch) }
            #expect(pair.heard.withLockedValue { $0.last?.everything } == EventBatchTests.event(1, size: 3).everything)
            #expect(pair.heard.withLockedValue { $0.count } == 2)
        }
    }
}
