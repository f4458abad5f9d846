import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// A file as it is given to a client: whole, in part, or not at all because the client has it (RFC 9110, sections 13 and 14).
public struct ServedFile: Sendable {
    /// Who may keep it, and for how long.
    public enum Caching: Sendable {
        /// Everybody, for so many seconds.
        case everybody(seconds: Int)
        /// Only the client itself.
        case client(seconds: Int)
        case nobody
    }

    public let contentType: String
    let size_bytes: Int
    let tag: String
    /// `Content-Disposition`.
    public let disposition: String
    let caching: Caching
    let content: @Sendable (Range<Int>) async throws -> FileContent

    /// - Parameters:
    ///   - tag: another one for another content.
    ///   - filename: what the client may store it under; nil when it is only to be shown.
    ///   - disposition: whether a browser may show it in place. It never runs anything that is in it either way.
    ///   - content: the bytes of a range.
    public init(
        contentType: String, size_bytes: Int, tag: String, filename: String?,
        disposition: ContentDisposition, caching: Caching,
        content: @escaping @Sendable (Range<Int>) async throws -> FileContent
    ) {
        self.contentType = contentType
        self.size_bytes = size_bytes
        self.tag = "\"\(tag)\""
        self.disposition = disposition.text(filename)
        self.caching = caching
        self.content = content
    }

    /// A small file that is here already.
    /// - Parameter filename: what the client stores it under; nil when it is only to be shown.
    public init(contentType: String, bytes: [UInt8], tag: String, filename: String? = nil, caching: Caching) {
        self.init(
            contentType: contentType, size_bytes: bytes.count, tag: tag, filename: filename,
            disposition: filename == nil ? .inline : .attachment, caching: caching
        ) { range in
            let pieces = AsyncStream<ByteBuffer> { continuation in
                continuation.yield(ByteBuffer(bytes: bytes[range]))
                continuation.finish()
            }
            return FileContent(pieces: pieces.failing)
        }
    }

    /// - Parameter channel: to which a file may go without being read here; nil when it has to be.
    /// - Throws: `Range not satisfiable`.
    func response(to request: Request, on channel: (any Channel)?) async throws -> Response {
        if Self.lists(request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: cacheHeaders)
        }
        let range = try range(request)
        var headers = cacheHeaders
        headers[.contentType] = contentType
        headers[.contentDisposition] = disposition
        headers[.acceptRanges] = "bytes"
        // Whatever it is, it runs nothing, asks for nothing and belongs to no origin.
        headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        headers[.crossOriginResourcePolicy] = "cross-origin"
        if let range { headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size_bytes)" }
        let wanted = range ?? 0..<size_bytes
        let status: HTTPResponse.Status = range == nil ? .ok : .partialContent
        guard request.method != .head, !wanted.isEmpty else {
            headers[.contentLength] = String(wanted.count)
            return Response(status: status, headers: headers)
        }
        // Asked for before the answer begins, so that a file that is not there can still become an error.
        let content = try await content(wanted)
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: wanted.count) { writer in
                if let channel, let descriptor = content.descriptor {
                    try await FileSender.send(descriptor, wanted, on: channel)
                } else {
                    try await Self.write(content.pieces, to: &writer)
                }
                try await writer.finish(nil)
            })
    }

    private static func write(
        _ content: some AsyncSequence<ByteBuffer, any Error>, to writer: inout any ResponseBodyWriter
    ) async throws {
        for try await piece in content { try await writer.write(piece) }
    }

    private var cacheHeaders: HTTPFields {
        var headers: HTTPFields = [.eTag: tag]
        switch caching {
        case .everybody(let seconds): headers[.cacheControl] = "public, max-age=\(seconds)"
        case .client(let seconds): headers[.cacheControl] = "private, max-age=\(seconds)"
        case .nobody: headers[.cacheControl] = "private, no-cache"
        }
        return headers
    }

    /// Nil: the whole file. Several ranges at once are answered with the whole file, as a server may.
    private func range(_ request: Request) throws -> Range<Int>? {
        // Parts are of what is sent, which HEAD asks for nothing of (RFC 9110, section 14.2).
        guard request.method == .get, let text = request.headers[.range], text.lowercased().hasPrefix("bytes=") else {
            return nil
        }
        if let condition = request.headers[.ifRange], condition != tag { return nil }
        let parts = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, !text.contains(",") else { return nil }
        switch (Self.number(parts[0]), Self.number(parts[1])) {
        case (let first?, let last):
            // Numbers may be as large as one likes, so nothing is added to them.
            let end = last.map { min($0, size_bytes - 1) } ?? size_bytes - 1
            guard first <= end else { throw APIError.rangeNotSatisfiable(size_bytes: size_bytes) }
            return first..<end + 1
        case (nil, let count?):
            guard count > 0, size_bytes > 0 else { throw APIError.rangeNotSatisfiable(size_bytes: size_bytes) }
            return size_bytes - min(count, size_bytes)..<size_bytes
        case (nil, nil): return nil
        }
    }

    private static func number(_ text: Substring) -> Int? {
        let text = text.filter { $0 != " " }
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text) ?? .max
    }

    static func lists(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        let tags = header.split(separator: ",").map { $0.filter { $0 != " " } }
        return tags.contains { $0 == "*" || $0 == tag || $0 == "W/\(tag)" }
    }
}

/// The bytes of a part of a file.
public struct FileContent: Sendable {
    /// The bytes, read as they are sent.
    public let pieces: any AsyncSequence<ByteBuffer, any Error> & Sendable
    /// Of the whole file, which `pieces` keeps open; nil when it is not here.
    public let descriptor: CInt?

    public init(pieces: any AsyncSequence<ByteBuffer, any Error> & Sendable, descriptor: CInt? = nil) {
        self.pieces = pieces
        self.descriptor = descriptor
    }
}

extension AsyncSequence where Self: Sendable, Element == ByteBuffer, Failure == Never {
    /// The same, as something that could fail.
    fileprivate var failing: any AsyncSequence<ByteBuffer, any Error> & Sendable {
        map { (piece) throws -> ByteBuffer in piece }
    }
}

/// `Content-Disposition` (RFC 6266), with the name in both spellings.
public enum ContentDisposition: String, Sendable {
    case inline
    case attachment

    func text(_ filename: String?) -> String {
        guard let filename, !filename.isEmpty else { return rawValue }
        let plain = String(
            filename.unicodeScalars.map { scalar in
                scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
                    && !"\"\\%".unicodeScalars.contains(scalar)
                    ? Character(scalar) : "_"
            })
        let extended = filename.utf8.map { byte in
            Self.isPlain(byte) ? String(UnicodeScalar(byte)) : "%" + Self.hexadecimal(byte)
        }.joined()
        return "\(rawValue); filename=\"\(plain)\"; filename*=UTF-8''\(extended)"
    }

    /// What RFC 8187 lets stand as it is.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

extension HTTPField.Name {
    // The name is a valid token, so it is not nil.
    // swift-format-ignore: NeverForceUnwrap
    static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
}
