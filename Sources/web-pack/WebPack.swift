import CZlib
import Foundation

/// Writes the files of a folder, bundled and compressed with gzip, as a Swift source:
///
///     web-pack FOLDER OUTPUT
///
/// The bytes stand in string literals as base64, because the compiler takes minutes for arrays of that length.
@main
enum WebPack {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { throw Failure("usage: web-pack FOLDER OUTPUT") }
        let output = URL(filePath: arguments[2])
        let folder = output.deletingLastPathComponent().appending(path: "Web", directoryHint: .isDirectory)
        try copy(URL(filePath: arguments[1], directoryHint: .isDirectory), to: folder)
        try Bundle(folder: folder).make()
        let entries = try paths(in: folder).map { path in
            let bytes = try Data(contentsOf: folder.appending(path: path))
            guard let compressed = gzip(Array(bytes)) else { throw Failure("\(path) can't be compressed") }
            return "        (\"\(path)\", \(bytes.count), \"\(Data(compressed).base64EncodedString())\"),"
        }
        let source = """
            /// The files of the web client, made by `web-pack`.
            enum PackedFiles {
                static let all: [(path: StaticString, size_bytes: Int, gzip: StaticString)] = [
            \(entries.joined(separator: "\n"))
                ]
            }

            """
        try Data(source.utf8).write(to: output)
    }

    private static func copy(_ source: URL, to copy: URL) throws {
        if FileManager.default.fileExists(atPath: copy.path()) { try FileManager.default.removeItem(at: copy) }
        try FileManager.default.createDirectory(
            at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: source, to: copy)
    }

    static func paths(in folder: URL) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
        return try names.filter { name in
            let kind = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path())[.type]
            return kind as? FileAttributeType == .typeRegular
        }.sorted()
    }

    /// RFC 1952, at the highest level: it is done once and sent often.
    private static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        var (stream, input) = (z_stream(), bytes)
        guard
            deflateInit2_(
                &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(input.count)))
        return input.withUnsafeMutableBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: bound) { target, count in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(bound)
                count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
