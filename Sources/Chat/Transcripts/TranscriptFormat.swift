import Community
import Content
import Foundation
import Kernel

/// How a channel's messages are written into a file.
enum TranscriptFormat: String, CaseIterable, Sendable {
    case json
    case csv
    case txt
    case html

    var contentType: String {
        switch self {
        case .json: "application/json; charset=utf-8"
        case .csv: "text/csv; charset=utf-8"
        case .txt: "text/plain; charset=utf-8"
        case .html: "text/html; charset=utf-8"
        }
    }

    func beginning(of channel: Channel) -> String {
        switch self {
        case .json: "["
        // By the mark at its beginning a spreadsheet knows that the text is UTF-8.
        case .csv: "\u{FEFF}id,created_at,author_id,author,content,edited_at,reply_to_id\r\n"
        case .txt: ""
        case .html:
            "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>\(channel.name.escapedForHTML)</title></head><body>\n"
                + "<h1>\(channel.name.escapedForHTML)</h1>\n"
        }
    }

    /// - Parameter isFirst: whether nothing stands before it.
    func line(_ message: Message, isFirst: Bool) -> String {
        let author = message.authorDisplayName ?? message.authorUsername
        let content = message.spelledOut.joined(separator: "\n")
        switch self {
        case .json: return (isFirst ? "\n" : ",\n") + String(decoding: message.jsonBytes, as: UTF8.self)
        case .csv:
            let fields = [
                message.id.description, Self.moment(message.createdAt), message.author.description, author, content,
                message.editedAt.map(Self.moment) ?? "", message.replyTo?.description ?? "",
            ]
            return fields.map(Self.csv).joined(separator: ",") + "\r\n"
        case .txt: return "[\(Self.moment(message.createdAt))] \(author): \(content)\n"
        case .html:
            return "<p><time>\(Self.moment(message.createdAt))</time> <b>\(author.escapedForHTML)</b><br>"
                + content.escapedForHTML.escaping(["\n": "<br>"]) + "</p>\n"
        }
    }

    var end: String {
        switch self {
        case .json: "\n]\n"
        case .csv, .txt: ""
        case .html: "</body></html>\n"
        }
    }

    private static func moment(_ moment: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000).formatted(.iso8601)
    }

    /// RFC 4180. A field that a spreadsheet would take for a formula gets an apostrophe, which makes it a text.
    private static func csv(_ field: String) -> String {
        let isFormula = field.unicodeScalars.first.map(beginningsOfFormulas.contains) ?? false
        let text = isFormula ? "'" + field : field
        return text.holds(anyOf: signsOfCSV) ? "\"" + text.escaping(["\"": "\"\""]) + "\"" : text
    }

    private static let beginningsOfFormulas: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r"]
    /// What ends a field, a line or a quotation, for one program or another.
    private static let signsOfCSV: Set<Unicode.Scalar> = [
        ",", ";", "\t", "\"", "\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}",
    ]
}
