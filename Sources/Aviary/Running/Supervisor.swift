import Foundation
import Glibc
import Logging

/// Watches the server, which runs in a process of its own, and starts it again when it dies: of a trap in the program, of
/// want of memory, or of a signal that nobody sends to end it.
///
/// It does nothing else. Signals pass through to the server, the server's exit code is its own, and the server dies with
/// it. Clients do not notice much: what was acknowledged is stored, and sessions resume.
public struct Supervisor {
    /// What is passed on. Whoever sends one of these knows what the server does then, so dying of it is no accident.
    private static let passedOn = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]

    /// The handler SIG_IGN as a number, since functions can't be compared.
    private static let ignored = 1

    private enum Stage {
        case running(pid_t, since: ContinuousClock.Instant)
        case pausing(until: ContinuousClock.Instant)
    }

    /// How the server's process has ended.
    private enum End {
        case exit(CInt)
        case signal(CInt)

        init(status: CInt) { self = status & 0x7F == 0 ? .exit((status >> 8) & 0xFF) : .signal(status & 0x7F) }
    }

    private let logger: Logger
    private let program: String
    private let arguments: [String]
    private var pause = RestartPause()
    private var deaths = 0
    private var isStopping = false
    /// What the handlers of signals write to and the loop reads from.
    private let signals: (read: CInt, write: CInt)
    /// What the server's process notices our end by.
    private let life: (read: CInt, write: CInt)

    /// Nil where the server is to run in this very process: when restarts are switched off, and where there is a supervisor,
    /// in a container (as its first process) and under systemd.
    /// - Throws: `SettingsError` when the system refuses a pipe.
    public init?(_ settings: LoadedSettings) throws {
        guard settings.flag(.restarts), getpid() != 1, ProcessInfo.processInfo.environment["INVOCATION_ID"] == nil
        else { return nil }
        logger = Observability.logger(settings)
        program = Self.ownProgram
        arguments = CommandLine.arguments
        signals = try Self.pipe()
        // A handler that waits for room would keep the loop from making it.
        _ = fcntl(signals.write, F_SETFL, O_NONBLOCK)
        life = try Self.pipe()
    }

    /// The program that runs; one that was replaced meanwhile goes on as it was.
    public static var ownProgram: String {
        let link = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return access(link, X_OK) == 0 ? link : "/proc/self/exe"
    }

    private static func pipe() throws -> (read: CInt, write: CInt) {
        var ends: [CInt] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SettingsError("the server can't be watched: no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Runs the server until it ends by itself or is told to.
    /// - Returns: the exit code for this process.
    public mutating func run() -> CInt {
        signalPipe = signals.write
        for number in Self.passedOn + [SIGCHLD] { Self.handle(number) }
        guard var stage = start() else { return EXIT_FAILURE }
        while true {
            if let (number, isFromTerminal) = nextSignal(until: stage) {
                switch (stage, number) {
                case (.running(let server, let since), SIGCHLD):
                    guard let end = Self.reap(server) else { continue }
                    switch afterEnd(end, life: .now - since) {
                    case .goOn(let next): stage = next
                    case .stop(let code): return code
                    }
                case (.running(let server, _), _):
                    isStopping = isStopping || [SIGTERM, SIGINT, SIGQUIT].contains(number)
                    // A terminal has told the server itself.
                    if !isFromTerminal { kill(server, number) }
                case (.pausing, SIGCHLD): continue
                case (.pausing, _): return Self.die(of: number)
                }
            } else {
                guard let next = start() else { return EXIT_FAILURE }
                stage = next
            }
        }
    }

    private enum Verdict {
        case goOn(Stage)
        case stop(CInt)
    }

    private mutating func afterEnd(_ end: End, life: Duration) -> Verdict {
        switch end {
        case .exit(let code): return .stop(code)
        case .signal(let number) where Self.passedOn.contains(number): return .stop(Self.die(of: number))
        case .signal(let number) where isStopping: return .stop(128 + number)
        case .signal(let number):
            deaths += 1
            let pause = pause.afterDeath(life: life)
            logger.critical(
                "the server died and is started again",
                metadata: [
                    "signal": .string(String(cString: strsignal(number))), "deaths": .stringConvertible(deaths),
                    "pause_seconds": .stringConvertible(pause.components.seconds),
                ])
            return .goOn(.pausing(until: .now + pause))
        }
    }

    // MARK: The server's process

    private func start() -> Stage? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The copy is not closed on exec, as the original is.
        let inherited = dup(life.read)
        guard inherited >= 0 else { return nil }
        defer { close(inherited) }
        var environment = ProcessInfo.processInfo.environment
        // Working out where it died takes Swift many seconds, in which nobody is served; who wants to know says so.
        environment["SWIFT_BACKTRACE"] = environment["SWIFT_BACKTRACE"] ?? "enable=no"
        environment[Watch.variable] = Watch.text(descriptor: inherited, deaths: deaths)
        let texts = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in texts + variables { free(text) } }
        var server = pid_t()
        let failure = posix_spawn(&server, program, &actions, nil, texts, variables)
        guard failure == 0 else {
            logger.critical("the server can't be started", metadata: ["error": "\(String(cString: strerror(failure)))"])
            return nil
        }
        return .running(server, since: .now)
    }

    private static func reap(_ server: pid_t) -> End? {
        var status: CInt = 0
        return waitpid(server, &status, WNOHANG) == server ? End(status: status) : nil
    }

    /// Ends this process as the server's has ended, so that a shell sees no difference.
    private static func die(of number: CInt) -> CInt {
        signal(number, SIG_DFL)
        // Sent to the process, it would go to another thread, and this one be out of the door first: threads of a pool block
        // signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
        return 128 + number
    }

    // MARK: Signals

    private static func handle(_ number: CInt) {
        var action = sigaction()
        sigaction(number, nil, &action)
        // Under nohup, say, the server is not to hear of it, and a handler would not be handed on to it. What stops it in
        // order it always takes.
        let isIgnored = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == ignored
        if isIgnored, ![SIGTERM, SIGINT, SIGCHLD].contains(number) { return }
        action = sigaction()
        action.__sigaction_handler.sa_sigaction = { number, information, _ in
            // What may be done here is little: not to allocate, not to lock.
            let saved = errno
            var message: (UInt8, UInt8) = (UInt8(truncatingIfNeeded: number), 0)
            if (information?.pointee.si_code ?? 0) == CInt(SI_KERNEL) { message.1 = 1 }
            _ = write(signalPipe, &message, 2)
            errno = saved
        }
        action.sa_flags = SA_SIGINFO | CInt(SA_RESTART)
        sigaction(number, &action, nil)
    }

    /// - Returns: nil when the pause is over.
    private func nextSignal(until stage: Stage) -> (CInt, isFromTerminal: Bool)? {
        while true {
            var timeout_ms: CInt = -1
            if case .pausing(let end) = stage {
                let left = end - .now
                guard left > .zero else { return nil }
                timeout_ms =
                    CInt(left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000) + 1
            }
            var question = pollfd(fd: signals.read, events: Int16(POLLIN), revents: 0)
            guard poll(&question, 1, timeout_ms) > 0 else { continue }
            var message: (UInt8, UInt8) = (0, 0)
            if read(signals.read, &message, 2) == 2 { return (CInt(message.0), message.1 == 1) }
        }
    }
}

/// For the handlers of signals, which can reach nothing else. Set before they are.
nonisolated(unsafe) private var signalPipe: CInt = -1
