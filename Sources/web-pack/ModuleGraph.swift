import Foundation

/// What esbuild says of modules (`--metafile`): what each imports, and what it exports.
struct ModuleGraph: Decodable {
    private let inputs: [String: Input]
    private let outputs: [String: Output]

    private struct Input: Decodable {
        let imports: [Import]
    }

    private struct Import: Decodable {
        let path: String
        let kind: String
    }

    private struct Output: Decodable {
        let entryPoint: String?
        let exports: [String]
    }

    /// The modules that come before `main` runs, itself among them.
    func loaded(with main: String) -> Set<String> { modules(from: main) { $0 == "import-statement" } }

    /// The modules that are asked for from `main` on, sooner or later.
    func reached(from main: String) -> Set<String> { modules(from: main) { _ in true } }

    /// The modules that any module asks for while it runs.
    var loadedOnDemand: Set<String> {
        Set(inputs.keys.flatMap { imports(of: $0) { kind in kind == "dynamic-import" } })
    }

    /// The names that each module exports.
    var exports: [String: [String]] {
        Dictionary(
            outputs.values.compactMap { output in output.entryPoint.map { ($0, output.exports) } },
            uniquingKeysWith: { first, _ in first })
    }

    private func modules(from first: String, by isFollowed: (_ kind: String) -> Bool) -> Set<String> {
        var found: Set<String> = []
        var left = [first]
        while let module = left.popLast() {
            if found.insert(module).inserted { left += imports(of: module, by: isFollowed) }
        }
        return found
    }

    private func imports(of module: String, by isFollowed: (_ kind: String) -> Bool) -> [String] {
        (inputs[module]?.imports ?? []).filter { isFollowed($0.kind) }.map(\.path)
    }
}
