import NIOCore

/// The newest events, for sessions that were being prepared while they came.
struct EventRing {
    static let maximumCount = 8192
    static let maximum_bytes = 8 << 20

    private var events = CircularBuffer<PublishedEvent>()
    private var bytes = 0
    /// Everything up to here is not in the ring.
    private var droppedThrough: Int64
    private var firstSequence: UInt64 = 0
    /// The number that the next event gets: a clock that counts events, also those that have no position of their own.
    private(set) var nextSequence: UInt64 = 0

    init(after position: Int64) { self.droppedThrough = position }

    var count: Int { events.count }

    mutating func append(_ event: PublishedEvent) {
        events.append(event)
        nextSequence += 1
        bytes += event.bytes
        while events.count > Self.maximumCount || bytes > Self.maximum_bytes { dropFirst() }
    }

    private mutating func dropFirst() {
        let event = events.removeFirst()
        firstSequence += 1
        bytes -= event.bytes
        if event.isLogged { droppedThrough = event.position }
    }

    /// Events up to `position` were lost.
    mutating func reset(after position: Int64) {
        events.removeAll(keepingCapacity: false)
        bytes = 0
        droppedThrough = max(droppedThrough, position)
        nextSequence += 1
        firstSequence = nextSequence
    }

    /// Positions count from another one on.
    mutating func restart(after position: Int64) {
        droppedThrough = position
        reset(after: position)
    }

    /// Whether all events after `position` are here, or still to come.
    func reaches(_ position: Int64) -> Bool { position >= droppedThrough }

    /// Whether all events since `sequence` was the next number are here.
    func reaches(sequence: UInt64) -> Bool { sequence >= firstSequence }

    /// What somebody who knows everything up to `position` has missed. Unlogged events only count from `sequence` on:
    /// nobody wants to hear of old typing.
    func events(after position: Int64, unloggedFrom sequence: UInt64) -> [PublishedEvent] {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].gate > position { high = middle } else { low = middle + 1 }
        }
        return (low..<events.count).compactMap { index in
            let event = self[index]
            return event.isLogged || firstSequence + UInt64(index) >= sequence ? event : nil
        }
    }

    /// What has come since `sequence` was the next number.
    func events(from sequence: UInt64) -> [PublishedEvent] {
        let start = sequence > firstSequence ? Int(min(sequence - firstSequence, UInt64(events.count))) : 0
        return (start..<events.count).map { self[$0] }
    }

    private subscript(index: Int) -> PublishedEvent { events[events.index(events.startIndex, offsetBy: index)] }
}
