import HTTPTypes
import Hummingbird
import NIOCore

/// A file that is sent while it is read. Browsers store it, and never show it as a page of the server.
public struct Download: Sendable {
    let response: Response

    /// - Parameters:
    ///   - filename: of ASCII letters, digits, `.` and `-`.
    ///   - pieces: the content, `size_bytes` in all.
    public init(
        contentType: String, filename: String, size_bytes: Int,
        pieces: some AsyncSequence<[UInt8], any Error> & Sendable
    ) {
        response = Response(
            status: .ok,
            headers: [
                .contentType: contentType, .contentDisposition: "attachment; filename=\"\(filename)\"",
            ],
            body: ResponseBody(contentLength: size_bytes) { writer in
                for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            })
    }
}
