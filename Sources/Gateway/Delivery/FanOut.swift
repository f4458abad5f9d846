import Events
import NIOCore

/// Works out who gets which of a round's events. Pure: `Shard` does the writing.
///
/// Sessions that get the same events share one list of them, so that a round makes as few buffers as there are
/// different lists. The lists are a tree: a list is its last event and the list before that.
struct FanOut {
    /// A session, as far as delivery goes through all of them: few bytes, next to each other.
    struct Lane {
        /// Everything up to here the session has, or is not to get.
        var minimum: Int64 = 0
        /// The last event that was considered for it, so that it gets an event of several audiences once.
        var stamp: UInt64 = 0
        var intents: UInt32 = 0
        /// Its list in this round; 0 is empty.
        var list: Int32 = 0
        /// Where to write without asking anybody; -1 when only the session itself can.
        var socket: Int32 = -1
        /// Whether it takes only a part of its user's events, and which stands among the `readers`.
        var isSharded = false
    }

    private struct List {
        var parent: Int32
        var frame: Int32
        var count: Int32
        var bytes: Int
        /// The list that has one event more, and which event that is.
        var longerBy: UInt64 = 0
        var longer: Int32 = 0
        var buffer: ByteBuffer?
    }

    /// A round ends here, so that one client's write stays within what a socket takes at once.
    private static let roundBytes = 64 * 1024
    private static let roundEvents = 128
    /// What different lists may hold of their own; more are made again for each session.
    private static let sharedBytes = 8 << 20

    var lanes: [Lane] = []
    var readers: [Int32: ShardedReader] = [:]
    var subscriptions = SubscriptionTable()
    /// The sessions that get something in this round.
    private(set) var touched: [Int32] = []
    private var frames: [EventFrame] = []
    private var lists: [List] = [List(parent: 0, frame: -1, count: 0, bytes: 0)]
    private var frameBytes = 0
    private var heldBytes = 0
    private var stamp: UInt64 = 0

    var isFull: Bool { frameBytes >= Self.roundBytes || frames.count >= Self.roundEvents }

    // MARK: Collecting

    /// Puts an event on the lists of those who are to get it.
    mutating func add(_ frame: EventFrame, _ event: PublishedEvent) {
        stamp += 1
        let number = Int32(frames.count)
        frames.append(frame)
        frameBytes += frame.bytes.readableBytes
        var late: [Int32] = []
        // There are few who ask, and it takes as long as many deliveries to find out.
        var home: EventHome?
        for audience in event.except {
            for member in subscriptions.members(of: audience) { lanes[Int(member.session)].stamp = stamp }
        }
        for audience in event.audiences {
            for member in subscriptions.members(of: audience) {
                let session = Int(member.session)
                guard lanes[session].stamp != stamp else { continue }
                if lanes[session].isSharded, let reader = readers[member.session] {
                    let known = home ?? EventHome(frame)
                    home = known
                    guard reader.takes(known, as: audience, event.intent) else { continue }
                }
                lanes[session].stamp = stamp
                guard event.intent & ~lanes[session].intents == 0 else { continue }
                guard event.gate > lanes[session].minimum else {
                    if !event.isLogged { late.append(member.session) }
                    continue
                }
                append(number, to: session)
            }
        }
        for session in late { addLate(frame, to: Int(session)) }
    }

    @inline(__always)
    private mutating func append(_ frame: Int32, to session: Int) {
        let list = lanes[session].list
        if list == 0 { touched.append(Int32(session)) }
        if lists[Int(list)].longerBy != stamp { extend(list, by: frame) }
        lanes[session].list = lists[Int(list)].longer
    }

    private mutating func extend(_ list: Int32, by frame: Int32) {
        let parent = lists[Int(list)]
        lists.append(
            List(
                parent: list, frame: frame, count: parent.count + 1,
                bytes: parent.bytes + frames[Int(frame)].bytes.readableBytes))
        lists[Int(list)].longerBy = stamp
        lists[Int(list)].longer = Int32(lists.count - 1)
    }

    /// An unlogged event that is older than the session's snapshot, which does not contain it: it gets the snapshot's `s`.
    private mutating func addLate(_ frame: EventFrame, to session: Int) {
        stamp += 1
        lanes[session].stamp = stamp
        frames.append(frame.moved(to: lanes[session].minimum))
        append(Int32(frames.count - 1), to: session)
    }

    // MARK: Handing out

    /// The number of events in a list.
    func count(of list: Int32) -> Int { Int(lists[Int(list)].count) }

    /// The events of a list one after the other, shared by all sessions that have it.
    mutating func buffer(of list: Int32) -> ByteBuffer {
        let entry = lists[Int(list)]
        if entry.count == 1 { return frames[Int(entry.frame)].bytes }
        if let buffer = entry.buffer { return buffer }
        var buffer = ByteBufferAllocator().buffer(capacity: entry.bytes)
        for frame in frames(of: list) { buffer.writeImmutableBuffer(frame.bytes) }
        if heldBytes + entry.bytes <= Self.sharedBytes {
            heldBytes += entry.bytes
            lists[Int(list)].buffer = buffer
        }
        return buffer
    }

    func frames(of list: Int32) -> [EventFrame] {
        var numbers: [Int32] = []
        var list = list
        while list != 0 {
            numbers.append(lists[Int(list)].frame)
            list = lists[Int(list)].parent
        }
        return numbers.reversed().map { frames[Int($0)] }
    }

    /// Takes a session's list from it.
    mutating func takeList(of session: Int32) -> Int32 {
        let list = lanes[Int(session)].list
        lanes[Int(session)].list = 0
        return list
    }

    mutating func endRound() {
        touched.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
        lists.removeSubrange(1...)
        lists[0].longerBy = 0
        frameBytes = 0
        heldBytes = 0
    }
}
