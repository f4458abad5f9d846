import Foundation
import Kernel
import WebAPI

/// What counting a request costs, in this process: time for each, and memory under a flood of addresses.
struct RateLimitScenario {
    let requests: Int
    let rounds: Int

    func measure() throws -> [Figure] {
        let addresses = (0..<requests).map {
            "2001:db8:\(String($0 >> 16, radix: 16)):\(String($0 & 0xFFFF, radix: 16))::1"
        }
        let before = residentMemory()
        let strangers = try (0..<rounds).map { _ in try time { RateLimitSubject(clientAddress: addresses[$0]) } }
        let after = residentMemory()
        let users = try (0..<rounds).map { _ in try time { .user(UserID(rawValue: Int64($0 % 10_000) + 1)) } }
        return [
            Figure(
                "counting a request of a user", users.median, "µs", target: .below(5),
                note: "two buckets with three rates, 10,000 users"),
            Figure(
                "counting a request of an address", strangers.median, "µs", target: .below(5),
                note: "each from another IPv6 network, \(requests) of them"),
            Figure(
                "memory of such a flood", Double(max(0, after - before)) / 1_048_576, "MiB",
                target: .atMost(Double(4 * rounds)),
                note: "resident, for \(rounds) tables"),
        ]
    }

    /// Microseconds for each request.
    private func time(_ subject: (Int) -> RateLimitSubject) throws -> Double {
        let limiter = RateLimiter()
        let sending = RateLimitBucket("message.send", Rate(5, per: .seconds(5), burst: 3))
        var refused = 0
        let time = ContinuousClock().measure {
            for index in 0..<requests {
                if (try? limiter.spend([.user, sending], of: subject(index))) == nil { refused += 1 }
            }
        }
        // Refusals are part of the work; most requests have to pass for it to be the usual one.
        precondition(refused < requests)
        return time / .microseconds(1) / Double(requests)
    }

    private func residentMemory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
