import Kernel
import Media
import WebAPI

extension Blob {
    /// The blob as a file for a client.
    package func served(by blobs: Blobs, filename: String?, caching: ServedFile.Caching) -> ServedFile {
        ServedFile(
            contentType: safeContentType, size_bytes: size_bytes, tag: sha256, filename: filename,
            disposition: type.isShownInline ? .inline : .attachment, caching: caching
        ) { range in try await blobs.content(of: self, range) }
    }

    /// What a browser would not show by itself it gets as bytes, with text as the one exception that it can't run.
    private var safeContentType: String {
        if type == .text { return "text/plain; charset=utf-8" }
        return type.isShownInline || type == .pdf ? type.name : MediaType.unknown.name
    }
}

extension Blobs {
    package func content(of blob: Blob, _ range: Range<Int>) async throws -> FileContent {
        let bytes = try await read(blob, range)
        return FileContent(pieces: bytes, descriptor: bytes.descriptor)
    }
}
