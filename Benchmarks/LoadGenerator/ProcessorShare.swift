import Foundation

/// A bound on what a process takes of the processors, as if it had a small machine of its own: a control group of the kernel
/// (https://docs.kernel.org/admin-guide/cgroup-v2.html, and version 1 where that is mounted). Needs root.
struct ProcessorShare {
    private static let period_us = 10_000

    private let folder: URL

    /// Whether this machine lets us make one.
    static var isPossible: Bool { root.map { FileManager.default.isWritableFile(atPath: $0.folder.path) } ?? false }

    /// - Parameter cores: of one processor, such as 0.4.
    init(_ cores: Double, of process: Int32) throws {
        guard let root = Self.root else { throw CocoaError(.featureUnsupported) }
        folder = root.folder.appending(path: "aviary-bench-\(process)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let quota_us = Int(cores * Double(Self.period_us))
        if root.isUnified {
            try write("\(quota_us) \(Self.period_us)", to: "cpu.max")
        } else {
            try write("\(Self.period_us)", to: "cpu.cfs_period_us")
            try write("\(quota_us)", to: "cpu.cfs_quota_us")
        }
        try write("\(process)", to: "cgroup.procs")
    }

    /// To be called when the process has ended; else the group stays until the machine is started again.
    func end() { rmdir(folder.path) }

    private static var root: (folder: URL, isUnified: Bool)? {
        let place = URL(fileURLWithPath: "/sys/fs/cgroup")
        let handedOn = try? String(contentsOf: place.appending(path: "cgroup.subtree_control"), encoding: .utf8)
        if let handedOn { return handedOn.split(separator: " ").contains { $0.hasPrefix("cpu") } ? (place, true) : nil }
        let first = place.appending(path: "cpu")
        return FileManager.default.fileExists(atPath: first.path) ? (first, false) : nil
    }

    /// Not at once in place of the old file, as files are written elsewhere: these are no files.
    private func write(_ text: String, to name: String) throws {
        let file = try FileHandle(forWritingTo: folder.appending(path: name))
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}
