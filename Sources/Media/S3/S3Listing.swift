import Foundation
import FoundationXML
import NIOCore

/// A page of `ListObjectsV2`.
struct S3Listing {
    struct Object {
        let key: String
        let size_bytes: Int
        /// Unix seconds.
        let modifiedAt: Int64
    }

    var objects: [Object] = []
    /// How to ask for the next page.
    var next: String?

    static func parse(_ xml: ByteBuffer) -> S3Listing {
        var listing = S3Listing()
        var object: [String: String] = [:]
        for element in elements(xml) {
            switch element.name {
            case "Key", "Size", "LastModified": object[element.name] = element.text
            case "Contents":
                let moment = object["LastModified"].flatMap(date) ?? 0
                listing.objects.append(
                    Object(
                        key: object["Key"] ?? "", size_bytes: object["Size"].flatMap { Int($0) } ?? 0,
                        modifiedAt: moment))
                object = [:]
            case "NextContinuationToken": listing.next = element.text
            default: break
            }
        }
        return listing
    }

    /// The text of the first element of a name.
    static func text(_ name: String, in xml: ByteBuffer) -> String? {
        elements(xml).first { $0.name == name }?.text
    }

    private static func date(_ text: String) -> Int64? {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let plain = ISO8601DateFormatter()
        return (formatter.date(from: text) ?? plain.date(from: text)).map { Int64($0.timeIntervalSince1970) }
    }

    /// All elements in the order in which they end, so that children come before what holds them.
    private static func elements(_ xml: ByteBuffer) -> [(name: String, text: String)] {
        let collector = ElementCollector()
        let parser = XMLParser(data: Data(xml.readableBytesView))
        parser.delegate = collector
        return parser.parse() ? collector.elements : []
    }
}

private final class ElementCollector: NSObject, XMLParserDelegate {
    var elements: [(name: String, text: String)] = []
    private var texts: [String] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) { texts.append("") }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if !texts.isEmpty { texts[texts.count - 1] += text }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        elements.append((name, texts.popLast() ?? ""))
    }
}
