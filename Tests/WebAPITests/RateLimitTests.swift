import TestPrograms
import Testing

@testable import Kernel
@testable import WebAPI

@Suite("Rate limits")
struct RateLimitTests {
    let clock = ManualClock(Timestamp(seconds: 1_800_000_000))

    func limiter(_ rates: [RateLimitBucket: [Rate]]) -> RateLimiter { RateLimiter(rates: rates, clock: clock) }

    /// How many of `count` requests are let through.
    func passing(_ count: Int, _ limiter: RateLimiter, _ buckets: [RateLimitBucket] = [.login]) -> Int {
        (0..<count).count { _ in (try? limiter.spend(buckets, of: .address("a"))) != nil }
    }

    @Test(
        "rates are read from text and written the same way",
        arguments: ["5/min", "120/min+20", "5/5s+3", "1/250ms", "20/h", "100/day", "7/90s"])
    func text(text: String) throws {
        #expect(try #require(Rate(text)).description == text)
    }

    @Test(
        "what is no rate is refused",
        arguments: [
            "", "5", "5/", "/min", "0/min", "-1/min", "5/0s", "5/min+", "5/min+-1", "5/year", "five/min", "5/1.5s",
            "٥/min",
        ])
    func badText(text: String) {
        #expect(Rate(text) == nil)
        #expect(Rate.list("5/min, " + text) == nil || text.isEmpty)
    }

    @Test("a full bucket lets its capacity through at once, then as much as flows back")
    func capacity() {
        let limiter = limiter([.login: [Rate(5, per: .seconds(5), burst: 3)]])
        #expect(passing(20, limiter) == 8)
        clock.advance(by: .milliseconds(999))
        #expect(passing(20, limiter) == 0)
        clock.advance(by: .milliseconds(1))
        #expect(passing(20, limiter) == 1)
        clock.advance(by: .seconds(4))
        #expect(passing(20, limiter) == 4)
        clock.advance(by: .seconds(3600))
        #expect(passing(20, limiter) == 8)
    }

    @Test("a request is refused exactly as long as it is told to wait")
    func wait() throws {
        let limiter = limiter([.login: [Rate(3, per: .seconds(1))]])
        #expect(passing(3, limiter) == 3)
        clock.advance(by: .milliseconds(100))
        do throws(RateLimitRefusal) {
            try limiter.spend([.login], of: .address("a"))
            Issue.record("it was let through")
        } catch {
            #expect(error.status.remaining == 0)
            guard case .number(let wait) = error.error.extra["retry_after"] else {
                Issue.record("the wait is not fractional")
                return
            }
            #expect(wait == 0.234)
            clock.advance(by: .milliseconds(Int64(wait * 1000) - 1))
            #expect(passing(1, limiter) == 0)
            clock.advance(by: .milliseconds(1))
            #expect(passing(1, limiter) == 1)
        }
    }

    @Test("all rates of a bucket hold, and a refused request is counted in none")
    func severalRates() {
        let limiter = limiter([.login: [Rate(2, per: .seconds(1)), Rate(5, per: .seconds(3600))]])
        #expect(passing(10, limiter) == 2)
        clock.advance(by: .seconds(1))
        #expect(passing(10, limiter) == 2)
        clock.advance(by: .seconds(1))
        #expect(passing(10, limiter) == 1)
        clock.advance(by: .seconds(1))
        #expect(passing(10, limiter) == 0)
    }

    @Test("each subject and each bucket is counted on its own")
    func subjects() throws {
        let limiter = limiter([.login: [Rate(1, per: .seconds(60))], .register: [Rate(1, per: .seconds(60))]])
        try limiter.spend([.login], of: .address("a"))
        try limiter.spend([.login], of: .address("b"))
        try limiter.spend([.register], of: .address("a"))
        try limiter.spend([.login], of: .user(UserID(rawValue: 1)))
        try limiter.spend([.login], of: .user(UserID(rawValue: 2)))
        #expect(throws: RateLimitRefusal.self) { try limiter.spend([.login], of: .user(UserID(rawValue: 1))) }
    }

    @Test("the status tells of the scarcest bucket what is left and when it is full again")
    func status() throws {
        let limiter = limiter([.user: [Rate(100, per: .seconds(100))], .messageSend: [Rate(4, per: .seconds(8))]])
        let first = try limiter.spend([.user, .messageSend], of: .address("a"))
        #expect(
            first == RateLimitStatus(bucket: .messageSend, limit: 4, remaining: 3, reset: clock.now() + .seconds(2)))
        let second = try limiter.spend([.user, .messageSend], of: .address("a"))
        #expect(second.remaining == 2)
        #expect(second.reset == clock.now() + .seconds(4))
        #expect(limiter.status(.user, of: .address("a")).remaining == 98)
        #expect(limiter.status(.user, of: .address("b")).remaining == 100)
    }

    @Test(
        "tiers and bots have more, in the bucket and in its refilling",
        arguments: [
            (RateLimiter.Allowance(multiplier: 2), 16, 2), (RateLimiter.Allowance(multiplier: 10), 80, 10),
            (RateLimiter.Allowance(isBot: true), 10, 1), (RateLimiter.Allowance(multiplier: 3, isBot: true), 29, 3),
        ])
    func allowances(allowance: RateLimiter.Allowance, capacity: Int, perSecond: Int) {
        let limiter = limiter([.messageSend: [Rate(5, per: .seconds(5), burst: 3)]])
        let passing = {
            (0..<100).count { _ in (try? limiter.spend([.messageSend], of: .address("a"), allowance)) != nil }
        }
        #expect(passing() == capacity)
        clock.advance(by: .milliseconds(1001))
        #expect(passing() == perSecond)
    }

    @Test("who is exempt, and everybody while limits are off, is told of a full bucket")
    func exempt() throws {
        let exempt = RateLimiter.Allowance(isExempt: true)
        let limiter = limiter([.login: [Rate(2, per: .seconds(60))]])
        for _ in 0..<100 { #expect(try limiter.spend([.login], of: .address("a"), exempt).remaining == 2) }
        let off = RateLimiter(rates: [.login: [Rate(2, per: .seconds(60))]], isEnforced: false, clock: clock)
        for _ in 0..<100 { #expect(try off.spend([.login], of: .address("a")).remaining == 2) }
    }

    @Test("a clock that is set back keeps nobody out for longer than a bucket takes to fill")
    func clockStepsBack() {
        let limiter = limiter([.login: [Rate(5, per: .seconds(5))]])
        #expect(passing(5, limiter) == 5)
        clock.set(clock.now() - .seconds(86_400))
        #expect(passing(5, limiter) == 0)
        clock.advance(by: .seconds(5))
        #expect(passing(9, limiter) == 5)
    }

    @Test("an address that asks all the time stays limited while two hundred thousand others come by")
    func flood() throws {
        let limiter = limiter([.address: [Rate(60, per: .seconds(60))]])
        var passed = 0
        for index in 0..<200_000 {
            _ = try? limiter.spend([.address], of: .address("flood \(index)"))
            if index % 1000 == 0, (try? limiter.spend([.address], of: .address("persistent"))) != nil { passed += 1 }
        }
        #expect(passed < 120, "the table forgot who owes most")
    }

    @Test("what owes least gives way when a set is full")
    func eviction() {
        var table = RateTable(sets: 1)
        for key: UInt64 in 1...8 { table.setArrival(Int64(key) * 100, of: key) }
        table.setArrival(1000, of: 9)
        #expect(table.arrival_us(of: 1) == 0)
        for key: UInt64 in 2...8 { #expect(table.arrival_us(of: key) == Int64(key) * 100) }
        #expect(table.arrival_us(of: 9) == 1000)
    }

    @Test("of an IPv6 address the network of 64 bits counts, of a mapped one the IPv4 address")
    func networks() {
        let subject = { RateLimitSubject(clientAddress: $0).text }
        #expect(subject("192.0.2.7") == "192.0.2.7")
        #expect(subject("2001:db8:1:2:3:4:5:6") == subject("2001:db8:1:2::"))
        #expect(subject("2001:db8:1:2::") != subject("2001:db8:1:3::"))
        #expect(subject("::ffff:192.0.2.7") == "192.0.2.7")
        #expect(subject("local") == "local")
    }
}
