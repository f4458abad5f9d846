import Foundation

/// The machine that was measured on.
package struct Machine {
    package let lines: [(String, String)]

    /// - Parameter folder: whose disk counts, if any.
    package static func describe(storing folder: String? = nil) -> Machine {
        let cpu = file("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let memory = file("/proc/meminfo").split(separator: "\n").first.map {
            $0.split(whereSeparator: \.isWhitespace).dropFirst().joined(separator: " ")
        }
        let disk = folder.map { [("disk", self.disk(of: $0))] } ?? []
        return Machine(
            lines: disk + [
                ("processor", cpu ?? "unknown"), ("cores", String(ProcessInfo.processInfo.activeProcessorCount)),
                ("memory", memory ?? "unknown"),
                ("kernel", file("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)),
                ("load at the start", file("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: ", ")),
                ("date", Date().formatted(.iso8601.year().month().day())),
            ])
    }

    /// The file system that a folder is on, as `ext4 on /dev/sda1`.
    private static func disk(of folder: String) -> String {
        let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let mounts = file("/proc/self/mounts").split(separator: "\n").map { $0.split(separator: " ") }
        let holding = mounts.filter { mount in
            mount.count > 2 && (mount[1] == "/" || path == mount[1] || path.hasPrefix(mount[1] + "/"))
        }
        // The last one that is mounted on a place hides those before it.
        return holding.enumerated().max { ($0.element[1].count, $0.offset) < ($1.element[1].count, $1.offset) }
            .map { "\($0.element[2]) on \($0.element[0])" } ?? "unknown"
    }

    private static func file(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}

extension Double {
    /// As many digits as are worth reading.
    package var short: String {
        if self >= 1000 {
            return Int(rounded()).formatted(.number.grouping(.automatic).locale(Locale(identifier: "en")))
        }
        return ((self * 100).rounded() / 100).formatted(.number.locale(Locale(identifier: "en")))
    }
}
