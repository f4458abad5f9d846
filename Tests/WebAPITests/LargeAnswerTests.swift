import Hummingbird
import Kernel
import NIOCore
import Testing

@testable import WebAPI

@Suite("Large answers")
struct LargeAnswerTests {
    private static func response(_ answers: LargeAnswers, _ size_mib: Int, _ user: UserID) throws -> Response {
        let bytes = ByteBuffer(repeating: 0x20, count: size_mib << 20)
        return try answers.countedIfThereIsRoom(response(bytes), bytes, for: user)
    }

    private static func response(_ bytes: ByteBuffer) -> Response {
        Response(status: .ok, body: ResponseBody(byteBuffer: bytes))
    }

    @Test("one account leaves only so much lying; what was taken or given up counts no more")
    func bound() async throws {
        let (answers, alice, bob) = (LargeAnswers(), UserID(rawValue: 1), UserID(rawValue: 2))
        var lying = [try Self.response(answers, 8, alice), try Self.response(answers, 8, alice)]
        #expect(throws: APIError.self) { try Self.response(answers, 1, alice) }
        let told = ByteBuffer(repeating: 0x20, count: 1 << 20)
        _ = answers.counted(Self.response(told), told, for: alice)
        _ = try Self.response(answers, 8, bob)
        lying.removeLast()
        lying.append(try Self.response(answers, 8, alice))
        #expect(lying.count == 2)
        let collector = SizeCollector()
        try await lying[0].body.write(collector)
        #expect(collector.size_bytes == 8 << 20)
    }

    @Test("the largest is always to be had when nothing else lies about, and small ones do not count")
    func single() throws {
        let (answers, alice) = (LargeAnswers(), UserID(rawValue: 1))
        let large = try Self.response(answers, 40, alice)
        #expect(large.body.contentLength == 40 << 20)
        #expect(throws: APIError.self) { try Self.response(answers, 1, alice) }
        let small = ByteBuffer(string: "{}")
        _ = try answers.countedIfThereIsRoom(Self.response(small), small, for: alice)
    }
}

private final class SizeCollector: ResponseBodyWriter {
    var size_bytes = 0

    func write(_ part: ByteBuffer) async throws { size_bytes += part.readableBytes }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
