import Foundation
import Glibc
import NIOConcurrencyHelpers
import Receiver

/// Connections to the gateway that take whatever comes, on a thread of their own.
final class SessionBatch: Sendable {
    private struct State {
        var isOver = false
        var lost = 0
    }

    /// Whoever waits for more looks so often whether it is over, in milliseconds.
    private static let look_ms: Int32 = 200
    private static let beat = Duration.seconds(30)

    private let state = NIOLockedValueBox(State())

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
        Thread.detachNewThread { [state, descriptors] in Self.drain(descriptors, state) }
    }

    /// How many the server has closed.
    var lost: Int { state.withLockedValue { $0.lost } }

    /// They end a moment later.
    func close() { state.withLockedValue { $0.isOver = true } }

    private static func drain(_ descriptors: [Int32], _ state: NIOLockedValueBox<State>) {
        defer { for descriptor in descriptors { Glibc.close(descriptor) } }
        guard let receiver = receiver_create(descriptors, Int32(clamping: descriptors.count)) else {
            return state.withLockedValue { $0.lost = descriptors.count }
        }
        defer { receiver_free(receiver) }
        var (first, last, next) = (0.0, 0.0, ContinuousClock.now + beat)
        while !state.withLockedValue({ $0.isOver }) {
            _ = receiver_wait(receiver, .max, look_ms, &first, &last)
            let lost = Int(receiver_closed(receiver))
            state.withLockedValue { $0.lost = lost }
            guard .now > next else { continue }
            receiver_beat(receiver)
            next += beat
        }
    }
}
