import Foundation
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
        for element in XMLElements(xml.readableBytesView).all {
            switch element.name {
            case "Key", "Size", "LastModified": object[element.name] = element.text
            case "Contents":
                let moment = object["LastModified"].flatMap(date) ?? 0
                listing.objects.append(
                    Object(
                        key: object["Key"] ?? "", size_bytes: max(0, object["Size"].flatMap { Int($0) } ?? 0),
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
        XMLElements(xml.readableBytesView).all.first { $0.name == name }?.text
    }

    private static func date(_ text: String) -> Int64? {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let plain = ISO8601DateFormatter()
        return (formatter.date(from: text) ?? plain.date(from: text)).flatMap {
            Int64(exactly: $0.timeIntervalSince1970.rounded(.down))
        }
    }
}
