import Glibc
import Kernel
import NIOConcurrencyHelpers

/// Wakes a thread that waits for a socket.
final class PostgreSQLBell: Sendable {
    private struct Ends {
        let reading: Int32
        let writing: Int32
    }

    /// Nil once it is closed: the numbers are others' by then.
    private let ends: NIOLockedValueBox<Ends?>

    init() throws(DatabaseError) {
        var numbers: [Int32] = [-1, -1]
        guard pipe(&numbers) == 0 else { throw .unavailable("no file descriptor is free") }
        for number in numbers {
            _ = fcntl(number, F_SETFL, O_NONBLOCK)
            _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        }
        ends = NIOLockedValueBox(Ends(reading: numbers[0], writing: numbers[1]))
    }

    deinit { close() }

    /// Nobody may wait for it any more.
    func close() {
        ends.withLockedValue { ends in
            guard let open = ends else { return }
            Glibc.close(open.reading)
            Glibc.close(open.writing)
            ends = nil
        }
    }

    /// When the pipe is full, it rings already.
    func ring() {
        ends.withLockedValue { ends in if let ends { _ = write(ends.writing, [1], 1) } }
    }

    /// Waits for it, or for input on another socket too, and is quiet again.
    func wait(until deadline: ContinuousClock.Instant, orInputOf socket: Int32 = -1) {
        guard let reading = ends.withLockedValue({ $0?.reading }) else { return }
        var requests = [
            pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
            // A negative one is passed over.
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let left_ms = (deadline - ContinuousClock.now).wholeMillisecondsRoundedUp
        poll(&requests, 2, Int32(clamping: max(0, left_ms)))
        var rings = [UInt8](repeating: 0, count: 64)
        while read(reading, &rings, rings.count) == rings.count {}
    }
}
