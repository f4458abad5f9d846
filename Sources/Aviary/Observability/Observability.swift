import Kernel
import Logging
import Metrics

/// How the running program can be watched: its log and its figures.
public struct Observability: Sendable {
    public let logger: Logger
    public let prometheus = Prometheus()

    /// Sets both up for the whole process; to be made once.
    /// - Parameter deaths: how often the server has died and was started again.
    public init(_ settings: LoadedSettings, deaths: Int = 0, clock: any WallClock = SystemClock()) {
        let make = Self.handlers(settings, clock)
        logger = Logger(label: "aviary", factory: make)
        LoggingSystem.bootstrap(make)
        MetricsSystem.bootstrap(prometheus)
        Counter(label: "restarts_total").increment(by: deaths)
        LogOutput.standardError.count(in: Counter(label: "log_lines_lost_total"))
    }

    /// A log as the server's, for what runs beside it.
    static func logger(_ settings: LoadedSettings) -> Logger {
        Logger(label: "aviary", factory: handlers(settings, SystemClock()))
    }

    private static func handlers(
        _ settings: LoadedSettings, _ clock: any WallClock
    ) -> @Sendable (String) -> LineLogHandler {
        let level = Logger.Level(rawValue: settings.text(.logLevel)) ?? .info
        let format = LineLogHandler.Format(rawValue: settings.text(.logFormat)) ?? .text
        return { label in LineLogHandler(label: label, format: format, clock: clock, logLevel: level) }
    }
}

extension LoadedSettings {
    /// The address that the server listens on.
    public var host: String { text(.host) }

    /// The folder for everything that the server keeps.
    public var dataFolder: String { text(.data) }
}
