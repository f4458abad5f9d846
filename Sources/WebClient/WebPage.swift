import Crypto
import Foundation

/// The page with what is needed to paint it written into it, so that no other request stands before the first sight of it.
///
/// `<link rel="stylesheet" href="/client/…" data-inline>` and `<script src="/client/…" data-inline></script>` become what the
/// file says. The browser runs nothing that stands in a page but what the page's policy names by its hash (Content Security
/// Policy Level 3, section 6.7.2.3).
struct WebPage {
    let text: String
    /// As the policy names them.
    let styleHashes: [String]
    let scriptHashes: [String]

    /// - Parameters:
    ///   - root: what stands before the path of a file in its address.
    ///   - content: of a file of the client; nil where there is none.
    init(_ text: String, root: String, content: (_ path: String) -> String?) {
        var (styles, scripts): ([String], [String]) = ([], [])
        let style = /<link rel="stylesheet" href="([^"]+)" data-inline>/
        let script = /<script src="([^"]+)" data-inline><\/script>/
        func file(_ address: Substring) -> String? {
            address.hasPrefix(root) ? content(String(address.dropFirst(root.count))) : nil
        }
        self.text = text.replacing(style) { match in
            guard let style = file(match.1) else { return String(match.0) }
            styles.append(Self.hash(style))
            return "<style>\(style)</style>"
        }.replacing(script) { match in
            guard let script = file(match.1) else { return String(match.0) }
            scripts.append(Self.hash(script))
            return "<script>\(script)</script>"
        }
        (styleHashes, scriptHashes) = (styles, scripts)
    }

    private static func hash(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }
}
