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
    let limiter: RateLimiter
    let meter: RequestMeter
    let rules: HouseRules
    let bucket: RateLimitBucket?
    let countsApart: Bool
    let countsItself: Bool
    let worksInMaintenance: Bool
    let isCounted: Bool
    let isForPeople: Bool

    init(
        to route: Route, _ limiter: RateLimiter, _ meter: RequestMeter,
        rules: HouseRules
    ) {
        self.limiter = limiter
        self.meter = meter
        self.rules = rules
        self.bucket = route.bucket
        self.countsApart = route.countsApart
        self.countsItself = route.countsItself
        self.worksInMaintenance = route.worksInMaintenance
        self.isCounted = route.isCounted
        self.isForPeople = route.isForPeople
    }

    /// Somebody without a login, counted by the address.
    func enter(_ client: ClientInformation) throws {
        let address = RateLimitSubject(clientAddress: client.address)
        if isCounted {
            let own = countsItself ? nil : bucket
            try spend((countsApart ? [] : [.address]) + (own.map { [$0] } ?? []), address)
        } else {
            meter.note(limiter.status(.address, of: address))
        }
        if rules.isBlocked(client.address) { throw APIError.accessDenied }
        if !worksInMaintenance, let error = rules.maintenance() { throw error }
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
        let own = countsItself ? nil : bucket
        try spend((countsApart ? [] : [.user]) + (own.map { [$0] } ?? []), .user(caller.user), Self.allowance(caller))
        if isForPeople, caller.isBot { throw APIError(.permissionDenied) }
        if caller.isAdmin { return caller }
        if rules.isBlocked(client.address) { throw APIError.accessDenied }
        if !worksInMaintenance, let error = rules.maintenance() { throw error }
        return caller
    }

    private static func allowance(_ caller: Caller) -> RateLimiter.Allowance {
        RateLimiter.Allowance(
            multiplier: caller.tier.rateMultiplier, isBot: caller.isBot, isExempt: caller.isAdmin)
    }

    /// Counts the request in the route's own bucket.
    func count(_ client: ClientInformation) throws {
        if let bucket { try spend([bucket], RateLimitSubject(clientAddress: client.address)) }
    }

    func count(_ caller: Caller) throws {
        if let bucket { try spend([bucket], .user(caller.user), Self.allowance(caller)) }
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
