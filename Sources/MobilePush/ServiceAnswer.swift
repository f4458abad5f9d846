import AsyncHTTPClient
import Kernel
import NIOCore
import NIOHTTP1

/// What a service has answered, as far as it is read.
struct ServiceAnswer: Sendable {
    private static let maximum_bytes = 64 << 10
    private static let longestPause_s: Int64 = 3600

    let status: Int
    let retryAfter: Duration?
    let json: JSON?

    init(status: Int, retryAfter: Duration? = nil, json: JSON? = nil) {
        self.status = status
        self.retryAfter = retryAfter
        self.json = json
    }

    init(of response: HTTPClientResponse) async throws {
        let body = try await response.body.collect(upTo: Self.maximum_bytes)
        let pause = response.headers.first(name: "retry-after").flatMap { Int64($0) }
        self.init(
            status: Int(response.status.code),
            retryAfter: pause.map { .seconds(min(max($0, 0), Self.longestPause_s)) },
            json: JSON(text: String(buffer: body)))
    }
}
