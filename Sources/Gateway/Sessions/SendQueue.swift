import NIOCore

/// What waits to be sent to one client. Pure: it says what to write and when it has become too much.
///
/// Only a part is handed to NIO at a time. What is not could still be dropped, to let a client that was too slow
/// find a close frame behind the last whole frame.
struct SendQueue {
    /// How much NIO is given at once; at least one buffer, however long.
    static let portion_bytes = 64 * 1024

    private var waiting: [ByteBuffer] = []
    private(set) var waiting_bytes = 0
    private(set) var inFlight_bytes = 0
    /// What a frame that the client asked for, such as READY, adds to the limit until everything is sent.
    private var allowance_bytes = 0

    var isEmpty: Bool { inFlight_bytes == 0 && waiting.isEmpty }
    var count_bytes: Int { waiting_bytes + inFlight_bytes }

    mutating func append(_ buffer: ByteBuffer) {
        waiting.append(buffer)
        waiting_bytes += buffer.readableBytes
    }

    func isLonger(than limit_bytes: Int) -> Bool { count_bytes > limit_bytes + allowance_bytes }

    mutating func allow(_ count_bytes: Int) { allowance_bytes += count_bytes }

    /// Forgets what was not handed out.
    mutating func dropWaiting() {
        waiting = []
        waiting_bytes = 0
    }

    /// What to write next; nothing while the last portion is under way.
    mutating func nextPortion() -> ArraySlice<ByteBuffer> {
        guard inFlight_bytes == 0, !waiting.isEmpty else { return [] }
        var count = 0
        while count < waiting.count, count == 0 || inFlight_bytes < Self.portion_bytes {
            inFlight_bytes += waiting[count].readableBytes
            count += 1
        }
        let portion = waiting[..<count]
        waiting = Array(waiting[count...])
        waiting_bytes -= inFlight_bytes
        return portion
    }

    /// The portion is written.
    mutating func portionWritten() {
        inFlight_bytes = 0
        settle()
    }

    /// With nothing left to send, what was allowed is used up.
    mutating func settle() {
        if isEmpty { allowance_bytes = 0 }
    }
}
