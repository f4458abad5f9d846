import NIOCore

/// What a password is hashed for.
package enum HashingPurpose {
    case login
    /// Registrations, new passwords, confirmations by somebody who is logged in.
    case other
}

/// Who waits for a hash of a password. Whoever wants to log in goes first, and the others can fill only half of the queue: a
/// few accounts that keep confirming their passwords must not keep everybody else out.
struct HashingQueue<Waiter: Sendable>: Sendable {
    enum Admission {
        case goesAtOnce
        case waits
        case isTurnedAway
    }

    static var capacity: Int { 256 }

    private let concurrency: Int
    private var running = 0
    private var logins = CircularBuffer<Waiter>()
    private var others = CircularBuffer<Waiter>()

    init(concurrency: Int) { self.concurrency = concurrency }

    mutating func enter(_ waiter: Waiter, for purpose: HashingPurpose) -> Admission {
        if running < concurrency {
            running += 1
            return .goesAtOnce
        }
        guard logins.count + others.count < Self.capacity else { return .isTurnedAway }
        switch purpose {
        case .login: logins.append(waiter)
        case .other:
            guard others.count < Self.capacity / 2 else { return .isTurnedAway }
            others.append(waiter)
        }
        return .waits
    }

    /// Somebody is done.
    /// - Returns: whose turn it is now.
    mutating func leave() -> Waiter? {
        if let next = logins.popFirst() ?? others.popFirst() { return next }
        running -= 1
        return nil
    }
}
