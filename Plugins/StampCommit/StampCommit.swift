import Foundation
import PackagePlugin

/// Tells the program of which commit it was built: the last that git's log of HEAD names. Git itself is not asked, and an
/// archive without that log is of an unknown one.
@main
struct StampCommit: BuildToolPlugin {
    private static let script = #"""
        commit=$([ -f "$1" ] && tail -n 1 "$1" | cut -d " " -f 2)
        printf '/// The commit that this was built of.\nlet builtCommit = "%s"\n' "${commit:-unknown}" > "$2"
        """#

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let log = context.package.directoryURL.appending(path: ".git/logs/HEAD")
        let output = context.pluginWorkDirectoryURL.appending(path: "BuiltCommit.swift")
        return [
            .buildCommand(
                displayName: "Noting the commit",
                executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", Self.script, "sh", log.path(), output.path()],
                inputFiles: FileManager.default.fileExists(atPath: log.path()) ? [log] : [], outputFiles: [output])
        ]
    }
}
