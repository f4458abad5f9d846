import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// A body that is read as it comes, and never whole in memory.
public struct RequestContent: Sendable {
    private let body: RequestBody
    /// What the client says; nil when it does not know.
    public let declared_bytes: Int?
    private let contentType: String?
    /// RFC 9530.
    public let contentDigest: String?

    init(_ request: Request) {
        body = request.body
        declared_bytes = request.headers[.contentLength].flatMap { Int($0) }
        contentType = request.headers[.contentType]
        contentDigest = request.headers[.contentDigest]
    }

    /// Hands over the bytes, one piece after the other.
    public func read(_ body: (ByteBuffer) async throws -> Void) async throws {
        for try await piece in self.body { try await body(piece) }
    }

    /// What a form had besides the bytes of its file.
    public struct Form: Sendable {
        public let fields: [String: String]
        /// Nil when the form had no file; a file without a name has an empty one.
        public let filename: String?
    }

    private static let longestField_bytes = 64 * 1024
    /// What surrounds a file in a form, generously.
    private static let formOverhead_bytes = 128 * 1024

    /// Reads a form with one file.
    /// - Parameters:
    ///   - names: what the file's field may be called.
    ///   - limit_bytes: what the file may have. What surrounds it may have a good deal more, but not without end.
    ///   - write: takes the file's bytes, one piece after the other.
    /// - Throws: `Invalid input` for what is no such form; `File too large`; what `write` throws.
    public func readForm(files names: Set<String>, limit_bytes: Int, _ write: (ByteBuffer) async throws -> Void)
        async throws -> Form
    {
        let type = HeaderParameters.parse(contentType ?? "")
        guard type.value == "multipart/form-data", let boundary = type.members["boundary"],
            (1...70).contains(boundary.utf8.count)
        else { throw APIError.malformed("must be multipart/form-data with a boundary") }
        var parser = MultipartParser(boundary: boundary)
        var form = FormReader(fileFields: names)
        let total_bytes = limit_bytes + Self.formOverhead_bytes
        guard declared_bytes ?? 0 <= total_bytes else { throw APIError.fileTooLarge(limit_bytes: limit_bytes) }
        var received_bytes = 0
        do {
            for try await piece in body {
                received_bytes += piece.readableBytes
                guard received_bytes <= total_bytes else { throw APIError.fileTooLarge(limit_bytes: limit_bytes) }
                for event in try parser.feed(piece) {
                    if let bytes = try form.take(event) { try await write(bytes) }
                }
            }
            try parser.finish()
        } catch let error as MultipartParser.Malformed {
            throw APIError.malformed(error.reason)
        }
        return Form(fields: form.fields, filename: form.filename)
    }

    /// Gathers the fields, and tells which bytes are the file's.
    private struct FormReader {
        let fileFields: Set<String>
        var fields: [String: String] = [:]
        var filename: String?
        private var part: MultipartHeader?
        private var text = ByteBuffer()

        init(fileFields: Set<String>) { self.fileFields = fileFields }

        private var isInFile: Bool { part.map { fileFields.contains($0.name) } ?? false }

        mutating func take(_ event: MultipartParser.Event) throws(APIError) -> ByteBuffer? {
            switch event {
            case .part(let header):
                part = header
                text = ByteBuffer()
                if isInFile {
                    guard filename == nil else { throw .invalidInput(header.name, "stands more than once in the form") }
                    filename = header.filename ?? ""
                }
            case .bytes(let bytes):
                if isInFile { return bytes }
                guard text.readableBytes + bytes.readableBytes <= RequestContent.longestField_bytes else {
                    throw .invalidInput(part?.name ?? "body", "is too long")
                }
                text.writeImmutableBuffer(bytes)
            case .partEnd:
                if let part, !isInFile { fields[part.name] = String(buffer: text) }
                part = nil
            case .end: break
            }
            return nil
        }
    }
}

extension HTTPField.Name {
    // The name is a valid token, so it is not nil.
    // swift-format-ignore: NeverForceUnwrap
    static let contentDigest = Self("Content-Digest")!
}
