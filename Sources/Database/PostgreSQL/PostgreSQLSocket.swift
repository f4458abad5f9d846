import CPostgreSQL

import Glibc

/// Waiting for the socket of a libpq connection, never for ever.
enum PostgreSQLSocket {
    enum Readiness {
        case ready
        case timedOut
        case closed
    }

    /// - Parameter deadline: nil waits as long as the operating system holds the connection for alive.
    static func wait(
        _ handle: OpaquePointer, toRead: Bool, toWrite: Bool, until deadline: ContinuousClock.Instant?
    ) -> Readiness {
        let descriptor = PQsocket(handle)
        guard descriptor >= 0 else { return .closed }
        let events = Int16((toRead ? POLLIN : 0) | (toWrite ? POLLOUT : 0))
        while true {
            var request = pollfd(fd: descriptor, events: events, revents: 0)
            let timeout_ms = deadline.map { deadline in
                Int32(clamping: (deadline - ContinuousClock.now).wholeMillisecondsRoundedUp)
            }
            let count = poll(&request, 1, timeout_ms.map { max(0, $0) } ?? -1)
            if count > 0 { return .ready }
            if count == 0 { return .timedOut }
            if errno != EINTR { return .closed }
        }
    }

    static func canRead(_ handle: OpaquePointer) -> Bool {
        switch wait(handle, toRead: true, toWrite: false, until: .now) {
        case .ready, .closed: true
        case .timedOut: false
        }
    }
}

extension Duration {
    /// Never zero while some time is left: polling in a circle would burn the rest.
    fileprivate var wholeMillisecondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
