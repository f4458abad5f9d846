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
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let own = event.metadata { all.merge(own) { _, new in new } }
        let time = Self.iso8601(clock.now())
        let line =
            switch format {
            case .text: Self.text(time, event, all)
            case .json: Self.json(time, event, all)
            }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    private static func text(_ time: String, _ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        let fields = metadata.keys.sorted().map { " \($0)=\(oneLine(metadata[$0]))" }.joined()
        return "\(time) \(event.level.rawValue) \(event.message)\(fields)"
    }

    private static func oneLine(_ value: Logger.Metadata.Value?) -> String {
        let text = value.map { "\($0)" } ?? ""
        // A value with a line break could pass for a line of its own.
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" }
        return isPlain ? text : String(decoding: text.jsonBytes, as: UTF8.self)
    }

    private static func json(_ time: String, _ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time", time)
        json.member("level", event.level.rawValue)
        json.member("message", event.message.description)
        for key in metadata.keys.sorted() { json.member(key, metadata[key].map { "\($0)" } ?? "") }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func iso8601(_ moment: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
