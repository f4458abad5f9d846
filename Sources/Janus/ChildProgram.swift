import Foundation
import Subprocess
import SystemPackage

/// A program that runs beside this one, and never longer: when this process ends, in whatever way, it is killed and its folder is
/// removed.
///
/// Who looks after that is a shell that reads from this process until there is nobody to read from. The system's own death
/// signal (`PR_SET_PDEATHSIG`) would follow the thread that has started the program, and threads of a pool come and go.
public struct ChildProgram: Sendable {
    /// `$0` is the folder, and the program and its arguments follow.
    private static let script = """
        exec 3<&0 </dev/null
        "$@" 3<&- &
        program=$!
        { read -r _ <&3; kill -KILL "$program"; rm -rf "$0"; } >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait "$program"
        code=$?
        kill "$watcher" 2>/dev/null
        rm -rf "$0"
        exit "$code"
        """

    private let command: [String]
    private let folder: String

    /// - Parameters:
    ///   - command: a path, and arguments.
    ///   - folder: what is removed with it.
    public init(_ command: [String], in folder: String) {
        self.command = command
        self.folder = folder
    }

    /// Runs it until it ends, or until the task is cancelled.
    /// - Parameter hear: is given each line that it prints.
    /// - Returns: how it has ended.
    /// - Throws: what keeps it from starting.
    public func run(_ hear: @escaping @Sendable (String) -> Void) async throws -> String {
        var options = PlatformOptions()
        // Whoever it has to tell is told by what this process says.
        options.teardownSequence = []
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: Arguments(["-c", Self.script, folder] + command),
            environment: .custom(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]),
            workingDirectory: "/", platformOptions: options, input: .inputWriter, output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            for try await line in execution.standardOutput.strings() { hear(line) }
        }
        return "\(result.terminationStatus)"
    }
}
