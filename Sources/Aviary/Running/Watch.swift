import Foundation
import Glibc

/// The server's process knows by this that another one watches it and starts it again.
public struct Watch: Sendable {
    /// Told to the server's process by its environment: the descriptor of a pipe that the watcher holds open, and how often
    /// the server has died.
    static let variable = "WATCHED_BY_AVIARY"

    /// How often the server has died since the watcher was started.
    public let deaths: Int

    static func text(descriptor: CInt, deaths: Int) -> String { "\(descriptor) \(deaths)" }

    /// The environment of a server whose standard input is a pipe, and which dies with whoever holds that.
    public static let byStandardInput = [variable: text(descriptor: STDIN_FILENO, deaths: 0)]

    /// Nil in a process that nobody watches. To be called once, before anything is started: from then on this process dies
    /// with its watcher.
    public static func begin() -> Watch? {
        guard let text = ProcessInfo.processInfo.environment[variable] else { return nil }
        // The tools that the server starts are watched by nobody.
        unsetenv(variable)
        let numbers = text.split(separator: " ").compactMap { CInt($0) }
        guard numbers.count == 2, fcntl(numbers[0], F_SETFD, FD_CLOEXEC) == 0 else { return nil }
        dieWhenClosed(numbers[0])
        return Watch(deaths: Int(numbers[1]))
    }

    private static func dieWhenClosed(_ descriptor: CInt) {
        let thread = Thread {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) != 0 {}
            kill(getpid(), SIGKILL)
        }
        thread.name = "watch"
        thread.start()
    }
}
