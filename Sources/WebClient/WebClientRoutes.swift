import Crypto
import Foundation
import WebAPI

/// Where the client's files and pages stand (docs/web-client.md).
public struct WebClientRoutes: Sendable {
    private let client: ClientFiles
    private let page: WebPage
    private let contentSecurityPolicy: String

    /// - Parameter mediaOrigins: other origins from which pictures, films and files are loaded: the address of an object store.
    public init(_ client: ClientFiles, mediaOrigins: [String]) {
        self.client = client
        page = client.page
        contentSecurityPolicy = Self.policy(of: page, mediaOrigins: mediaOrigins)
    }

    public var routes: [Route] {
        let asset = text("index.html", page.text)
        let (worker, manifest) = ("service-worker.js", "manifest.webmanifest")
        return WebPage.addresses.map { path in
            Route.asset(path, "The web client", asset, pageHeaders)
        } + [
            Route.asset("/" + worker, "The web client's worker", text(worker, client.versioned(worker)), pageHeaders),
            Route.asset("/" + manifest, "What installs the web client", text(manifest, client.versioned(manifest)), []),
        ]
            + client.assets.map { file in
                Route.asset(client.address(of: file), "A file of the web client", self.asset(file), [])
            }
    }

    /// The page at any other address, where it says that there is nothing.
    public var missingPage: MissingPage {
        MissingPage(text("index.html", page.text), headers: pageHeaders, exceptBelow: ["/api/", ClientFiles.root])
    }

    private func text(_ name: String, _ text: String?) -> Asset {
        let content = Data((text ?? "").utf8)
        let contentType = client.files[name]?.contentType ?? "text/plain"
        return Asset(
            contentType: contentType, tag: Self.tag(content), caching: .revalidated, isCompressed: false
        ) { content }
    }

    private func asset(_ file: WebFile) -> Asset {
        Asset(
            contentType: file.contentType, tag: client.version, caching: .forever, isCompressed: file.isCompressed
        ) {
            file.stored
        } plain: {
            file.plain ?? Data()
        }
    }

    private static func tag(_ content: Data) -> String {
        SHA256.hash(data: content).prefix(8).map { String($0, radix: 16) }.joined(separator: "-")
    }

    /// Scripts and styles are the server's own files, those written into the page among them, and nothing else; what people
    /// write can never become either (Content Security Policy Level 3; Trusted Types). Pictures of other sites are not
    /// loaded: they would tell these sites who reads here.
    private static func policy(of page: WebPage, mediaOrigins: [String]) -> String {
        let (media, scripts, styles) = (list(mediaOrigins), list(page.scriptHashes), list(page.styleHashes))
        return [
            "default-src 'none'", "script-src 'self'\(scripts)", "style-src 'self'\(styles)",
            "connect-src 'self'\(media)",
            "img-src 'self' data: blob:\(media)", "media-src 'self' blob:\(media)", "font-src 'self'",
            "manifest-src 'self'", "worker-src 'self'", "form-action 'self'", "base-uri 'none'",
            "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types aviary-worker aviary-call",
        ].joined(separator: "; ")
    }

    private static func list(_ sources: [String]) -> String { sources.map { " " + $0 }.joined() }

    private var pageHeaders: [(String, String)] {
        [
            ("Content-Security-Policy", contentSecurityPolicy),
            // By it the service worker knows what it may keep as the page.
            ("X-Aviary-Page", "client"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "geolocation=(), payment=(), usb=(), camera=(self), microphone=(self)"),
        ]
    }
}
