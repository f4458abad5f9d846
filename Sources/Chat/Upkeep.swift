import Database
import EventLog
import Kernel

/// What has to be done now and then: forgetting what has run out, removing what was deleted. Always in steps that are too
/// small to hold up anybody.
public struct Upkeep: Sendable {
    let parts: Parts
    let sessions: Sessions
    let accounts: Accounts
    let invites: Invites
    let messages: Messages
    let bans: Bans
    let members: Members
    let deletions: AccountDeletions
    let jobs: Jobs
    let attachments: Attachments
    let uploads: Uploads
    let linkPreviews: LinkPreviews
    let blobs: Blobs

    /// Works off what has come up, with pauses between the steps.
    /// - Throws: what the database throws; what is left is done next time.
    public func run(pausing pause: Duration = .milliseconds(20)) async throws {
        try await sessions.deleteExpired()
        try await invites.deleteExpired()
        try await repeated(pause) { try await accounts.deleteExpired() }
        try await repeated(pause) { try await messages.forgetNonces() }
        try await repeated(pause) { try await bans.removeExpired() }
        try await repeated(pause) { try await members.endExpiredStates() }
        try await repeated(pause) { try await deletions.finishNext() }
        try await repeated(pause) { try await jobs.deleteExpired() }
        try await repeated(pause) { try await bans.deleteMessages() }
        try await repeated(pause) { try await parts.log.prune(on: parts.database) }
        try await repeated(pause) { try await purgeDeleted() }
        try await repeated(pause) { try await attachments.deleteUnused() }
        try await repeated(pause) { try await linkPreviews.deleteUnused() }
        // Last, because they need the store, which may be out of reach.
        try await repeated(pause) { try await uploads.removeExpired() }
        try await repeated(pause) { try await blobs.sweep() }
    }

    private func purgeDeleted() async throws -> Bool {
        try await parts.database.write { tx in
            if try ChannelStore.purgeStep(limit: 500, tx) { return true }
            return try ServerStore.purgeStep(tx)
        }
    }

    private func repeated(_ pause: Duration, _ step: () async throws -> Bool) async throws {
        while try await step() { try await Task.sleep(for: pause) }
    }
}
