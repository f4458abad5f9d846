import Foundation
import Testing

@testable import WebClient

@Suite("The web client's files")
struct WebClientTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Web")

    @Test("the program has what is in the folder, its modules and styles bundled")
    func packed() throws {
        let packed = ClientFiles.builtIn.files
        for (name, file) in try ClientFiles(folder: Self.folder.path()).files {
            if name == "index.html" || name.hasSuffix(".js") || name.hasSuffix(".css") { continue }
            #expect(packed[name]?.plain == file.stored, "\(name)")
        }
        for name in ["main.js", "store/store.js", "styles/controls.css"] { #expect(packed[name] == nil, "\(name)") }
        for name in ["views/settings/user-settings.js", "texts/de/main.js", "service-worker.js", "first.js"] {
            #expect(packed[name] != nil, "\(name)")
        }
    }

    @Test("what is loaded later takes from the bundle what the bundle has")
    func later() throws {
        let files = ClientFiles.builtIn.files.values.filter {
            $0.path.hasPrefix("chunks/") || $0.path.hasPrefix("views/")
        }
        let texts = files.map { String(decoding: $0.plain ?? Data(), as: UTF8.self) }
        #expect(texts.contains { $0.contains("bundle.js\"") })
        // A second store would listen to nobody: its class stands in the bundle alone.
        let bundle = String(decoding: ClientFiles.builtIn.files["bundle.js"]?.plain ?? Data(), as: UTF8.self)
        #expect(bundle.contains("aviary.session"))
        #expect(!texts.contains { $0.contains("\"aviary.session\"") })
    }

    @Test("the first load is the page, a bundle of modules and one of styles, of 120 KiB together at most")
    func firstLoad() throws {
        let page = ClientFiles.builtIn.page.text
        let loaded = page.matches(of: /(?:href|src)="\/client\/[0-9a-f]+\/([^"]+\.(?:js|css))"/).map { String($0.1) }
        #expect(Set(loaded) == ["bundle.js", "styles/bundle.css"])
        let sizes = try (loaded + ["index.html", "first.js", "styles/base.css", "styles/first.css"]).map { name in
            try #require(ClientFiles.builtIn.files[name]).stored.count
        }
        #expect(sizes.reduce(0, +) <= 120 * 1024)
    }

    @Test("what is needed to paint the page stands in it, named by its hash, and nothing else does")
    func inline() throws {
        let page = WebFile(
            path: "index.html",
            plain: Data(
                #"<link rel="stylesheet" href="/client/a.css" data-inline><script src="/client/a.js" data-inline></script>"#
                    .utf8))
        let client = ClientFiles(files: [
            page, WebFile(path: "a.css", plain: Data("p{}".utf8)),
            WebFile(path: "a.js", plain: Data("'/client/b.js'".utf8)),
        ])
        let root = "/client/\(client.version)/"
        #expect(client.page.text == "<style>p{}</style><script>'\(root)b.js'</script>")
        #expect(client.page.styleHashes == ["'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='"])
        #expect(client.page.scriptHashes.count == 1)
        let whole = ClientFiles.builtIn.page
        #expect(whole.text.components(separatedBy: "<style>").count - 1 == whole.styleHashes.count)
        #expect(whole.text.components(separatedBy: "<script>").count - 1 == whole.scriptHashes.count)
        #expect(!whole.text.contains("data-inline"))
    }

    @Test("another content is another version, and so is another name")
    func version() {
        let file = WebFile(path: "main.js", plain: Data("1".utf8))
        let version = ClientFiles(files: [file]).version
        #expect(version == ClientFiles(files: [file]).version)
        #expect(version != ClientFiles(files: [WebFile(path: "main.js", plain: Data("2".utf8))]).version)
        #expect(version != ClientFiles(files: [WebFile(path: "other.js", plain: Data("1".utf8))]).version)
    }

    @Test("a page names the version in the addresses of what it loads")
    func versioned() throws {
        let page = WebFile(path: "index.html", plain: Data(#"<script src="/client/main.js">"#.utf8))
        let client = ClientFiles(files: [page, WebFile(path: "main.js", plain: Data())])
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
        for (name, file) in try ClientFiles(folder: Self.folder.path()).files where name.hasSuffix(".html") {
            let text = String(decoding: file.stored, as: UTF8.self)
            #expect(!text.contains("http"), "\(name)")
            #expect(!text.contains("<style") && !text.contains("style="), "\(name)")
            #expect(!text.contains("onclick") && !text.contains("javascript:"), "\(name)")
        }
    }
}
