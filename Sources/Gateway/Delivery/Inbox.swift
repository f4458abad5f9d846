import NIOConcurrencyHelpers
import NIOCore

/// Events on their way from the writers to a shard.
final class Inbox: Sendable {
    /// What may wait for an event loop that can't keep up; beyond it everything is dropped, and its sessions resume.
    private static let maximum_bytes = 64 << 20

    struct Batch {
        var events: [PublishedEvent] = []
        /// Events up to here were dropped before these.
        var lostThrough: Int64?
        /// There is more, and `take` must be called again.
        var hasMore = false
    }

    private struct State {
        var events = CircularBuffer<PublishedEvent>()
        var bytes = 0
        var lostThrough: Int64?
        var isScheduled = false
    }

    private let state = NIOLockedValueBox(State())

    /// - Returns: whether the shard must be told to `take`.
    func add(_ events: [PublishedEvent]) -> Bool {
        state.withLockedValue { state in
            for event in events {
                state.events.append(event)
                state.bytes += event.bytes
            }
            if state.bytes > Self.maximum_bytes, let last = events.last {
                state.events.removeAll(keepingCapacity: false)
                state.bytes = 0
                state.lostThrough = last.position
            }
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
    }

    func take(atMost count: Int) -> Batch {
        state.withLockedValue { state in
            var batch = Batch(lostThrough: state.lostThrough)
            state.lostThrough = nil
            let taken = min(count, state.events.count)
            batch.events = Array(state.events.prefix(taken))
            state.events.removeFirst(taken)
            for event in batch.events { state.bytes -= event.bytes }
            batch.hasMore = !state.events.isEmpty
            // A burst must not leave its room behind.
            if state.events.isEmpty, taken > 1024 { state.events = CircularBuffer() }
            state.isScheduled = batch.hasMore
            return batch
        }
    }
}
