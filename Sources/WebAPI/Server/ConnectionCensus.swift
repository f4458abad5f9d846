import Kernel
import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore

/// Counts the open connections, so that neither one address nor all together take the descriptors that the database and files
/// need.
final class ConnectionCensus: Sendable {
    enum Refusal: String {
        case address
        case total
    }

    /// A flood of connections makes no flood of log lines.
    private static let silence = Duration.seconds(60)

    private struct State {
        var total = 0
        var byAddress: [RateLimitSubject: Int] = [:]
        var lastLine: ContinuousClock.Instant?
    }

    private let perAddress: Int
    private let maximum: Int
    private let proxies: TrustedProxies
    private let state = NIOLockedValueBox(State())
    private let refused: [Refusal: Counter]

    /// - Parameters:
    ///   - perAddress: connections that an address may have; of an IPv6 address, its network of 64 bits. Proxies that are
    ///     trusted may have as many as there are.
    ///   - maximum: connections that there may be.
    init(perAddress: Int, maximum: Int, proxies: TrustedProxies) {
        self.perAddress = perAddress
        self.maximum = maximum
        self.proxies = proxies
        self.refused = Dictionary(
            uniqueKeysWithValues: [Refusal.address, .total].map { refusal in
                (refusal, Counter(label: "connections_refused_total", dimensions: [("limit", refusal.rawValue)]))
            })
    }

    /// Counts a new connection until it is closed.
    /// - Returns: false when there are too many; it is not counted then.
    func admit(_ channel: any Channel, _ logger: Logger) -> Bool {
        let address = channel.remoteAddress?.ipAddress ?? "local"
        if let refusal = enter(address) {
            refused[refusal]?.increment()
            if isLineDue() {
                logger.warning(
                    "too many connections; new ones are closed",
                    metadata: ["limit": .string(refusal.rawValue), "address": .string(address)])
            }
            return false
        }
        channel.closeFuture.whenComplete { _ in self.leave(address) }
        return true
    }

    /// - Returns: what is in the way; nil when the connection is counted.
    func enter(_ address: String) -> Refusal? {
        let subject = RateLimitSubject(clientAddress: address)
        let isProxy = proxies.trusts(address)
        return state.withLockedValue { state in
            if state.total >= maximum { return .total }
            let own = state.byAddress[subject, default: 0]
            if own >= perAddress, !isProxy { return .address }
            state.total += 1
            state.byAddress[subject] = own + 1
            return nil
        }
    }

    func leave(_ address: String) {
        let subject = RateLimitSubject(clientAddress: address)
        state.withLockedValue { state in
            state.total -= 1
            let own = state.byAddress[subject, default: 1] - 1
            state.byAddress[subject] = own > 0 ? own : nil
        }
    }

    private func isLineDue() -> Bool {
        let now = ContinuousClock.now
        return state.withLockedValue { state in
            if let last = state.lastLine, now - last < Self.silence { return false }
            state.lastLine = now
            return true
        }
    }
}
