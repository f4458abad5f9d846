import Bus
import Database
import Features
import Kernel
import NIOConcurrencyHelpers

/// A member who came by a temporary invite.
struct TemporaryMember: Sendable {
    let server: ServerID
    let user: UserID
    let joinedAt: Timestamp
}

/// Members who came by a temporary invite leave again when they go offline, unless they were given a role.
final class TemporaryMembers: Feature {
    /// A connection that breaks and comes back is no departure.
    static let grace = Duration.seconds(300)

    private let parts: Parts
    private let presences: Presences
    /// What happened before the start is not known, so nobody counts as absent since earlier.
    private let startedAt: Timestamp
    private let lastSeen = NIOLockedValueBox<[UserID: Timestamp]>([:])

    init(parts: Parts, presences: Presences) {
        self.parts = parts
        self.presences = presences
        self.startedAt = parts.clock.now()
    }

    package var dueWork: [BackgroundStep] { [BackgroundStep("temporary members") { try await self.removeAbsent() }] }

    /// Removes those who have been away for longer than the grace.
    func removeAbsent() async throws {
        let (members, nodes) = try await parts.database.read { [presences] tx in
            (try MemberStore.temporary(tx), try presences.node?.living(tx) ?? [])
        }
        let users = Set(members.map(\.user))
        let now = parts.clock.now()
        let allAreHeard = presences.isHeard(nodes)
        let absent = lastSeen.withLockedValue { lastSeen in
            lastSeen = lastSeen.filter { users.contains($0.key) }
            return members.filter { member in
                // Who may be connected to a node that is not heard is not absent.
                if !allAreHeard || presences.isConnected(member.user) {
                    lastSeen[member.user] = now
                    return false
                }
                let since = max(lastSeen[member.user] ?? startedAt, member.joinedAt)
                // The clock was set back: their absence counts from now on.
                if since > now { lastSeen[member.user] = now }
                return since + Self.grace <= now
            }
        }
        try await SetAside(parts: parts).each(of: .temporaryMember, absent, named: { "\($0.server):\($0.user)" }) {
            try await remove($0)
        }
    }

    private func remove(_ member: TemporaryMember) async throws {
        try await parts.database.write { tx in
            // Meanwhile they may have left, or been given a role or the server.
            guard try MemberStore.isTemporary(member.user, in: member.server, tx),
                let server = try ServerStore.server(member.server, tx), server.owner != member.user
            else { return }
            try Servers.remove(member.user, from: server, self.parts.features, tx)
        }
    }
}
