import Events
import Kernel

/// Who has identified on a gateway connection.
public struct GatewayIdentity: Sendable {
    public let user: UserID
    /// The login that the token belongs to; when it ends, the connection closes with 4004.
    public let login: SessionID
    public let isBot: Bool
    /// The privileged intents that a bot's application was granted.
    public let grantedIntents: Intents
    /// Into how many sessions a bot has to divide its servers; it may have so many times more connections than a user has.
    public let neededShards: Int
    /// Tells a user's gateway sessions apart, also after one was resumed.
    public internal(set) var session: Int64 = 0
    /// The part of the events that this session takes; nil for all of them.
    public internal(set) var shard: SessionShard?

    public init(
        user: UserID, login: SessionID, isBot: Bool = false, grantedIntents: Intents = [], neededShards: Int = 1
    ) {
        self.neededShards = neededShards
        self.user = user
        self.login = login
        self.isBot = isBot
        self.grantedIntents = grantedIntents
    }

    /// What nobody may hear whom it was not granted; people may hear everything.
    public var refusedIntents: Intents { isBot ? Intents.privileged.subtracting(grantedIntents) : [] }
}

/// What a new session starts with, all of it from one snapshot of the database.
public struct GatewaySnapshot: Sendable {
    /// The members of READY's `d` that come from the features (`user`, `servers`, …), each with its encoded value.
    public let members: [(name: String, value: [UInt8])]
    /// Everything that the user sees, the user's own audience included.
    public let audiences: Set<Audience>
    /// The newest event that the snapshot contains.
    public let place: LogPlace

    public init(members: [(name: String, value: [UInt8])], audiences: Set<Audience>, place: LogPlace) {
        self.members = members
        self.audiences = audiences
        self.place = place
    }
}

/// A page of what a resuming session missed.
public struct GatewayReplayPage: Sendable {
    public let events: [Event]
    public let replay: Replay

    public init(events: [Event], replay: Replay) {
        self.events = events
        self.replay = replay
    }
}

/// REQUEST_GUILD_MEMBERS, decoded.
public struct GuildMembersRequest: Sendable {
    public let server: ServerID
    public let query: String?
    /// 1–1000.
    public let limit: Int
    public let users: [UserID]
    /// Whether the client wants to hear of their presence from now on.
    public let wantsPresences: Bool
    /// Comes back in the answer.
    public let nonce: String?

    public init(
        server: ServerID, query: String?, limit: Int, users: [UserID], wantsPresences: Bool = false,
        nonce: String? = nil
    ) {
        self.nonce = nonce
        self.wantsPresences = wantsPresences
        self.server = server
        self.query = query
        self.limit = limit
        self.users = users
    }
}

/// Why a session may not begin, beside what the gateway sees for itself.
public enum GatewayRefusal: Error, Sendable {
    /// The bot is in more servers than one session may have.
    case tooManyServers
    /// The bot has begun as many sessions as it may in a day.
    case tooManyStarts

    var closeReason: CloseReason {
        switch self {
        case .tooManyServers: CloseReason(.shardingRequired, "too many servers for one session")
        case .tooManyStarts: CloseReason(.rateLimited, "too many sessions in a day")
        }
    }
}

/// What the gateway asks of the features. It knows events and audiences, they know everything else.
public protocol GatewayBackend: Sendable {
    /// Nil for a token that is unknown, ended or expired.
    func identity(forToken token: String) async throws -> GatewayIdentity?

    /// A new session begins.
    /// - Throws: `GatewayRefusal.tooManyStarts`.
    func countStart(of identity: GatewayIdentity) async throws

    /// - Throws: `GatewayRefusal.tooManyServers`.
    func snapshot(for identity: GatewayIdentity) async throws -> GatewaySnapshot

    /// Begins a replay after `position`, together with what the user sees at its end.
    /// - Parameters:
    ///   - epoch: in which the position was told; nil when nothing was said of epochs.
    ///   - limit: how many events it may hold at most.
    /// - Throws: `Replay.Refusal` when it can't be resumed from there.
    func beginReplay(
        for identity: GatewayIdentity, after position: Int64, of epoch: LogEpoch?, limit: Int
    ) async throws -> (replay: Replay, audiences: Set<Audience>)

    /// The next page; its `replay` says where to go on.
    func continueReplay(_ replay: Replay) async throws -> GatewayReplayPage

    /// What RESUMED says beside the events: what changed after `position` and is not in the log.
    /// - Returns: the data of RESUMED, to be made at the moment at which live events begin. Must not block.
    func resumption(
        of identity: GatewayIdentity, after position: Int64, _ intents: Intents
    ) async throws -> @Sendable () -> [UInt8]

    /// Announces that the user types in a channel; throws `APIError` when they may not.
    func startsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws

    /// Announces that the user has stopped; throws `APIError` when they may not type there.
    func stopsTyping(in channel: ChannelID, _ identity: GatewayIdentity) async throws

    /// A device has told that it has everything up to a position. Must not block.
    func acknowledged(_ position: Int64, by identity: GatewayIdentity)

    /// A connection of the user takes part from now on. Must not block.
    func connected(_ identity: GatewayIdentity, connection: UInt64)

    /// It does not any more. Must not block.
    func disconnected(_ identity: GatewayIdentity, connection: UInt64)

    /// How many connections a user has on other nodes of which something was heard lately. Must not block.
    func connectionsElsewhere(of user: UserID) -> Int

    /// How many of so many connections to this node may stay, since other nodes have some, too. All nodes together say
    /// `limit`, if they know the same. Must not block.
    func room(for user: UserID, having count: Int, of limit: Int) -> Int

    /// Does what a client wants of voice; throws `APIError` for what it may not.
    /// - Returns: what this connection is to hear from now on besides; nil changes nothing.
    func voice(
        _ request: VoiceRequest, of connection: UInt64, by identity: GatewayIdentity
    ) async throws -> Audience?

    /// How one of the user's devices is used; throws `APIError` for a status that there is not.
    func presence(_ status: String, of connection: UInt64, by identity: GatewayIdentity) async throws

    /// The payload of GUILD_MEMBERS_CHUNK.
    func members(_ request: GuildMembersRequest, for identity: GatewayIdentity) async throws -> [UInt8]
}

/// Where there is one node alone, and no voice.
extension GatewayBackend {
    public func voice(
        _ request: VoiceRequest, of connection: UInt64, by identity: GatewayIdentity
    ) async throws -> Audience? { throw APIError.moduleNotAvailable }

    public func connectionsElsewhere(of user: UserID) -> Int { 0 }

    public func room(for user: UserID, having count: Int, of limit: Int) -> Int { limit }
}
