import Kernel
import NIOConcurrencyHelpers

/// What is still to be told of people, in order, and before it, of whom it is not known. Each thing is in it once, however often
/// it is asked for, so that it is never longer than there are people to tell of and pairs that were parted.
package final class PresenceQueue: Sendable {
    package enum Change: Hashable, Sendable {
        case of(UserID)
        /// Tell it even if it is what was told last: to somebody new.
        case again(UserID)
        case hidden(UserID, from: UserID, wasFriend: Bool)
        /// What they have chosen may have been missed.
        case doubt(Set<UserID>)
        case expiry
    }

    private struct Waiting {
        var order: [Change] = []
        var known: Set<Change> = []
        var doubtful: Set<UserID> = []

        mutating func append(_ change: Change) {
            known.insert(change)
            order.append(change)
        }

        mutating func remove(_ change: Change) {
            guard known.remove(change) != nil else { return }
            order.removeAll { $0 == change }
        }

        mutating func takeAll() -> [Change] {
            defer { self = Waiting() }
            return (doubtful.isEmpty ? [] : [.doubt(doubtful)]) + order
        }
    }

    private let waiting = NIOLockedValueBox(Waiting())
    private let signal = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    package func add(_ change: Change) {
        waiting.withLockedValue { waiting in
            switch change {
            case .of(let user):
                // What is told is what is true when its turn comes.
                guard !waiting.known.contains(.again(user)), !waiting.known.contains(change) else { return }
            case .again(let user):
                // It comes after what was hidden from somebody meanwhile, who may be shown it again.
                waiting.remove(.of(user))
                waiting.remove(change)
            case .doubt(let users): return waiting.doubtful.formUnion(users)
            case .hidden, .expiry:
                guard !waiting.known.contains(change) else { return }
            }
            waiting.append(change)
        }
        signal.continuation.yield()
    }

    /// Everything that waits, whenever there is something, until the task is cancelled.
    var batches: some AsyncSequence<[Change], Never> {
        signal.stream.map { [waiting] _ in
            waiting.withLockedValue { $0.takeAll() }
        }
    }
}
