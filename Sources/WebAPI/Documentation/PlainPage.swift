import Crypto
import Foundation

/// How a content security policy names a style or a script that stands in the page (Content Security Policy Level 3,
/// section 2.3.1).
func sourceHash(of source: String) -> String {
    "sha256-" + Data(SHA256.hash(data: Data(source.utf8))).base64EncodedString()
}

/// A page of a few words, which works without scripts and loads nothing.
public struct PlainPage: Sendable {
    private let title: String
    private let content: String

    /// - Parameter content: HTML.
    public init(_ title: String, content: String) {
        self.title = title
        self.content = content
    }

    static let contentType = "text/html; charset=utf-8"

    /// A form on it goes to where the page is from.
    static let contentSecurityPolicy =
        "default-src 'none'; style-src '\(sourceHash(of: style))'; base-uri 'none'; form-action 'self'; "
        + "frame-ancestors 'none'"

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title)</title>
        <style>\(Self.style)</style>
        <main>
        <h1>\(title)</h1>
        \(content)
        </main>
        </html>
        """
    }

    private static let style = """

        :root { color-scheme: light dark; --accent: #0f766e; }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
        main { max-width: 34rem; margin: 12vh auto 0; padding: 1.5rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; }
        button {
          font: inherit; font-weight: 600; color: #fff; background: var(--accent);
          border: 0; border-radius: 8px; padding: .65rem 1.1rem; cursor: pointer;
        }
        button:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent), transparent 45%); outline-offset: 2px; }

        """
}
