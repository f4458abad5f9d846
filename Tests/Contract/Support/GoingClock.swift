import Kernel
import NIOConcurrencyHelpers

/// A clock that shows what a test sets, or goes by itself for a while.
final class GoingClock: WallClock {
    private let clock: ManualClock
    private let goes = NIOLockedValueBox(false)

    init(_ clock: ManualClock) { self.clock = clock }

    func now() -> Timestamp { goes.withLockedValue { $0 } ? SystemClock().now() : clock.now() }

    func start() { goes.withLockedValue { $0 = true } }

    /// Stands still at what it shows.
    func stop() {
        clock.set(now())
        goes.withLockedValue { $0 = false }
    }
}

extension TestServer {
    /// Runs `body` while the server's clock goes as fast as the wall's.
    func inRealTime<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let time = time as? GoingClock
        time?.start()
        defer { time?.stop() }
        return try await body()
    }
}
