import Foundation
import NIOCore
import TestPrograms
import Testing

@testable import Media

/// A failed check of Swift's ends everybody's server, so these tests fail by ending.
@Suite("Hostile files and answers")
struct HostileFileTests {
    private static let webP: [UInt8] =
        Array("RIFF".utf8) + [0x24, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, 0x2C]
        + [UInt8](repeating: 0, count: 9)
        + Array("EXIF".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
    private static let page = Array(
        #"<!-- x --><title>a &amp; &#x1F600; b</title><meta property="og:title" content='c'><meta name=d content=e><body>"#
            .utf8)
    private static let listing = Array(
        """
        <ListBucketResult><Contents><Key>blobs/aa/b-1</Key><Size>-5</Size><LastModified>2026-01-01T00:00:00Z</LastModified>\
        </Contents><NextContinuationToken>x</NextContinuationToken></ListBucketResult>
        """.utf8)

    private static let moving: [UInt8] =
        [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
        + [UInt8](repeating: 0, count: 17) + [0, 0, 0, 8] + Array("acTL".utf8) + [0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 0]

    @Test("a PNG picture that moves says so before its first picture")
    func animation() {
        #expect(PNGAnimation(Self.moving)?.frames == 5)
        #expect(PNGAnimation(Self.moving)?.plays == 3)
        let still = Array(Self.moving.prefix(33)) + [0, 0, 0, 0] + Array("IDAT".utf8) + [0, 0, 0, 0]
        #expect(PNGAnimation(still + Self.moving.dropFirst(33)) == nil)
        for count in 0..<Self.moving.count - 4 { #expect(PNGAnimation(Array(Self.moving.prefix(count))) == nil) }
    }

    @Test("any bytes are told from pictures, pages and listings", arguments: [UInt64(1), 2, 3])
    func bytes(seed: UInt64) throws {
        let page = try #require(URL(string: "https://example.org/"))
        var hostile = HostileText(seed: seed)
        for _ in 0..<1000 {
            let file = hostile.bytes(like: Self.webP)
            _ = MediaType.detect(file)
            _ = PNGAnimation(hostile.bytes(like: Self.moving))
            if let bare = WebPContainer.withoutMetadata(file) {
                #expect(bare.count <= file.count, "seed \(seed)")
            }
            _ = BlurHash.encode(
                portablePixmap: hostile.bytes(like: Array("P6\n2 2\n255\n".utf8) + [UInt8](repeating: 9, count: 12)))
            _ = try? PictureTools.size(
                fromHeader: String(
                    decoding: hostile.bytes(like: Array("width: 5\nheight: 7\nn-pages: 3\n".utf8)), as: UTF8.self))
            let listing = S3Listing.parse(ByteBuffer(bytes: hostile.bytes(like: Self.listing)))
            #expect(listing.objects.allSatisfy { $0.size_bytes >= 0 }, "seed \(seed)")
            if let graph = OpenGraph(html: hostile.bytes(like: Self.page), contentType: hostile.text(), at: page) {
                #expect(graph.title.unicodeScalars.count <= 256, "seed \(seed)")
            }
            _ = try? VirusScanner.verdict(
                String(decoding: hostile.bytes(like: Array("stream: X FOUND\0".utf8)), as: UTF8.self))
            let text = hostile.text()
            if let key = ObjectKey(text) { _ = (key.uploadNumber, key.blobNumber) }
        }
    }

    @Test("a page's title is bounded in scalars, not in what looks like one letter")
    func title() throws {
        let page = "<title>e" + String(repeating: "\u{301}", count: 10_000) + "</title>"
        let address = try #require(URL(string: "https://example.org/"))
        let graph = try #require(OpenGraph(html: Array(page.utf8), contentType: "text/html", at: address))
        #expect(graph.title.unicodeScalars.count == 256)
    }

    @Test("S3's answers are read with their entities, and a broken one is empty")
    func xml() {
        func names(_ text: String) -> [String] { XMLElements(text.utf8).all.map { "\($0.name)=\($0.text)" } }
        #expect(
            names(
                "<?xml version=\"1.0\"?><a xmlns=\"x\"><b>1 &amp;&#x3c;&#50;</b><s:c/><d><![CDATA[<&amp;]]></d><!-- > --></a>"
            )
                == ["b=1 &<2", "c=", "d=<&amp;", "a="])
        for broken in ["<a>", "<a></b>", "</a>", "<a", "<>", "<a><![CDATA[x</a>", "<![CDATA[x]]>", "<!-- <a/>"] {
            #expect(names(broken).isEmpty, "\(broken)")
        }
        #expect(names("<a>&unknown; &#1114112; & &;</a>") == ["a=&unknown; &#1114112; & &;"])
        #expect(names(String(repeating: "<a>", count: 100_000)).isEmpty)
    }
}
