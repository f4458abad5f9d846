import Database
import EventLog
import Kernel

/// What has to be done now and then: forgetting what has run out, removing what was deleted. Always in steps that are too
/// small to hold up anybody, and that fail alone.
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
    let scheduledMessages: ScheduledMessages
    let notifications: Notifications
    let setAside: SetAside
    let background: BackgroundSteps

    /// Works off what has come up, with pauses between the steps.
    /// - Throws: `CancellationError`, and nothing else; what is left is done next time.
    public func run(pausing pause: Duration = .milliseconds(20)) async throws {
        try await background.run(steps(pausing: pause))
    }

    func steps(pausing pause: Duration) -> [BackgroundStep] {
        func repeated(_ name: String, _ step: @escaping @Sendable () async throws -> Bool) -> BackgroundStep {
            BackgroundStep(name: name) { while try await step() { try await Task.sleep(for: pause) } }
        }
        return [
            BackgroundStep(name: "sessions") { try await sessions.deleteExpired() },
            BackgroundStep(name: "invites") { try await invites.deleteExpired() },
            repeated("tokens") { try await accounts.deleteExpired() },
            repeated("nonces") { try await messages.forgetNonces() },
            repeated("bans") { try await bans.removeExpired() },
            repeated("moderation states") { try await members.endExpiredStates() },
            repeated("account deletions") { try await deletions.finishNext() },
            repeated("jobs") { try await jobs.deleteExpired() },
            repeated("messages of the banned") { try await bans.deleteMessages() },
            repeated("event log") { try await parts.log.prune(on: parts.database) },
            repeated("deleted texts in the event log") {
                try await parts.log.forgetGone(on: parts.database, withoutQuotation: Message.withoutQuotation)
            },
            repeated("deleted channels") { try await purgeChannel() },
            repeated("deleted servers") { try await purgeServer() },
            repeated("unused attachments") { try await attachments.deleteUnused() },
            repeated("link previews") { try await linkPreviews.deleteUnused() },
            repeated("scheduled messages") { try await scheduledMessages.deleteOld() },
            repeated("notification counts") { try await notifications.forgetCounts() },
            repeated("rows set aside") { try await setAside.tidy() },
            repeated("uploads") { try await uploads.removeExpired() },
            repeated("files") { try await blobs.sweep() },
        ]
    }

    private func purgeChannel() async throws -> Bool {
        let channel = try await parts.database.read { tx in try ChannelStore.deleted(tx) }
        guard let channel else { return false }
        try await setAside.each(of: .channel, [channel], named: \.description) { channel in
            try await parts.database.write { tx in try ChannelStore.purgeStep(channel, limit: 500, tx) }
        }
        return true
    }

    private func purgeServer() async throws -> Bool {
        let server = try await parts.database.read { tx in try ServerStore.deleted(tx) }
        guard let server else { return false }
        try await setAside.each(of: .server, [server], named: \.description) { server in
            try await parts.database.write { tx in try ServerStore.purge(server, tx) }
        }
        return true
    }
}
