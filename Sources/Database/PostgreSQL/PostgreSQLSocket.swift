import CPostgreSQL
import Glibc

/// Waiting for the socket of a libpq connection, never for ever.
enum PostgreSQLSocket {
    enum Readiness {
        case ready
        case timedOut
        case closed
    }

    /// What is waited for; any of it is enough.
    struct Events: OptionSet {
        let rawValue: Int16

        static let input = Events(rawValue: Int16(POLLIN))
        static let output = Events(rawValue: Int16(POLLOUT))
    }

    /// - Parameter deadline: nil waits as long as the operating system holds the connection for alive.
    static func wait(
        _ handle: OpaquePointer, for events: Events, until deadline: ContinuousClock.Instant?
    ) -> Readiness {
        let descriptor = PQsocket(handle)
        guard descriptor >= 0 else { return .closed }
        while true {
            var request = pollfd(fd: descriptor, events: events.rawValue, revents: 0)
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
        switch wait(handle, for: .input, until: .now) {
        case .ready, .closed: true
        case .timedOut: false
        }
    }
}

extension Duration {
    /// Never zero while some time is left: polling in a circle would burn the rest.
    var wholeMillisecondsRoundedUp: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
