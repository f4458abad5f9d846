import Database
import Kernel

/// What is to be done at its moment, or soon: within a second or two, in contrast to `Upkeep`. Each step fails alone.
public struct DueWork: Sendable {
    let polls: Polls
    let threads: Threads
    let presences: Presences
    let scheduledMessages: ScheduledMessages
    let blocks: Blocks
    let temporaryMembers: TemporaryMembers
    let background: BackgroundSteps

    /// Does what is due now.
    /// - Throws: `CancellationError`, and nothing else; what is left is done next time.
    public func run() async throws { try await background.run(steps) }

    var steps: [BackgroundStep] {
        [
            BackgroundStep(name: "presences") { presences.expire() },
            BackgroundStep(name: "temporary members") { try await temporaryMembers.removeAbsent() },
            BackgroundStep(name: "blocked addresses") { try await blocks.refresh() },
            BackgroundStep(name: "polls") { while try await polls.closeDue() {} },
            BackgroundStep(name: "threads") { while try await threads.archiveIdle() {} },
            BackgroundStep(name: "scheduled messages due") { while try await scheduledMessages.sendNext() {} },
        ]
    }
}
