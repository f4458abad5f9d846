import Foundation
import Glibc
import NIOConcurrencyHelpers
import Receiver

/// Connections to the gateway that take whatever comes, on a thread of their own.
// The receiver is used by that thread alone, which frees it.
final class SessionBatch: Sendable {
    /// Whoever waits for more looks so often whether it is over, in milliseconds.
    private static let look_ms: Int32 = 200

    private let isOver = NIOLockedValueBox(false)

    /// - Throws: `Crowd.Failure.sessionRefused`.
    init(_ tokens: [String], port: Int) throws {
        var descriptors: [Int32] = []
        for token in tokens {
            let descriptor = receiver_open_session(Int32(clamping: port), token)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                for descriptor in descriptors { Glibc.close(descriptor) }
                throw Crowd.Failure.sessionRefused(step: Int(-descriptor), reason)
            }
            descriptors.append(descriptor)
        }
        Thread.detachNewThread { [isOver, descriptors] in Self.drain(descriptors) { isOver.withLockedValue { $0 } } }
    }

    /// They end a moment later.
    func close() { isOver.withLockedValue { $0 = true } }

    private static func drain(_ descriptors: [Int32], until isOver: () -> Bool) {
        defer { for descriptor in descriptors { Glibc.close(descriptor) } }
        guard let receiver = receiver_create(descriptors, Int32(clamping: descriptors.count)) else { return }
        defer { receiver_free(receiver) }
        var (first, last) = (0.0, 0.0)
        while !isOver() { _ = receiver_wait(receiver, .max, look_ms, &first, &last) }
    }
}
