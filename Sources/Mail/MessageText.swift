import Foundation
import Kernel

/// A message in the form that travels (RFC 5322, with MIME).
struct MessageText {
    enum Failure: Error, Equatable {
        /// A header can't hold a line break: what follows it would be another header.
        case lineBreak(in: String)
    }

    let bytes: [UInt8]

    /// - Parameter id: makes the Message-ID unique.
    /// - Throws: `Failure`.
    init(_ message: MailMessage, from: String, at moment: Timestamp, id: UInt64) throws {
        let fields = [
            ("To", message.to), ("From", from), ("Subject", message.subject),
            ("List-Unsubscribe", message.unsubscribeURL ?? ""),
        ]
        for (name, value) in fields {
            guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw Failure.lineBreak(in: name)
            }
        }
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let headers = [
            "Date: \(Self.date(moment))",
            "From: <\(from)>",
            "To: <\(message.to)>",
            "Subject: \(Self.encodedWord(message.subject))",
            "Message-ID: <\(String(id, radix: 36)).\(moment.milliseconds)@\(domain)>",
            // Keeps out-of-office machines from answering (RFC 3834, section 5).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ]
        let list = message.unsubscribeURL.map {
            ["List-Unsubscribe: <\($0)>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
        }
        let text = Self.part("plain", message.text)
        let content = message.html.map { Self.alternatives([text, Self.part("html", $0)], id) } ?? text
        bytes = Array((headers + (list ?? []) + [content]).joined(separator: "\r\n").utf8)
    }

    private static func part(_ kind: String, _ text: String) -> String {
        "Content-Type: text/\(kind); charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\(body(text))"
    }

    /// The same thing in several forms, the best one last (RFC 2046, section 5.1.4).
    private static func alternatives(_ parts: [String], _ id: UInt64) -> String {
        // No line of base64 begins so.
        let boundary = "=_\(String(id, radix: 36))"
        return "Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n"
            + parts.map { "--\(boundary)\r\n\($0)" }.joined() + "--\(boundary)--\r\n"
    }

    /// In lines of 76 characters (RFC 2045, section 6.8): nothing in a text can look like the end of the message.
    private static func body(_ text: String) -> String {
        let text = text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        return Data(text.utf8)
            .base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
            + "\r\n"
    }

    /// As it is when it is plain ASCII, else in encoded words of at most 75 characters (RFC 2047).
    static func encodedWord(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !text.contains("=?") { return text }
        var words: [String] = []
        var word = String.UnicodeScalarView()
        // Scalars, since what people see as one character can be longer than a word may be.
        for scalar in text.unicodeScalars {
            if String(word).utf8.count + String(scalar).utf8.count > 42 {
                words.append(String(word))
                word.removeAll()
            }
            word.append(scalar)
        }
        words.append(String(word))
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static func date(_ moment: Timestamp) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return formatter.string(from: Date(timeIntervalSince1970: Double(moment.seconds)))
    }
}
