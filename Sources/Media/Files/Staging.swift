import Crypto
import Foundation
import NIOCore

/// The folder for files on their way: what is being received, and what tools make of it. It belongs to one process and is
/// emptied when that starts.
public struct Staging: Sendable {
    public let folder: String

    /// Makes the folder and removes what a crash has left in it.
    public init(folder: String) throws {
        // Tools take relative names for something else: vipsthumbnail begins at the folder of the picture.
        let folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        self.folder = folder
        try BlockingFile.makeFolder(folder)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Removes what processes have left that did not come back for a day.
    /// - Parameter folder: in which each has a folder of its own.
    public static func removeAbandoned(in folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = "\(folder)/\(name)"
            // Another process may have removed it meanwhile.
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                let changedAt = attributes[.modificationDate] as? Date, -changedAt.timeIntervalSinceNow > abandonment_s
            else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private static let abandonment_s = 86_400.0

    /// A file to be written.
    /// - Parameters:
    ///   - limit_bytes: one byte more is refused.
    ///   - suffix: what tools tell the type by, such as `.webp`.
    public func file(limit_bytes: Int, suffix: String = "") async throws -> StagedFile {
        let path = newPath(suffix: suffix)
        return try await BlockingFile.run { StagedFile(try BlockingFile.create(path), limit_bytes: limit_bytes) }
    }

    /// A name that is not taken, for what a tool writes.
    func newPath(suffix: String) -> String {
        "\(folder)/\(String(UInt64.random(in: .min ... .max), radix: 36))\(suffix)"
    }

    /// Takes over what a tool has written.
    func adopt(_ path: String) async throws -> ReceivedFile {
        try await BlockingFile.run {
            let file = try BlockingFile.open(path)
            var hash = SHA256()
            var size = 0
            while case let piece = try file.read(StagedFile.piece_bytes, at: size), piece.readableBytes > 0 {
                piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
                size += piece.readableBytes
            }
            return ReceivedFile(path: path, size_bytes: size, sha256: Hexadecimal.encode(hash.finalize()))
        }
    }
}

/// More came than is allowed.
public struct FileLimitExceeded: Error {
    public let limit_bytes: Int
}

/// A file that is being received. An actor, because its pieces are written and hashed in their order.
public actor StagedFile {
    /// What is gathered before a thread is asked to write it.
    static let piece_bytes = 128 * 1024

    private let file: BlockingFile
    private let limit_bytes: Int
    private var hash = SHA256()
    private var written = 0
    private var gathered = ByteBuffer()
    private var isFinished = false

    init(_ file: BlockingFile, limit_bytes: Int) {
        self.file = file
        self.limit_bytes = limit_bytes
    }

    deinit { if !isFinished { unlink(file.path) } }

    /// - Throws: `FileLimitExceeded`.
    public func write(_ bytes: ByteBuffer) async throws {
        var bytes = bytes
        guard written + gathered.readableBytes + bytes.readableBytes <= limit_bytes else {
            throw FileLimitExceeded(limit_bytes: limit_bytes)
        }
        gathered.writeBuffer(&bytes)
        if gathered.readableBytes >= Self.piece_bytes { try await flush() }
    }

    private func flush() async throws {
        let (file, piece, offset, earlier) = (file, gathered, written, hash)
        gathered = ByteBuffer()
        written += piece.readableBytes
        hash = try await BlockingFile.run {
            var hash = earlier
            piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            try file.write(piece, at: offset)
            return hash
        }
    }

    /// The whole file. It is removed with the last reference to the result, unless a store has taken it.
    public func finish() async throws -> ReceivedFile {
        try await flush()
        isFinished = true
        return ReceivedFile(path: file.path, size_bytes: written, sha256: Hexadecimal.encode(hash.finalize()))
    }
}

/// A file that is wholly here, under a temporary name.
public final class ReceivedFile: Sendable {
    public let path: String
    public let size_bytes: Int
    /// 64 hexadecimal digits.
    public let sha256: String

    init(path: String, size_bytes: Int, sha256: String) {
        self.path = path
        self.size_bytes = size_bytes
        self.sha256 = sha256
    }

    deinit { unlink(path) }

    /// The first bytes, at most `count`.
    public func head(_ count: Int) async throws -> ByteBuffer {
        let path = path
        return try await BlockingFile.run { try BlockingFile.open(path).read(count, at: 0) }
    }

    /// A part of it.
    public func pieces(_ range: Range<Int>) -> FilePieces { FilePieces(path: path, range: range) }

    public var pieces: FilePieces { pieces(0..<size_bytes) }
}

enum Hexadecimal {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
