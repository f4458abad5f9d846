import Foundation
import Receiver

/// The CPU time that other processes of this machine have had.
package enum ProcessorTime {
    package struct Unreadable: Error {
        let process: Int32
    }

    /// Of a process with all its threads, those that have ended included.
    package static func seconds(of process: Int32) throws -> Double {
        let time_s = receiver_processor_time_s(process)
        guard time_s >= 0 else { throw Unreadable(process: process) }
        return time_s
    }

    /// Of a process, its children, and those of them that have ended.
    package static func seconds(ofFamily process: Int32) throws -> Double {
        let children = statuses().filter { $0.parent == process }
        let living = children.reduce(0) { $0 + ((try? seconds(of: $1.process)) ?? 0) }
        // What has ended is told in ticks of the kernel.
        let ended = status(of: process)?.endedChildren_ticks ?? 0
        return try seconds(of: process) + living + Double(ended) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How much of the machine was busy, whoever kept it so: of all its cores, since it started.
    package static func machine() -> (busy_ticks: Double, all_ticks: Double) {
        let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let numbers = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        guard numbers.count == 8 else { return (0, 0) }
        let all = numbers.reduce(0, +)
        // The fourth and the fifth are idle, and idle while a disk is waited for.
        return (all - numbers[3] - numbers[4], all)
    }

    private struct Status {
        let process: Int32
        let parent: Int32
        let endedChildren_ticks: Int
    }

    private static func statuses() -> [Status] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap(status)
    }

    private static func status(of process: Int32) -> Status? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The name stands in parentheses, and may hold anything.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]), let user = Int(fields[13]), let system = Int(fields[14])
        else { return nil }
        return Status(process: process, parent: parent, endedChildren_ticks: user + system)
    }
}
