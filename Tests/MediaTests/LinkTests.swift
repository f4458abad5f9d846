import Foundation
import Kernel
import NIOCore
import NIOPosix
import Testing

@testable import Media

@Suite("Links")
struct LinkTests {
    @Test(
        "what only the server can reach is not public",
        arguments: [
            "127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
            "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::",
            "::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
            "ff02::1",
            "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1", "nonsense", "",
        ])
    func notPublic(address: String) { #expect(!LinkGuard.isPublic(address)) }

    @Test(
        "the internet is public",
        arguments: ["1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
    func isPublic(address: String) { #expect(LinkGuard.isPublic(address)) }

    @Test(
        "links that lead inside are refused, however they are written",
        arguments: [
            "http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
            "http://127.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0/",
            "http://169.254.169.254/latest/meta-data/",
            "https://1.1.1.1:8443/", "http://1.1.1.1:22/", "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/",
            "http://user:password@1.1.1.1/", "http:///", "http://no-such-host.invalid/",
        ])
    func refused(link: String) async throws {
        let url = try #require(URL(string: link))
        await #expect(throws: LinkGuard.Refusal.self) { try await LinkGuard.standard.address(of: url) }
    }

    @Test("an address in numbers is looked up without asking anybody")
    func literal() async throws {
        let url = try #require(URL(string: "https://1.1.1.1/a"))
        #expect(try await LinkGuard.standard.address(of: url) == "1.1.1.1")
    }

    private func page(_ html: String, type: String = "text/html") throws -> OpenGraph? {
        OpenGraph(
            html: Array(html.utf8), contentType: type, at: try #require(URL(string: "https://example.org/a/b.html")))
    }

    private static let poster = LinkPoster(
        .standard, internalHosts: ["push.lan:8443", "127.0.0.1:9000"], on: MultiThreadedEventLoopGroup.singleton)

    @Test(
        "what nothing is posted to",
        arguments: [
            "http://push.example.org/x", "https://127.0.0.1/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x",
            "https://10.0.0.1/x", "https://2130706433/x", "https://0x7f.1/x", "https://0177.0.0.1/x",
            "https://localhost/x", "https://a.localhost/x", "https://push.example.org:22/x",
            "https://a@push.lan:8443/x",
            "https://push.example.org/x#y", "https://push.lan:8444/x", "http://127.0.0.1:9001/x", "ftp://push.lan/x",
        ])
    func notPosted(address: String) async throws {
        let url = try #require(URL(string: address))
        #expect(!Self.poster.accepts(url))
        await #expect(throws: LinkGuard.Refusal.self) { try await Self.poster.post([1], to: url, headers: []) }
    }

    @Test("what something is posted to, of one's own network only where the operator says so")
    func posted() throws {
        for address in [
            "https://push.example.org/x", "https://push.example.org:443/x", "https://203.0.114.1/x",
            "https://PUSH.lan:8443/x", "http://push.lan:8443/x", "http://127.0.0.1:9000/x",
        ] {
            #expect(Self.poster.accepts(try #require(URL(string: address))), "\(address)")
        }
    }

    @Test("a name is looked up before anything is posted")
    func lookedUp() async throws {
        let url = try #require(URL(string: "https://nobody.invalid/x"))
        #expect(Self.poster.accepts(url))
        await #expect(throws: LinkGuard.Refusal.self) { try await Self.poster.post([1], to: url, headers: []) }
    }

    @Test("a page says what it is")
    func openGraph() throws {
        let page = try page(
            """
            <!doctype html><html><head><!-- <title>no</title> --><script>"<title>no</title>"</script>
            <title>Plain &amp; simple</title>
            <meta property="og:title" content="A &quot;title&quot; &#x1F389;&#33;"><META NAME=description CONTENT='about
            it'><meta content="Nest" property="og:site_name" /><meta property=og:image content=../p.png>
            <meta property="og:title" content="second"></head><body><meta property="og:description" content="no">
            """)
        #expect(page?.title == "A \"title\" 🎉!")
        #expect(page?.description == "about it")
        #expect(page?.siteName == "Nest")
        #expect(page?.picture == "https://example.org/p.png")
    }

    @Test("a page without Open Graph has its title, one without a title has nothing to say")
    func plain() throws {
        #expect(try page("<title> Two\n words </title>")?.title == "Two words")
        #expect(try page("<html><body><h1>Hello</h1>") == nil)
        #expect(try page("<title></title>") == nil)
        #expect(try page("") == nil)
    }

    @Test(
        "what is no HTML does no harm",
        arguments: [
            "<", "<meta", "<meta content", "<meta content=", "<meta content=\"", "<title", "<title>", "<!--",
            "<script>", "&",
            "<meta property=og:title content=&#xFFFFFFFF;>", "<meta =\"a\">", "<<<<>>>>", "<meta / / />",
        ])
    func broken(html: String) throws { _ = try page(html) }

    @Test("pages in other character sets are understood")
    func charsets() throws {
        let url = try #require(URL(string: "https://example.org/"))
        let latin = Array("<title>Gr".utf8) + [0xFC, 0xDF] + Array("e</title>".utf8)
        #expect(OpenGraph(html: latin, contentType: "text/html; charset=ISO-8859-1", at: url)?.title == "Grüße")
        let inPage = Array("<meta charset='windows-1252'><title>Gr".utf8) + [0xFC, 0xDF] + Array("e</title>".utf8)
        #expect(OpenGraph(html: inPage, contentType: "text/html", at: url)?.title == "Grüße")
        let japanese = try #require("<title>日本語</title>".data(using: .shiftJIS))
        #expect(
            OpenGraph(html: Array(japanese), contentType: "text/html; charset=\"Shift_JIS\"", at: url)?.title == "日本語")
    }
}

@Suite("Scanning")
struct ScanningTests {
    @Test("what clamd says is understood")
    func verdicts() throws {
        #expect(try VirusScanner.verdict("stream: OK\0") == .clean)
        #expect(try VirusScanner.verdict("stream: Eicar-Test FOUND\0") == .infected("Eicar-Test"))
        for answer in ["", "stream: ", "INSTREAM size limit exceeded. ERROR\0", "OK", "stream: OKAY"] {
            #expect(throws: VirusScanner.Failure.self) { try VirusScanner.verdict(answer) }
        }
    }

    @Test("where clamd is can be told in two ways")
    func addresses() {
        #expect(VirusScanner.Address("127.0.0.1:3310") == .host("127.0.0.1", port: 3310))
        #expect(VirusScanner.Address("unix:/run/clamd.ctl") == .socket(path: "/run/clamd.ctl"))
        for text in ["", "clamd", ":3310", "host:", "host:0", "host:99999", "unix:relative"] {
            #expect(VirusScanner.Address(text) == nil, "\(text)")
        }
    }
}
