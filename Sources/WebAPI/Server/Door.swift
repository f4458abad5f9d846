import Kernel
import NIOConcurrencyHelpers

/// Whom the server lets in at the moment.
public struct HouseRules: Sendable {
    /// What requests are answered with that have to wait for the end of a maintenance; nil while there is none.
    let maintenance: @Sendable () -> APIError?
    /// Whether requests from an address are refused.
    let isBlocked: @Sendable (String) -> Bool

    public init(
        maintenance: @escaping @Sendable () -> APIError? = { nil },
        isBlocked: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.maintenance = maintenance
        self.isBlocked = isBlocked
    }
}

/// What a request has to pass before its handler runs: is the server being maintained, and are there too many of it?
struct Door: Sendable {
    let policy: RoutePolicy
    let limiter: RateLimiter
    let meter: RequestMeter
    let rules: HouseRules

    /// Somebody without a login, counted by the address.
    func enter(_ client: ClientInformation) throws {
        try count(with: .address, RateLimitSubject(clientAddress: client.address))
        try checkRules(client)
    }

    /// Somebody with a login. Who can't show one is counted by the address.
    func enter(_ client: ClientInformation, _ authenticate: () async throws -> Caller) async throws -> Caller {
        let caller: Caller
        do {
            caller = try await authenticate()
        } catch let error as APIError where error.status == 401 {
            try spend([.address], RateLimitSubject(clientAddress: client.address))
            throw error
        }
        try count(with: .user, .user(caller.user), Self.allowance(caller))
        if policy.isForPeople, caller.isBot { throw APIError(.permissionDenied) }
        if !caller.isAdmin { try checkRules(client) }
        return caller
    }

    private func checkRules(_ client: ClientInformation) throws {
        if rules.isBlocked(client.address) { throw APIError.accessDenied }
        if !policy.worksInMaintenance, let error = rules.maintenance() { throw error }
    }

    private static func allowance(_ caller: Caller) -> RateLimiter.Allowance {
        RateLimiter.Allowance(
            multiplier: caller.tier.rateMultiplier, isBot: caller.isBot, isExempt: caller.isAdmin)
    }

    /// Counts the request in the route's own bucket.
    func count(_ client: ClientInformation) throws {
        if let bucket = policy.counting.bucket { try spend([bucket], RateLimitSubject(clientAddress: client.address)) }
    }

    func count(_ caller: Caller) throws {
        if let bucket = policy.counting.bucket { try spend([bucket], .user(caller.user), Self.allowance(caller)) }
    }

    private func count(
        with shared: RateLimitBucket, _ subject: RateLimitSubject, _ allowance: RateLimiter.Allowance = .init()
    ) throws {
        let buckets = policy.counting.buckets(shared)
        guard !buckets.isEmpty else { return meter.note(limiter.status(shared, of: subject)) }
        try spend(buckets, subject, allowance)
    }

    private func spend(
        _ buckets: [RateLimitBucket], _ subject: RateLimitSubject, _ allowance: RateLimiter.Allowance = .init()
    ) throws {
        do throws(RateLimitRefusal) {
            meter.note(try limiter.spend(buckets, of: subject, allowance))
        } catch {
            meter.note(error.status)
            throw error.error
        }
    }
}

/// Remembers for a request's headers how its limits stand.
final class RequestMeter: Sendable {
    private let current = NIOLockedValueBox<RateLimitStatus?>(nil)

    var status: RateLimitStatus? { current.withLockedValue { $0 } }

    /// Of several the scarcest counts.
    func note(_ status: RateLimitStatus) {
        current.withLockedValue { current in
            if let known = current, known.remaining <= status.remaining { return }
            current = status
        }
    }
}
