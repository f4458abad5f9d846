import Kernel
import NIOCore
import TestPrograms
import Testing

@testable import WebAPI

/// A failed check of Swift's ends everybody's server, so these tests fail by ending.
@Suite("Hostile requests")
struct HostileRequestTests {
    private static let form = Array(
        """
        --B\r\nContent-Disposition: form-data; name="file"; filename*=UTF-8''a%CC%81.txt; filename="a\\"b.txt"\r\n\r\nhello\r\n--B--\r\n
        """.utf8)

    @Test("any form is taken apart or refused, in pieces of any size", arguments: [UInt64(1), 2, 3])
    func forms(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        for _ in 0..<1000 {
            var parser = MultipartParser(boundary: "B")
            var rest = hostile.bytes(like: Self.form)[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &hostile))
                rest = rest.dropFirst(piece.count)
                guard (try? parser.feed(ByteBuffer(bytes: piece))) != nil else { break }
            }
            try? parser.finish()
        }
    }

    @Test("any header and query is read", arguments: [UInt64(1), 2, 3])
    func headers(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        for _ in 0..<2000 {
            let text = hostile.text()
            _ = HeaderParameters.parse(text)
            _ = HeaderParameters.extended("utf-8''" + text)
            _ = MultipartHeader("Content-Disposition: form-data; name=\"" + text)
            _ = QueryText.parameters(of: text)
            _ = Rate(text)
            _ = TrustedProxies("127.0.0.1")?.client(peer: "127.0.0.1", forwardedFor: [text, hostile.text()])
        }
    }
}
