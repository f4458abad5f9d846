import Database
import Events
import Features
import Kernel
import People

/// The log of what was done to a server: every moderation and every change of its settings.
package struct AuditLog: Sendable {
    let parts: Parts
    let securityLog: SecurityLog

    /// Writes down what the caller has done, with the reason that came with the request, and tells those who may read it,
    /// each as much as they may know.
    /// - Parameter lastOverwrites: what counted in a channel that is about to be deleted.
    package func record(
        _ action: AuditAction, _ target: AuditTarget?, in server: ServerID, by caller: Caller,
        changes: [String: JSON] = [:], lastOverwrites: [PermissionOverwrite]? = nil, _ tx: Transaction
    ) throws {
        var target = target
        // A public thread is seen with its channel.
        if let channel = target?.channel, let thread = try ChannelStore.channel(channel, tx)?.thread, !thread.isPrivate
        {
            target?.channel = thread.parent
        }
        let entry = AuditEntry(
            id: parts.ids.next(), server: server, user: caller.user, action: action, target: target,
            changes: AuditChanges.bounded(changes),
            reason: caller.reason, createdAt: tx.now, lastOverwrites: lastOverwrites)
        try AuditLogStore.insert(entry, tx)
        for (reading, audience) in try Self.readings(of: entry, tx) {
            tx.emit(
                .guildAuditLogEntryCreate, entry.told(reading.version), about: Self.subject(of: entry, reading),
                to: audience)
        }
    }

    /// How much of an entry somebody is told, and through what they see the channel that it is about.
    private struct Reading: Hashable {
        let version: AuditEntry.Version
        let channel: Audience?
    }

    /// Who resumes is told of an entry only what they may still know of it. A channel that was deleted nobody can see, so what says
    /// that it was is for those who could.
    private static func subject(of entry: AuditEntry, _ reading: Reading) -> EventSubject {
        guard entry.isConfidential, reading.version != .withoutContent else {
            return .right(.serverViewAuditLog, in: entry.server)
        }
        let channel = entry.lastOverwrites == nil ? reading.channel : nil
        return entry.target?.kind == .invite && reading.version == .whole
            ? .right(.serverViewAuditLog, .serverManage, in: entry.server, seeing: channel)
            : .right(.serverViewAuditLog, in: entry.server, seeing: channel)
    }

    /// Who is told how much of an entry.
    private static func readings(
        of entry: AuditEntry, _ tx: Transaction
    ) throws -> [(reading: Reading, audience: [Audience])] {
        let readers = try Servers.audience(of: entry.server, having: .serverViewAuditLog, tx)
        guard entry.isConfidential, let server = try ServerStore.server(entry.server, tx) else {
            return [(Reading(version: .whole, channel: nil), readers)]
        }
        let channels = try AuditedChannels(for: [entry], tx)
        let roles = try RoleStore.roles(of: server.id, tx)
        guard let table = Standings.RoleTable(roles) else { return [] }
        let standings = try Standings(
            of: readers == [.server(server.id)] ? .all : .users(readers.map { UserID(rawValue: $0.id) }), in: server,
            owners: [server.owner], by: channels.rules(in: server, roles), tx)
        var audiences: [Reading: [Audience]] = [:]
        for kind in standings.kinds {
            let holder = kind.holder(in: server, table)
            for user in try kind.members.members(of: server.id, tx) {
                let version = channels.version(of: entry, for: holder, as: user)
                let channel = entry.target?.channel.map { channels.audience(of: $0, for: user) }
                audiences[Reading(version: version, channel: channel), default: []].append(.user(user))
            }
        }
        if audiences.count == 1, let reading = audiences.keys.first { return [(reading, readers)] }
        return audiences.map { ($0, $1.sorted()) }
    }

    struct Page: Sendable {
        let limit: Int
        let before: AuditEntryID?
        let action: AuditAction?
        let user: UserID?
    }

    /// The newest entries first.
    /// - Throws: `.permissionDenied` without `server.view_audit_log`.
    func list(_ server: ServerID, _ page: Page, for caller: Caller) async throws -> [AuditEntry] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.serverViewAuditLog)
            let entries = try AuditLogStore.entries(of: server, page, tx)
            let channels = try AuditedChannels(for: entries, tx)
            return entries.map { $0.told(channels.version(of: $0, for: standing.holder, as: caller.user)) }
        }
    }
}
