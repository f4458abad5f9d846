import Metrics
import NIOConcurrencyHelpers

/// Counts and times requests by route. Keeps its handles, since finding one by its labels costs more than using it.
final class RequestMetrics: Sendable {
    static let shared = RequestMetrics()

    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private let timers = NIOLockedValueBox<[Key: Timer]>([:])

    func record(method: String, route: String, status: Int, _ time: Duration) {
        let key = Key(method: method, route: route, status: status)
        let timer = timers.withLockedValue { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: "http_request_duration",
                dimensions: [("method", method), ("route", route), ("status", String(status))])
            timers[key] = timer
            return timer
        }
        let (seconds, attoseconds) = time.components
        timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
