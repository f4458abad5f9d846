import Kernel

/// The gateway's limits and addresses.
public struct GatewayConfiguration: Sendable {
    /// Origins of web pages that may connect, besides those of the server's own address; nil allows every origin. Clients that
    /// send no Origin always may.
    public var allowedOrigins: Set<String>?
    /// Sent in READY as `resume_gateway_url`; nil makes one from the request's `Host`.
    public var publicURL: String?
    public var heartbeatInterval: Duration = .seconds(45)
    public var identifyTimeout: Duration = .seconds(20)
    public var maximumFrame_bytes = 64 * 1024
    public var connectionsPerUser = 5
    /// Whether the two rates below are enforced.
    public var isRateLimited = true
    public var framesPerMinute = 120
    public var identifyInterval: Duration = .seconds(5)
    /// So many sessions of a bot may identify within that, of shards that leave other numbers when divided by it.
    public var maximumConcurrency = 1
    /// What a replay may hold, in events and in KiB. Who missed more begins anew, which costs less.
    public var replayEvents = 20_000
    /// What may wait for a client that does not read before it is closed.
    public var maximumQueue_bytes = 1 << 20
    /// How long a client may take to answer the server's close frame before the connection is cut.
    public var farewell: Duration = .seconds(2)
    /// Whether TLS ends in this process. Frames then go through NIO's pipeline instead of directly to the socket.
    public var isEncrypted = false
    public var versions: ClientVersionPolicy
    /// Signs session ids, so that any node can resume a session without having stored it. 32 bytes.
    public var sessionKey: [UInt8]

    public init(versions: ClientVersionPolicy, sessionKey: [UInt8]) {
        self.versions = versions
        self.sessionKey = sessionKey
    }
}
