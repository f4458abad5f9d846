import Crypto
import Foundation
import Kernel
import Media

/// What is known of a page that a message links to.
struct LinkPreview: Sendable {
    let address: String
    /// Nil for a page of which nothing can be said; it is not asked again for a while.
    let title: String?
    let description: String?
    let siteName: String?
    let picture: BlobID?
    /// What the picture is asked for by. It can't be guessed, or everybody could ask whether somebody here has linked to a page.
    let pictureKey: String?
    let fetchedAt: Timestamp

    /// By which it is found.
    var hash: String { Self.hash(of: address) }

    static func hash(of address: String) -> String {
        SHA256.hash(data: Array(address.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    /// As clients see it. Its picture comes from this server: whoever reads a message is not known to the pages in it.
    var embed: Embed {
        Embed(
            title: title, description: description, url: address, color: nil, timestamp: nil,
            author: siteName.map { Embed.Author(name: $0, url: nil, iconURL: nil) }, footer: nil, image: nil,
            thumbnail: pictureKey.map { Embed.Picture(url: "/api/v1/media/previews/\($0)") }, fields: [])
    }
}

/// Finds the links of a text.
enum LinkScanner {
    static let maximum = 3
    private static let longest = 2048

    /// The first few different ones. Those in `<…>` are meant to stay without a preview, and so is what stands in code.
    static func links(in text: String) -> [String] {
        guard text.contains("http") else { return [] }
        var links: [String] = []
        for part in withoutCode(text).split(whereSeparator: \.isWhitespace) {
            guard let link = link(in: part), !links.contains(link) else { continue }
            links.append(link)
            if links.count == maximum { break }
        }
        return links
    }

    private static func withoutCode(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset.isMultiple(of: 2) }.map { String($0.element) }.joined(separator: " ")
    }

    private static func link(in part: Substring) -> String? {
        guard let start = part.firstRange(of: "https://")?.lowerBound ?? part.firstRange(of: "http://")?.lowerBound,
            start == part.startIndex || part[part.index(before: start)] != "<"
        else { return nil }
        var link = part[start...]
        // What ends a sentence, or encloses the link, is not part of it.
        while let last = link.last, ".,;:!?'\"*_~>]".contains(last) || (last == ")" && !link.contains("(")) {
            link = link.dropLast()
        }
        guard link.fits(.bytes(longest)), WebLink.isValid(String(link)), let url = URL(string: String(link)),
            url.host?.contains(".") == true || url.host?.contains(":") == true
        else { return nil }
        return String(link)
    }
}
