import Logging
import Synchronization
import Testing

@testable import Features

@Suite("Steps in the background")
struct BackgroundStepTests {
    private struct Broken: Error {}

    /// Counts how often something was done.
    private final class Tally: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test("a step that always throws keeps no other from being done")
    func failure() async throws {
        let (broken, before, after) = (Tally(), Tally(), Tally())
        let steps = BackgroundSteps(logger: Self.silent)
        let list = [
            BackgroundStep("before") { before.add() },
            BackgroundStep("broken") {
                broken.add()
                throw Broken()
            },
            BackgroundStep("after") { after.add() },
        ]
        for _ in 0..<3 { try await steps.run(list) }
        #expect(before.value == 3)
        #expect(after.value == 3)
        #expect(broken.value == 1, "it rests after a failure")
    }

    @Test("the end of the program ends the steps")
    func cancellation() async throws {
        let after = Tally()
        let steps = BackgroundSteps(logger: Self.silent)
        let list = [
            BackgroundStep("stopped") { throw CancellationError() },
            BackgroundStep("after") { after.add() },
        ]
        await #expect(throws: CancellationError.self) { try await steps.run(list) }
        #expect(after.value == 0)
    }
}
