import Glibc
import NIOCore

/// Writing to a socket past NIO, which costs several times as much as the system call.
///
/// Only for sockets that NIO holds no bytes for; otherwise these would arrive in the wrong order.
enum DirectWrite {
    enum Result: Equatable {
        case complete
        case partial(Int)
        /// Nothing could be written now.
        case blocked
        /// The connection is gone.
        case failed
    }

    private static let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)

    @inline(__always)
    static func write(_ buffer: ByteBuffer, to socket: Int32) -> Result {
        buffer.withUnsafeReadableBytes { bytes in
            let count = send(socket, bytes.baseAddress, bytes.count, flags)
            if count == bytes.count { return .complete }
            if count >= 0 { return .partial(count) }
            switch errno {
            case EAGAIN, EINTR, ENOBUFS: return .blocked
            default: return .failed
            }
        }
    }
}
