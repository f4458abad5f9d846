import CArchive

/// Makes a ZIP archive, piece by piece, with libarchive.
public final class ZIPWriter {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What libarchive has written and nobody has taken yet.
    private final class Sink {
        var bytes: [UInt8] = []
    }

    private let archive: OpaquePointer
    private let sink = Sink()
    /// Seconds since the Unix epoch, for all files.
    private let modifiedAt: Int

    /// - Throws: `Failure` when there is no memory.
    public init(modifiedAt: Int) throws {
        guard let archive = archive_write_new() else { throw Failure(description: "no archive can be made") }
        self.archive = archive
        self.modifiedAt = modifiedAt
        try check(archive_write_set_format_zip(archive))
        try check(archive_write_set_bytes_per_block(archive, 0))
        // libarchive is used while this object lives, and the sink is its own.
        let context = Unmanaged.passUnretained(sink).toOpaque()
        let result = archive_write_open(
            archive, context, nil,
            { _, context, bytes, count in
                guard let context, let bytes else { return -1 }
                let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                sink.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
                return count
            }, nil)
        try check(result)
    }

    deinit { archive_write_free(archive) }

    /// Adds a file.
    public func add(_ path: String, _ bytes: [UInt8]) throws {
        try begin(path, size_bytes: bytes.count)
        try write(bytes)
        try end()
    }

    /// Begins a file, whose bytes come with `write`.
    public func begin(_ path: String, size_bytes: Int) throws {
        guard let entry = archive_entry_new() else { throw Failure(description: "no entry can be made") }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname_utf8(entry, path)
        archive_entry_set_size(entry, Int64(size_bytes))
        archive_entry_set_filetype(entry, UInt32(S_IFREG))
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_mtime(entry, modifiedAt, 0)
        try check(archive_write_header(archive, entry))
    }

    /// Adds bytes to the file that was begun.
    public func write(_ bytes: [UInt8]) throws {
        let written = bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw failure }
    }

    /// Ends the file that was begun.
    public func end() throws { try check(archive_write_finish_entry(archive)) }

    /// What was made since it was last asked for.
    public func take() -> [UInt8] {
        defer { sink.bytes = [] }
        return sink.bytes
    }

    /// Writes the directory at the end; nothing can be added after it.
    public func finish() throws { try check(archive_write_close(archive)) }

    private func check(_ result: CInt) throws {
        guard result == ARCHIVE_OK || result == ARCHIVE_WARN else { throw failure }
    }

    private var failure: Failure {
        Failure(
            description: archive_error_string(archive).map { String(cString: $0) } ?? "the archive can't be written")
    }
}
