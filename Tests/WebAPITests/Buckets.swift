import Kernel

/// Buckets of the tests' own: those of the features are not known here.
extension RateLimitBucket {
    static let login = RateLimitBucket("login", Rate(5, per: .seconds(60)))
    static let register = RateLimitBucket("register", Rate(3, per: .seconds(60)))
    static let upload = RateLimitBucket("upload", Rate(30, per: .seconds(60)))
    static let group = RateLimitBucket("group", Rate(10, per: .seconds(60)))
    static let messageSend = RateLimitBucket("message.send", Rate(5, per: .seconds(5), burst: 3), botMultiplier: 1.2)
}
