import Synchronization

/// How a bucket stands after a request, for the headers.
public struct RateLimitStatus: Sendable, Equatable {
    public let bucket: RateLimitBucket
    /// What may come at once.
    public let limit: Int
    public let remaining: Int
    /// When the bucket is full again.
    public let reset: Timestamp
}

/// Counts requests and says when there are too many (contract: REST, Rate limits).
///
/// Each rate is a generic cell rate algorithm: it lets through its capacity at once, and then as many as flow back. A request is
/// counted in all of its rates or, when one of them refuses, in none.
public final class RateLimiter: Sendable {
    /// What multiplies limits, or lifts them.
    public struct Allowance: Sendable {
        public let multiplier: Double
        public let isBot: Bool
        public let isExempt: Bool

        public init(multiplier: Double = 1, isBot: Bool = false, isExempt: Bool = false) {
            self.multiplier = multiplier
            self.isBot = isBot
            self.isExempt = isExempt
        }
    }

    /// One rate of a bucket for somebody.
    private struct Cell {
        let bucket: RateLimitBucket
        let key: UInt64
        let capacity: Int64
        /// The time in which one request flows back.
        let interval_us: Int64

        /// - Parameter arrival_us: when nothing is owed any more.
        func status(_ arrival_us: Int64, at now_us: Int64) -> RateLimitStatus {
            let owed_us = max(0, arrival_us - now_us)
            return RateLimitStatus(
                bucket: bucket, limit: Int(capacity),
                remaining: Int(max(0, capacity - (owed_us + interval_us - 1) / interval_us)),
                reset: Timestamp(milliseconds: (max(arrival_us, now_us) + 999) / 1000))
        }
    }

    private let rates: [RateLimitBucket: [Rate]]
    private let isEnforced: Bool
    private let clock: any WallClock
    private let key: SipHash.Key
    /// So many may each have let something through in the moment in which one more was free, and that is owed beyond
    /// all that may be: else whoever asks all nodes all the time would have what flows back from each of them.
    private let otherNodes: Int64
    private let table: Mutex<RateTable>
    private let others = Mutex(Others())

    /// What is said to other nodes, and heard from them.
    private struct Others {
        let own = SystemRandomness().next()
        /// The number of what was said last.
        var number: UInt64 = 0
        var senders = RateGrantSenders()
    }

    /// - Parameters:
    ///   - rates: in place of the buckets' defaults.
    ///   - secret: of which all nodes have the same, and that nobody else knows; nil where there is one node alone.
    public init(
        rates: [RateLimitBucket: [Rate]] = [:], isEnforced: Bool = true, secret: [UInt8]? = nil,
        clock: any WallClock = SystemClock()
    ) {
        self.rates = rates
        self.isEnforced = isEnforced
        self.clock = clock
        otherNodes = secret == nil ? 0 : 16
        key = SipHash.Key(secret ?? SystemRandomness().bytes(16))
        table = Mutex(RateTable(secret == nil ? .thisNode : .allNodes))
    }

    /// Counts a request.
    /// - Returns: how the scarcest of the rates stands.
    /// - Throws: `Rate limited`, with the time after which the same request would be let through.
    @discardableResult
    public func spend(
        _ buckets: [RateLimitBucket], of subject: RateLimitSubject, _ allowance: Allowance = Allowance()
    ) throws(RateLimitRefusal) -> RateLimitStatus {
        let now = clock.now()
        let now_us = now.milliseconds * 1000
        let cells = cells(buckets, subject, allowance)
        guard isEnforced, !allowance.isExempt else { return Self.scarcest(cells.map { $0.status(now_us, at: now_us) }) }
        let (statuses, wait_us): ([RateLimitStatus], Int64) = table.withLock { table in
            var statuses: [RateLimitStatus] = []
            var wait_us: Int64 = 0
            let arrivals = cells.map { cell in
                let next = max(arrival_us(of: cell, in: &table, now_us), now_us) + cell.interval_us
                wait_us = max(wait_us, next - now_us - cell.capacity * cell.interval_us)
                statuses.append(cell.status(next, at: now_us))
                return next
            }
            guard wait_us <= 0 else { return (statuses, wait_us) }
            for (cell, arrival) in zip(cells, arrivals) {
                table.grant(
                    cell.interval_us, of: cell.key, owingUntil: arrival, of: cell.capacity * cell.interval_us,
                    at: now_us)
            }
            return (statuses, 0)
        }
        guard wait_us > 0 else { return Self.scarcest(statuses) }
        throw RateLimitRefusal(status: Self.scarcest(statuses), wait_us: wait_us)
    }

    private func arrival_us(of cell: Cell, in table: inout RateTable, _ now_us: Int64) -> Int64 {
        let known = table.arrival_us(of: cell.key)
        let latest = now_us + (cell.capacity + otherNodes) * cell.interval_us
        guard known > latest else { return known }
        // The clock was set back, or more was let through on several nodes at once, which must not keep anybody out for
        // longer than a whole capacity takes.
        table.setArrival(latest, of: cell.key)
        return latest
    }

    /// How a bucket stands, without a request.
    public func status(_ bucket: RateLimitBucket, of subject: RateLimitSubject) -> RateLimitStatus {
        let now_us = clock.now().milliseconds * 1000
        let cells = cells([bucket], subject, Allowance())
        return table.withLock { table in
            Self.scarcest(
                cells.map { $0.status(isEnforced ? arrival_us(of: $0, in: &table, now_us) : 0, at: now_us) })
        }
    }

    private func cells(
        _ buckets: [RateLimitBucket], _ subject: RateLimitSubject, _ allowance: Allowance
    ) -> [Cell] {
        buckets.flatMap { bucket in
            let multiplier = allowance.multiplier * (allowance.isBot ? bucket.botMultiplier : 1)
            return (rates[bucket] ?? bucket.defaults).enumerated().map { index, rate in
                var hash = SipHash(key)
                hash.add(bucket.code)
                hash.add(UInt64(index))
                subject.add(to: &hash)
                let interval = Double(rate.period.wholeMilliseconds) * 1000 / (Double(rate.count) * multiplier)
                return Cell(
                    bucket: bucket, key: hash.hash() | 1,
                    capacity: Int64((Double(rate.capacity) * multiplier).rounded()),
                    interval_us: max(1, Int64(interval.rounded(.up))))
            }
        }
    }

    // MARK: Other nodes

    /// How often the other nodes are told: what comes to them within that can be let through too often. Where nothing
    /// matters to them nothing is said.
    public static let tellingInterval = Duration.milliseconds(25)

    /// What the other nodes are to be told; nil when there is nothing. To be called in that interval.
    public func takeGrants() -> [UInt8]? {
        let now_us = clock.now().milliseconds * 1000
        let grants = table.withLock { $0.takeUntold(limit: RateGrants.maximumCount, at: now_us) }
        return others.withLock { others in
            others.number += 1
            return grants.isEmpty
                ? nil : RateGrants(sender: others.own, number: others.number, grants: grants).bytes
        }
    }

    /// What another node has let through counts as if it had been let through here. Much of it can be lost, doubled or
    /// wrong: what somebody owes is taken for little more than all that they may owe, so that they are let through
    /// again soon.
    public func hear(_ bytes: [UInt8]) {
        guard let told = RateGrants(bytes) else { return }
        let now_us = clock.now().milliseconds * 1000
        let isNew = others.withLock { others in
            told.sender != others.own && others.senders.hear(told.number, from: told.sender, at: now_us)
        }
        guard isNew else { return }
        table.withLock { table in
            for grant in told.grants { table.add(grant, at: now_us) }
        }
    }

    /// The one that the client will run into first.
    private static func scarcest(_ statuses: [RateLimitStatus]) -> RateLimitStatus {
        // Every bucket has at least one rate, so there is a least element.
        // swift-format-ignore: NeverForceUnwrap
        statuses.min { ($0.remaining, $0.limit) < ($1.remaining, $1.limit) }!
    }
}

/// Too many requests.
public struct RateLimitRefusal: Error, Sendable {
    public let status: RateLimitStatus
    public let wait_us: Int64

    /// The contract's error; seconds with milliseconds.
    public var error: APIError { .rateLimited(retryAfter_s: Double((wait_us + 999) / 1000) / 1000) }
}
