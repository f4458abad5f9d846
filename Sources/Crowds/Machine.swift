import Foundation

/// The machine that was measured on.
package struct Machine {
    package let lines: [(String, String)]

    package static func describe() -> Machine {
        let cpu = file("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let memory = file("/proc/meminfo").split(separator: "\n").first.map {
            $0.split(whereSeparator: \.isWhitespace).dropFirst().joined(separator: " ")
        }
        return Machine(lines: [
            ("processor", cpu ?? "unknown"), ("cores", String(ProcessInfo.processInfo.activeProcessorCount)),
            ("memory", memory ?? "unknown"),
            ("kernel", file("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines)),
            ("load at the start", file("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: ", ")),
            ("date", Date().formatted(.iso8601.year().month().day())),
        ])
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
