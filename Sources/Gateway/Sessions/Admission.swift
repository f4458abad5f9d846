import Kernel
import NIOConcurrencyHelpers

/// How many connections a user has, and how often a login identifies and resumes, over all event loops of this process. What the
/// other nodes know of that is asked for, or counted in the limits that all of them share.
final class Admission: Sendable {
    private struct Crowd {
        var count = 0
        /// How many connections the user may have.
        var limit = 0
    }

    private struct State {
        var crowds: [UserID: Crowd] = [:]
        /// Who had too many when it was looked last.
        var suspects: Set<UserID> = []
    }

    private let connectionsPerUser: Int
    private let maximumConcurrency: Int
    private let limiter: RateLimiter
    /// Nil: as often as they like.
    private let pace: (identify: RateLimitBucket, resume: RateLimitBucket)?
    /// How often a person takes places in voice channels, and changes how they are there; nil: as often as they like.
    private let voicePace: RateLimitBucket?
    private let state = NIOLockedValueBox(State())

    /// - Parameter limiter: counts what takes a pause.
    init(_ configuration: GatewayConfiguration, _ limiter: RateLimiter) {
        connectionsPerUser = configuration.connectionsPerUser
        maximumConcurrency = configuration.maximumConcurrency
        self.limiter = limiter
        voicePace = configuration.isRateLimited ? RateLimitBucket("gateway.voice", Rate(20, per: .seconds(20))) : nil
        let interval = configuration.identifyInterval
        pace =
            configuration.isRateLimited && interval > .zero
            ? (
                identify: RateLimitBucket("gateway.identify", Rate(1, per: interval)),
                // All windows of a browser have one login, and come back at the same moment.
                resume: RateLimitBucket("gateway.resume", Rate(1, per: interval, burst: connectionsPerUser - 1))
            ) : nil
    }

    // MARK: Connections

    /// Counts a connection, which `leave` undoes.
    /// - Parameter elsewhere: how many the user has on other nodes.
    func enter(_ identity: GatewayIdentity, elsewhere: Int) throws(CloseReason) {
        let limit = connectionsPerUser * max(1, identity.neededShards)
        let isAdmitted = state.withLockedValue { state in
            var crowd = state.crowds[identity.user] ?? Crowd()
            guard crowd.count + elsewhere < limit else { return false }
            crowd.count += 1
            crowd.limit = limit
            state.crowds[identity.user] = crowd
            return true
        }
        guard isAdmitted else { throw .tooManyConnections }
    }

    func leave(_ user: UserID) {
        state.withLockedValue { state in
            state.crowds[user]?.count -= 1
            if let count = state.crowds[user]?.count, count <= 0 { state.crowds[user] = nil }
        }
    }

    /// Looks for those who have too many connections, as they have who came to several nodes at once. Who has them at
    /// one look alone may only have left a node that can't say so any more.
    /// - Parameter room: how many of a number of connections may stay.
    /// - Returns: of whom how many connections are to be closed here.
    func takeSurplus(_ room: (UserID, _ count: Int, _ limit: Int) -> Int) -> [UserID: Int] {
        let (crowds, suspects) = state.withLockedValue { ($0.crowds, $0.suspects) }
        var surplus: [UserID: Int] = [:]
        for (user, crowd) in crowds {
            let excess = crowd.count - room(user, crowd.count, crowd.limit)
            if excess > 0 { surplus[user] = excess }
        }
        state.withLockedValue { $0.suspects = Set(surplus.keys) }
        return surplus.filter { suspects.contains($0.key) }
    }

    // MARK: Pace

    /// Counts an IDENTIFY. Only logins that exist come this far, so strangers can't fill the memory.
    func identify(_ identity: GatewayIdentity) throws(CloseReason) {
        guard let pace else { return }
        let part = Int(identity.shard?.index ?? 0) % maximumConcurrency
        try spend(pace.identify, .login(identity.login, part: part), "one IDENTIFY at a time")
    }

    /// Counts a RESUME, which may cost as much. Apart from IDENTIFY, which follows one that can't be had.
    func resume(_ identity: GatewayIdentity) throws(CloseReason) {
        guard let pace else { return }
        let part = Int(identity.shard?.index ?? 0) % max(1, identity.neededShards)
        try spend(pace.resume, .login(identity.login, part: part), "RESUME too often")
    }

    /// Counts a change of a person's place in a voice channel.
    /// - Returns: whether it may be.
    func changesPlace(_ identity: GatewayIdentity) -> Bool {
        guard let voicePace else { return true }
        do throws(RateLimitRefusal) {
            try limiter.spend([voicePace], of: .user(identity.user))
            return true
        } catch {
            return false
        }
    }

    private func spend(
        _ bucket: RateLimitBucket, _ subject: RateLimitSubject, _ refusal: String
    ) throws(CloseReason) {
        do throws(RateLimitRefusal) {
            try limiter.spend([bucket], of: subject)
        } catch {
            throw CloseReason(.rateLimited, refusal)
        }
    }
}
