import Foundation
import Testing

@testable import WebClient

@Suite("The web client's files")
struct WebClientTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Web")

    @Test("what is in the program is what is in the folder")
    func packed() throws {
        let source = try WebClient(folder: Self.folder.path())
        #expect(Set(source.files.keys) == Set(WebClient.builtIn.files.keys))
        for (name, file) in source.files { #expect(WebClient.builtIn.files[name]?.plain == file.stored, "\(name)") }
    }

    @Test("another content is another version, and so is another name")
    func version() {
        let file = WebFile(path: "main.js", plain: Data("1".utf8))
        let version = WebClient(files: [file]).version
        #expect(version == WebClient(files: [file]).version)
        #expect(version != WebClient(files: [WebFile(path: "main.js", plain: Data("2".utf8))]).version)
        #expect(version != WebClient(files: [WebFile(path: "other.js", plain: Data("1".utf8))]).version)
    }

    @Test("a page names the version in the addresses of what it loads")
    func versioned() throws {
        let page = WebFile(path: "index.html", plain: Data(#"<script src="/client/main.js">"#.utf8))
        let client = WebClient(files: [page, WebFile(path: "main.js", plain: Data())])
        #expect(client.versioned("index.html") == #"<script src="/client/\#(client.version)/main.js">"#)
        #expect(client.versioned("nothing.html") == nil)
        #expect(client.assets.map { client.address(of: $0) } == ["/client/\(client.version)/main.js"])
    }

    @Test("a broken packed file is nothing rather than a crash")
    func broken() {
        for bytes in [[], [0x1F, 0x8B], Array("no gzip at all".utf8)] as [[UInt8]] {
            #expect(GzipReader.inflate(Data(bytes)) == nil)
        }
    }

    @Test("no file loads anything from elsewhere or has a script or style within the page")
    func nothingForeign() throws {
        for (name, file) in try WebClient(folder: Self.folder.path()).files where name.hasSuffix(".html") {
            let text = String(decoding: file.stored, as: UTF8.self)
            #expect(!text.contains("http"), "\(name)")
            #expect(!text.contains("<style") && !text.contains("style="), "\(name)")
            #expect(!text.contains("onclick") && !text.contains("javascript:"), "\(name)")
        }
    }
}
