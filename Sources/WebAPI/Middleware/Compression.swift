import CZlib
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// Compresses answers with gzip (RFC 1952) for clients that ask for it, where it saves at least a packet.
struct Compression: RouterMiddleware {
    /// What fits into one TCP segment is not worth the work.
    static let smallest_bytes = 1400

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let length = response.body.contentLength, length >= Self.smallest_bytes,
            response.headers[.contentEncoding] == nil, Self.isText(response)
        else { return response }
        response.varies(with: "Accept-Encoding")
        guard Self.accepts(request.headers[.acceptEncoding]) else { return response }
        let collector = BodyCollector()
        try await response.body.write(collector)
        guard let compressed = Gzip.compress(collector.buffer.readableBytesView), compressed.count < length else {
            response.body = ResponseBody(byteBuffer: collector.buffer)
            return response
        }
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: compressed))
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = String(compressed.count)
        return response
    }

    /// What a text that is answered again and again was packed to; nil where it is sent as it is.
    static func pack(_ text: KeptText, for request: Request) -> [UInt8]? {
        guard text.bytes.count >= smallest_bytes, accepts(request.headers[.acceptEncoding]),
            let packed = text.packed(by: { Gzip.compress($0) }), packed.count < text.bytes.count
        else { return nil }
        return packed
    }

    /// Files are packed already, may be large, and can be asked for in part.
    private static func isText(_ response: Response) -> Bool {
        response.headers[.contentDisposition] == nil && response.headers[.acceptRanges] == nil
    }

    /// Whether `gzip` (or `*`) is listed with a quality above 0 (RFC 9110, section 12.5.3).
    static func accepts(_ header: String?) -> Bool {
        guard let header else { return false }
        let codings = header.lowercased().split(separator: ",").map { coding in
            let parts = coding.split(separator: ";").map { $0.filter { $0 != " " } }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (name: parts.first ?? "", quality: quality)
        }
        let chosen = codings.first { $0.name == "gzip" } ?? codings.first { $0.name == "*" }
        return (chosen?.quality ?? 0) > 0
    }
}

extension Response {
    /// Tells caches that the answer depends on a header of the request.
    mutating func varies(with header: String) {
        headers[.vary] = [headers[.vary], header].compactMap { $0 }.joined(separator: ", ")
    }
}

private final class BodyCollector: ResponseBodyWriter {
    var buffer = ByteBuffer()

    func write(_ part: ByteBuffer) async throws { buffer.writeImmutableBuffer(part) }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

enum Gzip {
    /// Nil when zlib refuses, which it does only for want of memory.
    static func compress(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        var stream = z_stream()
        // 15 + 16: the largest window, in a gzip wrapper. Level 4 is the knee of time against size for JSON.
        guard
            deflateInit2_(
                &stream, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var input = Array(bytes)
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
}
