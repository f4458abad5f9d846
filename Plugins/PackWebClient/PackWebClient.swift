import Foundation
import PackagePlugin

/// Puts the files of the web client into the program, so that it stays one file.
@main
struct PackWebClient: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "Web")
        let output = context.pluginWorkDirectoryURL.appending(path: "PackedFiles.swift")
        return [
            .buildCommand(
                displayName: "Packing the web client",
                executable: try context.tool(named: "web-pack").url,
                arguments: [folder.path(), output.path()],
                inputFiles: files(in: folder), outputFiles: [output])
        ]
    }

    private func files(in folder: URL) -> [URL] {
        let entries = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        return (entries?.allObjects ?? []).compactMap { $0 as? URL }.filter {
            (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }
    }
}
