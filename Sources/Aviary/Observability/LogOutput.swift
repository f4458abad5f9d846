import Foundation
import Glibc
import Metrics
import NIOConcurrencyHelpers

/// Where log lines go. A line that can't be written is lost and counted, and nothing else happens: a full disk or a reader
/// that went away must not keep people from talking.
///
/// A pipe whose reader is slow is waited for, but only once: until it takes something again, lines are dropped at once, so
/// that a reader that stands still does not make the server stand still.
final class LogOutput: Sendable {
    /// The standard error of the process.
    static let standardError = LogOutput(STDERR_FILENO)

    /// How long a reader may take before lines are dropped, in milliseconds.
    private static let patience_ms: CInt = 1000
    /// A pipe that takes anything takes this much without blocking (POSIX calls it PIPE_BUF).
    private static let piece_bytes = 4096

    private struct State {
        /// Lines that were lost, ever.
        var lost = 0
        /// Those of them that the log does not tell of yet.
        var untold = 0
        /// Whether the last line was written in part.
        var isMidLine = false
        /// Whether the reader was waited for in vain.
        var isStuck = false
        var counter: Counter?
    }

    private let descriptor: CInt
    private let state = NIOLockedValueBox(State())

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    /// How many lines were lost since the start of the process.
    var lost: Int { state.withLockedValue { $0.lost } }

    /// Shows the losses among the metrics from now on.
    func count(in counter: Counter) {
        state.withLockedValue { state in
            counter.increment(by: state.lost)
            state.counter = counter
        }
    }

    /// Writes a line, or loses it.
    /// - Parameter notice: makes the line that tells how many were lost before, once lines can be written again.
    func write(_ line: String, telling notice: (Int) -> String) {
        state.withLockedValue { state in
            if state.untold > 0, put(notice(state.untold), &state) { state.untold = 0 }
            guard !put(line, &state) else { return }
            state.lost += 1
            state.untold += 1
            state.counter?.increment()
        }
    }

    private func put(_ line: String, _ state: inout State) -> Bool {
        var rest = Array(((state.isMidLine ? "\n" : "") + line + "\n").utf8)[...]
        while !rest.isEmpty {
            guard waitUntilWritable(&state) else { return false }
            let written = rest.prefix(Self.piece_bytes).withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if written > 0 {
                rest = rest.dropFirst(written)
                state.isMidLine = !rest.isEmpty
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private func waitUntilWritable(_ state: inout State) -> Bool {
        var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Whoever has gone is found out by writing.
        let isReady = poll(&question, 1, state.isStuck ? 0 : Self.patience_ms) > 0
        state.isStuck = !isReady
        return isReady
    }
}
