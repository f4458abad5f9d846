import Kernel
import Logging
import Metrics
import NIOConcurrencyHelpers

/// One thing that is done in the background again and again.
package struct BackgroundStep: Sendable {
    let name: String
    /// - Returns: whether there may be more to do at once.
    let run: @Sendable () async throws -> Bool

    /// What is done with one go.
    package init(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.run = {
            try await run()
            return false
        }
    }

    /// What is done a little at a time, so that it holds up nobody.
    /// - Parameter run: returns whether there may be more.
    package init(repeated name: String, _ run: @escaping @Sendable () async throws -> Bool) {
        self.name = name
        self.run = run
    }
}

/// Does steps one after another, each on its own: one that throws is logged and counted by its name, and the next ones are done
/// all the same.
package final class BackgroundSteps: Sendable {
    /// How long a step rests that has failed; what it stumbles over will hardly be gone a second later.
    static let rest = Duration.seconds(5)

    private let logger: Logger
    private let resting = NIOLockedValueBox<[String: ContinuousClock.Instant]>([:])
    /// Each is there from its step's first go on: a monitor sees a first failure only in what was 0 before.
    private let failures = NIOLockedValueBox<[String: Counter]>([:])

    package init(logger: Logger) { self.logger = logger }

    /// - Parameter pause: how long others have the database to themselves between the goes of one step.
    /// - Throws: `CancellationError` when the program stops, and nothing else.
    package func run(_ steps: [BackgroundStep], pausing pause: Duration = .zero) async throws {
        for step in steps {
            try Task.checkCancellation()
            let failures = failures(of: step.name)
            let now = ContinuousClock.now
            guard resting.withLockedValue({ ($0[step.name] ?? now) <= now }) else { continue }
            do {
                while try await step.run() { try await Task.sleep(for: pause) }
            } catch let error as CancellationError {
                throw error
            } catch {
                resting.withLockedValue { $0[step.name] = now + Self.rest }
                failures.increment()
                logger.warning(
                    "a step of the background work failed; trying again later",
                    metadata: ["step": "\(step.name)", "error": "\(error)"])
            }
        }
    }

    private func failures(of step: String) -> Counter {
        failures.withLockedValue { known in
            if let counter = known[step] { return counter }
            let counter = Counter(label: "background_step_failures_total", dimensions: [("step", step)])
            known[step] = counter
            return counter
        }
    }
}
