import Database
import Kernel

/// What is to be done at its moment, or soon: within a second or two, in contrast to `Upkeep`.
public struct DueWork: Sendable {
    let polls: Polls
    let threads: Threads
    let presences: Presences
    let scheduledMessages: ScheduledMessages
    let blocks: Blocks
    let temporaryMembers: TemporaryMembers

    /// Does what is due now.
    /// - Throws: what the database throws; what is left is done next time.
    public func run() async throws {
        presences.expire()
        try await temporaryMembers.removeAbsent()
        try await blocks.refresh()
        while try await polls.closeDue() {}
        while try await threads.archiveIdle() {}
        while try await scheduledMessages.sendNext() {}
    }
}
