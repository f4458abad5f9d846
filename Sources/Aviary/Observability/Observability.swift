import Kernel
import Logging
import Metrics

/// How the running program can be watched: its log and its figures.
public struct Observability: Sendable {
    public let logger: Logger
    public let prometheus = Prometheus()

    /// Sets both up for the whole process; to be made once.
    public init(_ settings: LoadedSettings, clock: any WallClock = SystemClock()) {
        let level = Logger.Level(rawValue: settings.text(.logLevel)) ?? .info
        let format = LineLogHandler.Format(rawValue: settings.text(.logFormat)) ?? .text
        let make = { @Sendable (label: String) in
            LineLogHandler(label: label, format: format, clock: clock, logLevel: level)
        }
        logger = Logger(label: "aviary", factory: make)
        LoggingSystem.bootstrap(make)
        MetricsSystem.bootstrap(prometheus)
    }
}

extension LoadedSettings {
    /// The address that the server listens on.
    public var host: String { text(.host) }

    /// The folder for everything that the server keeps.
    public var dataFolder: String { text(.data) }
}
