import Events
import Gateway
import Kernel
import NIOConcurrencyHelpers

/// Features of a test's own making: who has which token, and what they see.
final class TestBackend: GatewayBackend {
    struct State {
        var identities: [String: GatewayIdentity] = [:]
        var audiences: [UserID: Set<Audience>] = [:]
        var position: Int64 = 0
        var refusal = Replay.Refusal.pruned
        var typing: [String] = []
        /// The connections whose people count as there.
        var present: Set<UInt64> = []
        var readyPadding = 0
        /// How many connections a user has on other nodes, and how many may stay here.
        var elsewhere = 0
        var room = Int.max
        /// Runs before a snapshot is returned.
        var beforeSnapshot: (@Sendable () async -> Void)?
        /// Runs before members are looked for.
        var beforeMembers: (@Sendable () -> Void)?
    }

    let state: NIOLockedValueBox<State>

    init(_ people: [String: Int64] = ["alice": 1, "bob": 2], seeing audiences: [Int64] = [100], position: Int64 = 0) {
        var state = State()
        state.position = position
        for (name, id) in people {
            state.identities[name] = GatewayIdentity(user: UserID(rawValue: id), login: SessionID(rawValue: id + 1000))
            state.audiences[UserID(rawValue: id)] = Set(([id] + audiences).map(Audience.init(id:)))
        }
        self.state = NIOLockedValueBox(state)
    }

    func identity(forToken token: String) async throws -> GatewayIdentity? {
        if token == "trouble" { throw TestFailure("no database") }
        return state.withLockedValue { $0.identities[token] }
    }

    func countStart(of identity: GatewayIdentity) async throws {}

    func snapshot(for identity: GatewayIdentity) async throws -> GatewaySnapshot {
        let (snapshot, hook) = state.withLockedValue { state in
            let user = #"{"id":"\#(identity.user)"}"#
            let padding = String(repeating: "x", count: state.readyPadding)
            return (
                GatewaySnapshot(
                    members: [("user", Array(user.utf8)), ("padding", Array("\"\(padding)\"".utf8))],
                    audiences: state.audiences[identity.user] ?? [],
                    place: LogPlace(epoch: .first, position: state.position)), state.beforeSnapshot
            )
        }
        await hook?()
        return snapshot
    }

    func beginReplay(
        for identity: GatewayIdentity, after position: Int64, of epoch: LogEpoch?, limit: Int
    ) async throws -> (replay: Replay, audiences: Set<Audience>) {
        throw state.withLockedValue { $0.refusal }
    }

    func continueReplay(_ replay: Replay) async throws -> GatewayReplayPage {
        GatewayReplayPage(events: [], replay: replay)
    }

    func resumption(
        of identity: GatewayIdentity, after position: Int64, _ intents: Intents
    ) async throws -> @Sendable () -> [UInt8] { { Array("{}".utf8) } }

    func startsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {
        guard channel.rawValue == 100 else { throw APIError.accessDenied }
        state.withLockedValue { $0.typing.append("\(identity.user) starts") }
    }

    func stopsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws {
        guard channel.rawValue == 100 else { throw APIError.accessDenied }
        state.withLockedValue { $0.typing.append("\(identity.user) stops") }
    }

    func connectionsElsewhere(of user: UserID) -> Int { state.withLockedValue { $0.elsewhere } }

    func room(for user: UserID, having count: Int, of limit: Int) -> Int { state.withLockedValue { $0.room } }

    func acknowledged(_ position: Int64, by identity: GatewayIdentity) {}

    func connected(_ identity: GatewayIdentity, connection: UInt64) {
        state.withLockedValue { _ = $0.present.insert(connection) }
    }

    func disconnected(_ identity: GatewayIdentity, connection: UInt64) {
        state.withLockedValue { _ = $0.present.remove(connection) }
    }

    func presence(_ status: String, of connection: UInt64, by identity: GatewayIdentity) async throws {}

    func members(_ request: GuildMembersRequest, for identity: GatewayIdentity) async throws -> [UInt8] {
        state.withLockedValue { $0.beforeMembers }?()
        if request.server.rawValue == 9 { return Array("\"\(String(repeating: "x", count: 2 << 20))\"".utf8) }
        guard request.server.rawValue == 7 else { throw APIError.accessDenied }
        return Array(#"{"server_id":"7","members":[],"limit":\#(request.limit)}"#.utf8)
    }
}

extension Event {
    /// An event whose payload is its own number.
    static func test(
        _ position: Int64, _ name: String = "MESSAGE_CREATE", to audiences: [Int64] = [100], intent: Intents = [],
        padding: Int = 0
    ) -> Event {
        let padding = padding > 0 ? #","x":"\#(String(repeating: "x", count: padding))""# : ""
        return Event(
            position: position, at: Timestamp(seconds: 0), name: EventName(rawValue: name), intent: intent,
            audiences: audiences.map(Audience.init(id:)), payload: Array(#"{"n":\#(position)\#(padding)}"#.utf8))
    }

    static func sight(_ position: Int64, of audiences: [Int64], gained: [Int64] = [], lost: [Int64] = []) -> Event {
        let payload = #"{"gained":[\#(gained.list)],"lost":[\#(lost.list)]}"#
        return Event(
            position: position, at: Timestamp(seconds: 0), name: .sight, intent: [],
            audiences: audiences.map(Audience.init(id:)), payload: Array(payload.utf8))
    }

    static func loginsEnded(_ position: Int64, _ logins: [Int64], of user: Int64) -> Event {
        let payload = "[\(logins.map { "\"\($0)\"" }.joined(separator: ","))]"
        return Event(
            position: position, at: Timestamp(seconds: 0), name: .loginsEnded, intent: [],
            audiences: [Audience(id: user)], payload: Array(payload.utf8))
    }
}

extension [Int64] {
    fileprivate var list: String { map(String.init).joined(separator: ",") }
}

extension EventName {
    static let typingStart = EventName(rawValue: "TYPING_START")
}
