import Foundation

extension Process {
    /// Ends it at once. What is started from a thread of the runtime's begins with most signals blocked, SIGTERM among them, and
    /// few programs change that.
    public func end() {
        if isRunning { kill(processIdentifier, SIGKILL) }
    }
}
