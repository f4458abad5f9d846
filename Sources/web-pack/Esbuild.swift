import Foundation

/// Runs esbuild, which is a package of Debian.
struct Esbuild {
    let folder: URL
    private let program: URL

    /// - Parameter folder: where it reads and writes.
    init(in folder: URL) throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let places = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
        let candidates = places.map { $0 + "/esbuild" }
        guard let program = candidates.first(where: FileManager.default.isExecutableFile) else {
            throw WebPack.Failure("esbuild is missing; scripts/install installs it")
        }
        (self.folder, self.program) = (folder, URL(filePath: program))
    }

    /// What the modules of the folder have to do with each other.
    func graph(of modules: [String]) throws -> ModuleGraph {
        let (ignored, description) = (folder.appending(path: ".graph"), folder.appending(path: ".graph.json"))
        defer { for file in [ignored, description] { try? FileManager.default.removeItem(at: file) } }
        try run(
            ["--bundle", "--splitting", "--outdir=.graph", "--outbase=.", "--metafile=.graph.json"] + modules)
        return try JSONDecoder().decode(ModuleGraph.self, from: Data(contentsOf: description))
    }

    /// Replaces each of the modules by itself together with what it imports, but for `others`, which stay files of their own.
    func bundle(_ modules: [String], without others: [String]) throws {
        try run(
            [
                "--bundle", "--splitting", "--minify", "--charset=utf8", "--allow-overwrite", "--outdir=.",
                "--outbase=.",
                "--chunk-names=chunks/[hash]",
            ] + others.map { "--external:\($0)" } + modules)
    }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = program
        process.currentDirectoryURL = folder
        process.arguments = ["--format=esm", "--log-level=warning"] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw WebPack.Failure("esbuild can't bundle the web client") }
    }
}
