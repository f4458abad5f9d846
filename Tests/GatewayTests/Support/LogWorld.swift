import Database
import Events
import Foundation
import Gateway
import Kernel
import Logging
import NIOConcurrencyHelpers

/// A gateway backend on a real event log: rooms, who sees them, and what was said there. Tokens are the users' numbers.
final class LogWorld: GatewayBackend {
    private struct Message {
        let position: Int64
        let number: Int64
        let room: Int64
        let viewers: Set<Int64>
    }

    /// Somebody lost sight of a room.
    private struct Loss {
        let position: Int64
        let user: Int64
        let room: Int64
    }

    let beforeSnapshot = NIOLockedValueBox<(@Sendable () async -> Void)?>(nil)
    private let path: String
    private let database: SQLiteDatabase
    private let log: EventLog
    private let gateways = NIOLockedValueBox<[GatewayServer]>([])
    private let messages = NIOLockedValueBox<[Message]>([])
    private let losses = NIOLockedValueBox<[Loss]>([])

    init() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let log = EventLog(dialect: .sqlite, logger: logger)
        let migration = Migration(1, "all") { dialect in
            EventLog.tables(dialect) + [
                "CREATE TABLE sight (user_id BIGINT, audience_id BIGINT, PRIMARY KEY (user_id, audience_id))",
                "CREATE TABLE said (n INTEGER PRIMARY KEY AUTOINCREMENT)",
            ]
        }
        path = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString).sqlite").path
        database = try await SQLiteDatabase(
            path: path, configuration: DatabaseConfiguration(migrations: [migration], outbox: log, logger: logger))
        self.log = log
        try await log.start(on: database)
        log.listen { [gateways, messages, losses] events in
            messages.withLockedValue { $0 += events.compactMap(Self.message) }
            losses.withLockedValue { $0 += events.compactMap(Self.loss) }
            for gateway in gateways.withLockedValue({ $0 }) { gateway.publish(events) }
        }
    }

    func server() async throws -> TestServer {
        let server = try await TestServer(self, newestPosition: try await log.newestPosition(in: database))
        gateways.withLockedValue { $0 = [server.gateway] }
        return server
    }

    func close() async throws {
        await database.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    // MARK: What happens

    func grant(_ user: Int64, _ room: Int64) async throws {
        try await database.write { tx in
            // The log only takes changes that are ones.
            let isNew = try tx.exists(
                "INSERT INTO sight VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id", [user, room])
            guard isNew else { return }
            tx.changeSight(SightChange(gained: [Audience(id: room)]), of: [Audience(id: user)])
        }
    }

    func revoke(_ user: Int64, _ room: Int64) async throws {
        try await database.write { tx in
            let wasThere = try tx.exists(
                "DELETE FROM sight WHERE user_id = $1 AND audience_id = $2 RETURNING user_id", [user, room])
            guard wasThere else { return }
            tx.changeSight(SightChange(lost: [Audience(id: room)]), of: [Audience(id: user)])
        }
    }

    func say(_ room: Int64, padding: Int = 0) async throws {
        try await database.write { tx in
            let number = try tx.first("INSERT INTO said DEFAULT VALUES RETURNING n") { $0.integer(0) } ?? 0
            let viewers = try tx.all("SELECT user_id FROM sight WHERE audience_id = $1", [room]) { $0.integer(0) }
            let payload = JSON.object([
                "n": .integer(number), "viewers": .array(viewers.map { .integer($0) }),
                "x": .string(String(repeating: "x", count: padding)),
            ])
            tx.emit(.said, payload, to: [Audience(id: room)])
        }
    }

    /// Something happens by chance.
    func stir(_ users: [Int64], _ rooms: [Int64], _ random: SeededRandomness) async throws {
        let user = users[Int(random.next() % UInt64(users.count))]
        let room = rooms[Int(random.next() % UInt64(rooms.count))]
        switch random.next() % 10 {
        case 0: try await grant(user, room)
        case 1: try await revoke(user, room)
        default: try await say(room)
        }
    }

    /// The numbers of the messages that a user could see when they were said.
    func visible(to user: Int64, after position: Int64) -> [Int64] {
        messages.withLockedValue { messages in
            messages.filter { $0.position > position && $0.viewers.contains(user) }.map(\.number)
        }
    }

    /// Whether a message that a user could see when it was said was out of their sight again at some time up to a position.
    func wasLost(_ number: Int64, by user: Int64, through end: Int64) -> Bool {
        guard let message = messages.withLockedValue({ $0.first { $0.number == number } }) else { return false }
        return losses.withLockedValue { losses in
            losses.contains {
                $0.user == user && $0.room == message.room && $0.position > message.position && $0.position <= end
            }
        }
    }

    func position(of number: Int64) -> Int64 {
        messages.withLockedValue { $0.first { $0.number == number }?.position ?? -1 }
    }

    func newestPosition() async throws -> Int64 { try await log.newestPosition(in: database) }

    private static func message(_ event: Event) -> Message? {
        guard event.name == EventKind<JSON>.said.name, let json = try? JSONParser.parse(event.payload),
            let number = json["n"]?.integer
        else { return nil }
        return Message(
            position: event.position, number: number, room: event.audiences.first?.id ?? 0,
            viewers: Set((json["viewers"]?.array ?? []).compactMap(\.integer)))
    }

    private static func loss(_ event: Event) -> Loss? {
        guard let room = event.sightChange?.lost.first, let user = event.audiences.first else { return nil }
        return Loss(position: event.position, user: user.id, room: room.id)
    }

    // MARK: GatewayBackend

    func identity(forToken token: String) async throws -> GatewayIdentity? {
        Int64(token).map { GatewayIdentity(user: UserID(rawValue: $0), login: SessionID(rawValue: $0 + 1000)) }
    }

    private static func sight(of user: UserID, _ tx: Transaction) throws -> Set<Audience> {
        let seen = try tx.all("SELECT audience_id FROM sight WHERE user_id = $1", [user]) {
            Audience(id: $0.integer(0))
        }
        return Set(seen + [.user(user)])
    }

    func countStart(of identity: GatewayIdentity) async throws {}

    func snapshot(for identity: GatewayIdentity) async throws -> GatewaySnapshot {
        let snapshot = try await database.read { [log] tx in
            GatewaySnapshot(
                members: [], audiences: try Self.sight(of: identity.user, tx), place: try log.place(tx))
        }
        await beforeSnapshot.withLockedValue { $0 }?()
        return snapshot
    }

    func beginReplay(
        for identity: GatewayIdentity, after position: Int64, of epoch: LogEpoch?, limit: Int
    ) async throws -> (replay: Replay, audiences: Set<Audience>) {
        try await database.read { [log] tx in
            let audiences = try Self.sight(of: identity.user, tx)
            return (
                try Replay(
                    for: identity.user, after: position, of: epoch, seeing: SightNow(audiences), in: log, limit: limit,
                    tx),
                audiences
            )
        }
    }

    func continueReplay(_ replay: Replay) async throws -> GatewayReplayPage {
        try await database.read { tx in
            var replay = replay
            let events = try replay.next(limit: 100, tx)
            return GatewayReplayPage(events: events, replay: replay)
        }
    }

    func resumption(
        of identity: GatewayIdentity, after position: Int64, _ intents: Intents
    ) async throws -> @Sendable () -> [UInt8] { { Array("{}".utf8) } }

    func startsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {}

    func stopsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {}

    func acknowledged(_ position: Int64, by identity: GatewayIdentity) {}

    func connected(_ identity: GatewayIdentity, connection: UInt64) {}

    func disconnected(_ identity: GatewayIdentity, connection: UInt64) {}

    func presence(_ status: String, of connection: UInt64, by identity: GatewayIdentity) async throws {}

    func members(_ request: GuildMembersRequest, for identity: GatewayIdentity) async throws -> [UInt8] { [] }
}

extension EventKind where Payload == JSON {
    fileprivate static var said: Self { Self("MESSAGE_CREATE", heardBy: "who sees the room", "Something was said.") }
}
