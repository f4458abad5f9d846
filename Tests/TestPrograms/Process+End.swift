import Foundation

extension Process {
    /// Ends it at once. What is started from a thread of the runtime's begins with most signals blocked, SIGTERM among them, and
    /// few programs change that.
    public func end() {
        if isRunning { kill(processIdentifier, SIGKILL) }
    }

    /// Waits until it has ended, without holding up a thread as `waitUntilExit` does.
    /// - Throws: `StillRunning` when it has not after a minute.
    public func ended() async throws {
        for _ in 0..<6000 {
            if !isRunning { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw StillRunning()
    }
}

public struct StillRunning: Error {
    public init() {}
}
