import Foundation
import NIOCore
import NIOPosix

import Glibc

/// A system call that failed, with what it was about.
public struct FileFailure: Error, CustomStringConvertible {
    public let call: String
    public let path: String
    public let code: CInt

    /// Whether there is no room for more, which ends when the operator makes some.
    public var isLackOfRoom: Bool { code == ENOSPC || code == EDQUOT }

    public var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }
}

/// An open file. Every call here waits for the disk, so it belongs on a thread of `BlockingFile.run`.
final class BlockingFile: Sendable {
    let path: String
    let descriptor: CInt

    private init(path: String, descriptor: CInt) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Runs what waits for the disk on a thread that is meant for that.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(body)
    }

    /// Makes a file that must not be there yet.
    static func create(_ path: String) throws -> BlockingFile {
        try opened(path, O_RDWR | O_CREAT | O_EXCL)
    }

    static func open(_ path: String) throws -> BlockingFile { try opened(path, O_RDONLY) }

    private static func opened(_ path: String, _ flags: CInt) throws -> BlockingFile {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFailure(call: "open", path: path, code: errno) }
        return BlockingFile(path: path, descriptor: descriptor)
    }

    func write(_ bytes: ByteBuffer, at offset: Int) throws {
        try bytes.withUnsafeReadableBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = pwrite(
                    descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written, offset + written)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileFailure(call: "write", path: path, code: errno)
                }
                written += count
            }
        }
    }

    /// At most `count` bytes; fewer only at the end of the file.
    func read(_ count: Int, at offset: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let start = buffer.readableBytes
            let added = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - start) { target in
                let added = pread(descriptor, target.baseAddress, count - start, offset + start)
                if added < 0, errno != EINTR { throw FileFailure(call: "read", path: path, code: errno) }
                return max(0, added)
            }
            if added == 0 { break }
        }
        return buffer
    }

    /// Returns once the content is on disk.
    func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw FileFailure(call: "sync", path: path, code: errno) }
    }

    func size() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure(call: "stat", path: path, code: errno) }
        return Int(status.st_size)
    }

    /// Gives a file another name, and returns once that is on disk.
    static func move(_ source: String, to target: String) throws {
        guard rename(source, target) == 0 else { throw FileFailure(call: "rename", path: target, code: errno) }
        try syncFolder(of: target)
    }

    /// Gives a file a second name in place of whatever had it, so that the first can be used again; where the file system
    /// knows no second names, the file is moved.
    /// - Parameter passing: a name that is free, on the same file system.
    static func link(_ source: String, to target: String, passing: String) throws {
        guard Glibc.link(source, passing) == 0 else { return try move(source, to: target) }
        do {
            try move(passing, to: target)
        } catch {
            unlink(passing)
            throw error
        }
        // Renaming one name of a file to another of the same file does nothing (rename(2)).
        unlink(passing)
    }

    /// - Returns: false when there was none.
    @discardableResult
    static func remove(_ path: String) throws -> Bool {
        if unlink(path) == 0 { return true }
        guard errno == ENOENT else { throw FileFailure(call: "unlink", path: path, code: errno) }
        return false
    }

    static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// A name is on disk only when its folder is.
    private static func syncFolder(of path: String) throws {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(call: "open", path: folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure(call: "sync", path: folder, code: errno) }
    }
}
