import Logging
import NIOConcurrencyHelpers

/// A log that can be read.
public struct ReadableLog: LogHandler {
    private let lines = NIOLockedValueBox<[String]>([])
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.trace

    public init() {}

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        lines.withLockedValue { $0.append("\(event.message) \(all) \(event.error.map { "\($0)" } ?? "")") }
    }

    public var logger: Logger { Logger(label: "test") { _ in self } }
    /// All of it, a line for each message, its metadata behind it.
    public var text: String { lines.withLockedValue { $0.joined(separator: "\n") } }
}
