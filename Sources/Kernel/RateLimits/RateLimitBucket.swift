/// Requests that are counted together (contract: REST, Rate limits). Each feature declares its own in its folder
/// (`Feature.rateLimitBuckets`):
///
/// ```swift
/// extension RateLimitBucket {
///     static let vote = RateLimitBucket("vote", Rate(1, per: .milliseconds(250)))
/// }
/// ```
///
/// A class, for each request looks up the rates of some: to compare names would take longer than to count.
public final class RateLimitBucket: Sendable {
    /// As in `X-RateLimit-Bucket`.
    public let name: String
    /// The same for the same name, in every process.
    let code: UInt64
    /// All of them hold.
    public let defaults: [Rate]
    /// Whether it is so narrow that a request counted in it may cost a password hash: seconds of a processor, and its memory.
    public let allowsHashing: Bool
    /// What a bot's limits are multiplied by.
    public let botMultiplier: Double

    public init(_ name: String, _ defaults: Rate..., allowsHashing: Bool = false, botMultiplier: Double = 1) {
        self.name = name
        var hash = SipHash(SipHash.Key([]))
        hash.add(name)
        code = hash.hash()
        self.defaults = defaults
        self.allowsHashing = allowsHashing
        self.botMultiplier = botMultiplier
    }
}

extension RateLimitBucket: Hashable {
    public static func == (a: RateLimitBucket, b: RateLimitBucket) -> Bool { a === b }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension RateLimitBucket {
    /// Everything that somebody who is logged in asks for.
    public static let user = RateLimitBucket(
        "user", Rate(120, per: .seconds(60), burst: 20), Rate(50, per: .seconds(1)))
    /// Everything that comes from an address without a login.
    public static let address = RateLimitBucket("address", Rate(60, per: .seconds(60)))
    /// Pictures and files that are fetched.
    public static let media = RateLimitBucket("media", Rate(1200, per: .seconds(60), burst: 300))
    /// The files of the web client, which no picture of a message may keep from coming.
    public static let page = RateLimitBucket("page", Rate(1200, per: .seconds(60), burst: 300))

    /// Those that are no single feature's.
    public static let general: [RateLimitBucket] = [.user, .address, .media, .page]
}
