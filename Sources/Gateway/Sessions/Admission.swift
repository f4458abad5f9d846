import Kernel
import NIOConcurrencyHelpers
import NIOCore

/// How many connections a user has, and how often a login identifies, over all event loops of this process.
final class Admission: Sendable {
    private struct State {
        var connections: [UserID: Int] = [:]
        var identified: [SessionID: NIODeadline] = [:]
        /// How many logins there may be before those that waited long enough are forgotten.
        var pruneAt = 1024
    }

    private let connectionsPerUser: Int
    /// Nil: as often as they like.
    private let identifyInterval: TimeAmount?
    private let state = NIOLockedValueBox(State())

    init(connectionsPerUser: Int, identifyInterval: TimeAmount?) {
        self.connectionsPerUser = connectionsPerUser
        self.identifyInterval = identifyInterval
    }

    /// Counts a connection, which `leave` undoes.
    func enter(_ user: UserID) throws(CloseReason) {
        let isAdmitted = state.withLockedValue { state in
            guard state.connections[user, default: 0] < connectionsPerUser else { return false }
            state.connections[user, default: 0] += 1
            return true
        }
        guard isAdmitted else { throw CloseReason(.rateLimited, "too many connections") }
    }

    func leave(_ user: UserID) {
        state.withLockedValue { state in
            guard let count = state.connections[user] else { return }
            state.connections[user] = count > 1 ? count - 1 : nil
        }
    }

    /// Counts an IDENTIFY. Only logins that exist come this far, so strangers can't fill the memory.
    func identify(_ login: SessionID, now: NIODeadline) throws(CloseReason) {
        guard let identifyInterval else { return }
        let isAdmitted = state.withLockedValue { state in
            if let last = state.identified[login], now - last < identifyInterval { return false }
            if state.identified.count >= state.pruneAt {
                state.identified = state.identified.filter { now - $0.value < identifyInterval }
                state.pruneAt = max(1024, state.identified.count * 2)
            }
            state.identified[login] = now
            return true
        }
        guard isAdmitted else { throw CloseReason(.rateLimited, "one IDENTIFY at a time") }
    }
}
