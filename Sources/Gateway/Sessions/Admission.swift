import Kernel
import NIOConcurrencyHelpers
import NIOCore

/// How many connections a user has, and how often a login identifies and resumes, over all event loops of this process.
final class Admission: Sendable {
    private struct State {
        var connections: [UserID: Int] = [:]
        var identified: Pace
        var resumed: Pace
    }

    /// When each login may do again what takes a pause.
    private struct Pace {
        /// How often at once, after a rest.
        let burst: Int
        /// When all that was done has had its pause.
        private var due: [SessionID: NIODeadline] = [:]
        /// How many logins there may be before those that waited long enough are forgotten.
        private var pruneAt = 1024

        init(burst: Int) {
            self.burst = burst
        }

        /// - Returns: false if it is too early for once more.
        mutating func take(_ login: SessionID, every interval: TimeAmount, now: NIODeadline) -> Bool {
            let start = max(due[login] ?? now, now)
            guard start - now <= interval * (burst - 1) else { return false }
            if due.count >= pruneAt {
                due = due.filter { $0.value > now }
                pruneAt = max(1024, due.count * 2)
            }
            due[login] = start + interval
            return true
        }
    }

    private let connectionsPerUser: Int
    /// Nil: as often as they like.
    private let identifyInterval: TimeAmount?
    private let state: NIOLockedValueBox<State>

    init(connectionsPerUser: Int, identifyInterval: TimeAmount?) {
        self.connectionsPerUser = connectionsPerUser
        self.identifyInterval = identifyInterval
        // All windows of a browser have one login, and come back at the same moment.
        state = NIOLockedValueBox(State(identified: Pace(burst: 1), resumed: Pace(burst: connectionsPerUser)))
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
        let isAdmitted = state.withLockedValue { $0.identified.take(login, every: identifyInterval, now: now) }
        guard isAdmitted else { throw CloseReason(.rateLimited, "one IDENTIFY at a time") }
    }

    /// Counts a RESUME, which may cost as much. Apart from IDENTIFY, which follows one that can't be had.
    func resume(_ login: SessionID, now: NIODeadline) throws(CloseReason) {
        guard let identifyInterval else { return }
        let isAdmitted = state.withLockedValue { $0.resumed.take(login, every: identifyInterval, now: now) }
        guard isAdmitted else { throw CloseReason(.rateLimited, "RESUME too often") }
    }
}
