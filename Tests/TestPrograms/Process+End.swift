import Foundation

extension Process {
    /// Ends it at once. What is started from a thread of the runtime's begins with most signals blocked, SIGTERM among them, and
    /// few programs change that.
    public func end() {
        if isRunning { kill(processIdentifier, SIGKILL) }
    }

    /// Waits until it has ended, without holding up a thread as `waitUntilExit` does.
    public func ended() async throws { try await eventually { !isRunning } }
}
