import Kernel

/// How the HTTP side behaves.
public struct WebConfiguration: Sendable {
    public enum AllowedOrigins: Sendable, Equatable {
        /// Pages of the server itself only.
        case own
        case all
        case listed(Set<String>)
    }

    /// Where everything but the few root routes stands.
    public static let basePath = "/api/v1"

    public var host = "127.0.0.1"
    public var port = 8080
    public var crossOrigin = AllowedOrigins.own
    public var versions: ClientVersionPolicy
    /// Nil: plain HTTP, as behind a reverse proxy.
    public var tls: CertificateStore?
    public var trustedProxies = TrustedProxies.none
    /// For the headers of a request to arrive, and to its body before the least rate counts.
    public var requestTimeout: Duration = .seconds(30)
    /// A body has to keep up this rate once the timeout is over.
    public var leastBodyRate_bytesPerSecond = 1024
    /// Without a request, a connection is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// A client that does not read its answer is cut off.
    public var writeTimeout: Duration = .seconds(30)
    /// Connections that an address may have at a time; trusted proxies may have as many as there may be.
    public var connectionsPerAddress = 512
    /// Connections that there may be at a time.
    public var maximumConnections = Int.max
    public var maximumHeaders_bytes = 16 * 1024

    public init(versions: ClientVersionPolicy) { self.versions = versions }
}
