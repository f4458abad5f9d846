import Foundation
import Kernel
import Logging

/// A line of text for people, or a JSON object for machines, on standard error.
struct LineLogHandler: LogHandler {
    enum Format: String, Sendable {
        case text
        case json
    }

    let label: String
    let format: Format
    let clock: any WallClock
    var output = LogOutput.standardError
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let own = event.metadata { all.merge(own) { _, new in new } }
        output.write(line(event.level, "\(event.message)", all)) { lost in
            line(.warning, "log lines could not be written", ["count": .stringConvertible(lost)])
        }
    }

    private func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
        let time = Self.iso8601(clock.now())
        switch format {
        case .text: return Self.text(time, level, message, metadata)
        case .json: return Self.json(time, level, message, metadata)
        }
    }

    private static func text(
        _ time: String, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
    ) -> String {
        let fields = metadata.keys.sorted().map { " \($0)=\(oneLine(metadata[$0]))" }.joined()
        return "\(time) \(level.rawValue) \(message)\(fields)"
    }

    private static func oneLine(_ value: Logger.Metadata.Value?) -> String {
        let text = value.map { "\($0)" } ?? ""
        // A value with a line break could pass for a line of its own.
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" }
        return isPlain ? text : String(decoding: text.jsonBytes, as: UTF8.self)
    }

    private static func json(
        _ time: String, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
    ) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time", time)
        json.member("level", level.rawValue)
        json.member("message", message)
        for key in metadata.keys.sorted() { json.member(key, metadata[key].map { "\($0)" } ?? "") }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func iso8601(_ moment: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
