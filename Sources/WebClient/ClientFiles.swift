import Crypto
import Foundation

/// The files of the web client: those that were built into the program, or those of a folder.
///
/// What a page loads stands below an address that changes with every change of any file, so that browsers may keep it for
/// ever and never mix two versions.
public struct ClientFiles: Sendable {
    /// Where the page's own files stand; the version comes after it.
    static let root = "/client/"

    let files: [String: WebFile]
    /// Of all files together.
    public let version: String

    /// The files in the program.
    public static let builtIn = ClientFiles(
        files: PackedFiles.all.map { file in
            WebFile(path: file.path.description, gzip: Data(base64Encoded: file.gzip.description) ?? Data())
        })

    /// The files of a folder, as they are now.
    /// - Throws: what reading throws.
    public init(folder: String) throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        let files = try names.filter { !FileManager.default.isFolder(folder + "/" + $0) }.map { name in
            let content = try Data(contentsOf: URL(filePath: folder + "/" + name))
            return WebFile(path: name, plain: content)
        }
        self.init(files: files)
    }

    init(files: [WebFile]) {
        var hash = SHA256()
        for file in files.sorted(by: { $0.path < $1.path }) {
            hash.update(data: Data("\(file.path)\n\(file.stored.count)\n".utf8))
            hash.update(data: file.stored)
        }
        version = hash.finalize().prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0) })
    }

    /// Those that stand below the changing address.
    var assets: [WebFile] { files.values.filter { !Self.atRoot.contains($0.path) }.sorted { $0.path < $1.path } }

    /// Those whose address never changes: their content names the version instead.
    static let atRoot: Set<String> = ["index.html", "service-worker.js", "manifest.webmanifest"]

    func address(of asset: WebFile) -> String { "\(Self.root)\(version)/\(asset.path)" }

    /// A file, with the version in the addresses of what it loads.
    func versioned(_ name: String) -> String? {
        guard let file = files[name], let plain = file.plain else { return nil }
        return String(decoding: plain, as: UTF8.self).replacing(Self.root, with: "\(Self.root)\(version)/")
    }

    /// The page, with the version in the addresses of what it loads.
    var page: WebPage {
        WebPage(versioned("index.html") ?? "", root: "\(Self.root)\(version)/", content: versioned)
    }
}

/// A file of the client, kept as it came: compressed in the program, plain in a folder.
struct WebFile: Sendable {
    let path: String
    let stored: Data
    let isCompressed: Bool

    init(path: String, gzip: Data) { (self.path, stored, isCompressed) = (path, gzip, true) }

    init(path: String, plain: Data) { (self.path, stored, isCompressed) = (path, plain, false) }

    /// Nil when the file is broken.
    var plain: Data? { isCompressed ? GzipReader.inflate(stored) : stored }

    var contentType: String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webmanifest": "application/manifest+json"
        case "json": "application/json"
        default: "application/octet-stream"
        }
    }
}

extension FileManager {
    fileprivate func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
