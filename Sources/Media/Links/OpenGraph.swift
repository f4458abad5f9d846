import Foundation
import Kernel

/// What a web page says of itself: the Open Graph protocol (ogp.me), with the page's title and description to fall back on.
public struct OpenGraph: Sendable, Equatable {
    public let title: String
    public let description: String?
    public let siteName: String?
    /// Absolute.
    public let picture: String?

    /// Nil for a page without a title.
    init?(html: [UInt8], contentType: String, at url: URL) {
        let head = HTMLHead(Self.decode(html, contentType))
        func first(_ names: String...) -> String? {
            names.lazy.compactMap { head.meta[$0] }.map(Self.tidy).first { !$0.isEmpty }
        }
        let plainTitle = head.title.map(Self.tidy).flatMap { $0.isEmpty ? nil : $0 }
        guard let title = first("og:title", "twitter:title") ?? plainTitle else { return nil }
        self.title = title.beginning(.scalars(256))
        let description = first("og:description", "twitter:description", "description")
        self.description = description.map { $0.beginning(.scalars(1000)) }
        self.siteName = first("og:site_name").map { $0.beginning(.scalars(256)) }
        self.picture = first("og:image:secure_url", "og:image", "twitter:image").flatMap {
            URL(string: $0, relativeTo: url)?.absoluteString
        }
    }

    /// One line, without control characters.
    private static func tidy(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace || $0.properties.generalCategory == .control }
            .map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    }

    /// By the header, else by the page itself, else UTF-8.
    private static func decode(_ bytes: [UInt8], _ contentType: String) -> String {
        let start = String(decoding: bytes.prefix(1024).map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self).lowercased()
        let name = charset(in: contentType.lowercased()) ?? charset(in: start) ?? "utf-8"
        if let encoding = encodings[name], let text = String(bytes: bytes, encoding: encoding) { return text }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func charset(in text: String) -> String? {
        guard let range = text.firstRange(of: "charset=") else { return nil }
        let name = text[range.upperBound...].drop { $0 == "\"" || $0 == "'" }
            .prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        return name.isEmpty ? nil : String(name)
    }

    private static let encodings: [String: String.Encoding] = [
        "iso-8859-1": .windowsCP1252, "latin1": .windowsCP1252, "windows-1252": .windowsCP1252,
        "iso-8859-2": .isoLatin2, "windows-1250": .windowsCP1250, "windows-1251": .windowsCP1251,
        "windows-1253": .windowsCP1253, "windows-1254": .windowsCP1254, "shift_jis": .shiftJIS, "euc-jp": .japaneseEUC,
        "iso-2022-jp": .iso2022JP, "utf-16": .utf16,
    ]
}

/// The `title` and the `meta` elements of a page. It reads tags as they come (WHATWG HTML, section 13.2.5, as far as it takes)
/// and builds no tree.
struct HTMLHead {
    private(set) var title: String?
    /// The first content of each `property` or `name`, in lower case.
    private(set) var meta: [String: String] = [:]

    init(_ html: String) {
        var rest = Substring(html)
        while let open = rest.firstIndex(of: "<") {
            rest = rest[open...].dropFirst()
            if rest.hasPrefix("!--") {
                guard let end = rest.firstRange(of: "-->") else { return }
                rest = rest[end.upperBound...]
                continue
            }
            let name = rest.prefix { $0.isLetter || $0.isNumber }.lowercased()
            rest = rest.dropFirst(name.count)
            switch name {
            case "meta": note(Self.attributes(&rest))
            case "title":
                _ = Self.attributes(&rest)
                let text = Self.content(&rest, until: "</title")
                if title == nil { title = HTMLText.decode(text) }
            case "script", "style": _ = Self.content(&rest, until: "</\(name)")
            case "body": return
            default: break
            }
        }
    }

    private mutating func note(_ attributes: [String: String]) {
        guard let key = (attributes["property"] ?? attributes["name"])?.lowercased(),
            let content = attributes["content"],
            meta[key] == nil, meta.count < 200
        else { return }
        meta[key] = content
    }

    private static func content(_ rest: inout Substring, until end: String) -> String {
        var text = ""
        while let open = rest.firstIndex(of: "<") {
            text += rest[..<open]
            rest = rest[open...]
            if rest.prefix(end.count).lowercased() == end { return text }
            text += "<"
            rest = rest.dropFirst()
        }
        rest = rest[rest.endIndex...]
        return text
    }

    /// Reads to the end of the tag.
    private static func attributes(_ rest: inout Substring) -> [String: String] {
        var attributes: [String: String] = [:]
        while let first = rest.first, first != ">" {
            guard !first.isWhitespace, first != "/" else {
                rest = rest.dropFirst()
                continue
            }
            let name = rest.prefix { !$0.isWhitespace && !"=>/".contains($0) }
            rest = rest.dropFirst(max(1, name.count)).drop(while: \.isWhitespace)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop(while: \.isWhitespace)
            let value = value(&rest)
            if attributes[name.lowercased()] == nil { attributes[name.lowercased()] = HTMLText.decode(value) }
        }
        rest = rest.dropFirst()
        return attributes
    }

    private static func value(_ rest: inout Substring) -> String {
        if let quote = rest.first, quote == "\"" || quote == "'" {
            let text = rest.dropFirst().prefix { $0 != quote }
            rest = rest.dropFirst(text.count + 2)
            return String(text)
        }
        let text = rest.prefix { !$0.isWhitespace && $0 != ">" }
        rest = rest.dropFirst(text.count)
        return String(text)
    }
}

/// Character references (WHATWG HTML, section 13.5): all numbers, and the names that are met in titles.
enum HTMLText {
    private static let names: [Substring: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™",
        "hellip": "…", "mdash": "—", "ndash": "–", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«",
        "raquo": "»", "bull": "•", "middot": "·", "euro": "€", "pound": "£", "deg": "°", "times": "×", "auml": "ä",
        "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è",
        "agrave": "à", "ccedil": "ç", "ntilde": "ñ", "aacute": "á", "iacute": "í", "oacute": "ó", "uacute": "ú",
    ]

    static func decode(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = Substring(text)
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            rest = rest[ampersand...].dropFirst()
            let name = rest.prefix(10).prefix { $0.isLetter || $0.isNumber || $0 == "#" }
            guard rest.dropFirst(name.count).first == ";", let character = character(name) else {
                result += "&"
                continue
            }
            result += character
            rest = rest.dropFirst(name.count + 1)
        }
        return result + rest
    }

    private static func character(_ name: Substring) -> String? {
        guard name.first == "#" else { return names[name] }
        let digits = name.dropFirst()
        let number =
            digits.first.map { $0 == "x" || $0 == "X" } == true
            ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map { String($0) }
    }
}
