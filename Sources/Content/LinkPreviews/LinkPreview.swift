import Crypto
import Features
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

/// Finds the links of a text that are worth a preview.
package enum LinkScanner {
    static let maximum = 3
    private static let longest = 2048

    /// The first few different ones. Those in `<…>` are meant to stay without a preview, and one of what a spoiler hides
    /// would tell it.
    static func links(in text: String) -> [String] {
        var links: [String] = []
        for link in MessageMarkup.links(in: text) where !link.isQuiet && !link.isHidden {
            guard isOfWeb(link.address), !links.contains(link.address) else { continue }
            links.append(link.address)
            if links.count == maximum { break }
        }
        return links
    }

    private static func isOfWeb(_ address: String) -> Bool {
        guard address.utf8.count <= longest, WebLink.isValid(address), let host = URL(string: address)?.host else {
            return false
        }
        return host.contains(".") || host.contains(":")
    }
}
