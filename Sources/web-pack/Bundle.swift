import Foundation

/// Makes a few files of many in a copy of the web client, so that a page is there after one round to the server:
///
/// - `bundle.js` has all that `main.js` imports. What is asked for later stays a file of its own, and imports from the bundle
///   what the bundle has, so that there is one store, whoever asks for it.
/// - A `worker.js` runs beside the page and has all that it imports.
/// - `styles/bundle.css` has all styles of the page but those that the server writes into it.
struct Bundle {
    private static let main = "main.js"
    private static let bundle = "bundle.js"
    /// Stands for the bundle's address until it is known in which folder it is asked for.
    private static let worker = "worker.js"
    private static let standIn = "the-bundle"
    private static let styles = "styles/bundle.css"

    private let folder: URL
    private let esbuild: Esbuild

    init(folder: URL) throws {
        self.folder = folder
        esbuild = try Esbuild(in: folder)
    }

    func make() throws {
        let modules = try WebPack.paths(in: folder).filter { $0.hasSuffix(".js") }
        let workers = modules.filter { $0.hasSuffix("/" + Self.worker) }
        let graph = try esbuild.graph(of: modules)
        let first = graph.loaded(with: Self.main)
        let later = graph.loadedOnDemand.subtracting(first)
        let exports = graph.exports.filter { first.contains($0.key) }
        // Before what they import becomes something else.
        if !workers.isEmpty { try esbuild.bundle(workers, without: []) }
        try makeFirst(exports, later: later)
        try makeLater(exports, later: later)
        let reached = workers.reduce(graph.reached(from: Self.main)) { $0.union(graph.reached(from: $1)) }
        let bundled = reached.subtracting(later).subtracting(workers)
        for module in modules where bundled.contains(module) {
            try FileManager.default.removeItem(at: folder.appending(path: module))
        }
        try rewritePage()
    }

    /// Everything of the first load, which hands out whatever its modules export.
    private func makeFirst(_ exports: [String: [String]], later: Set<String>) throws {
        let lines = exports.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map { module, names in
            "export { \(names.map { "\($0) as \(Self.name(of: $0, in: module))" }.joined(separator: ", ")) } from \"./\(module)\";"
        }
        try write((["import \"./\(Self.main)\";"] + lines).joined(separator: "\n"), to: Self.bundle)
        try esbuild.bundle([Self.bundle], without: later.sorted().map { "./" + $0 })
    }

    /// The modules that come later. Those of the first load become stubs that take their exports from the bundle.
    private func makeLater(_ exports: [String: [String]], later: Set<String>) throws {
        for (module, names) in exports {
            let list = names.map { "\(Self.name(of: $0, in: module)) as \($0)" }.joined(separator: ", ")
            try write("export { \(list) } from \"\(Self.standIn)\";", to: module)
        }
        try esbuild.bundle(later.sorted(), without: [Self.standIn])
        for module in try WebPack.paths(in: folder) where module.hasSuffix(".js") {
            let text = try String(contentsOf: folder.appending(path: module), encoding: .utf8)
            guard text.contains("\"\(Self.standIn)\"") else { continue }
            let up = String(repeating: "../", count: module.filter { $0 == "/" }.count)
            let address = (up.isEmpty ? "./" : up) + Self.bundle
            try write(text.replacing("\"\(Self.standIn)\"", with: "\"\(address)\""), to: module)
        }
    }

    /// An export's name in the bundle, where all modules are one.
    private static func name(of export: String, in module: String) -> String {
        module.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined() + "$" + export
    }

    /// The page names the bundles in place of what is in them.
    private func rewritePage() throws {
        let page = folder.appending(path: "index.html")
        let text = try String(contentsOf: page, encoding: .utf8)
        var (styles, lines): ([String], [String]) = ([], [])
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.contains(#"<link rel="modulepreload""#) { continue }
            if let match = line.firstMatch(of: /<link rel="stylesheet" href="\/client\/([^"]+)">/) {
                if styles.isEmpty { lines.append("<link rel=\"stylesheet\" href=\"/client/\(Self.styles)\">") }
                styles.append(String(match.1))
                continue
            }
            lines.append(String(line).replacing("\"/client/\(Self.main)\"", with: "\"/client/\(Self.bundle)\""))
        }
        try write(lines.joined(separator: "\n"), to: "index.html")
        let contents = try styles.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        for style in styles { try FileManager.default.removeItem(at: folder.appending(path: style)) }
        try write(contents.joined(separator: "\n"), to: Self.styles)
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }
}
