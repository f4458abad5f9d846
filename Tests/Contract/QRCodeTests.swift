import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("QR codes over HTTP")
struct QRCodeTests {
    @Test("a code is a PNG or an SVG of the size that was asked for", arguments: DatabaseKind.allCases)
    func formats(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let png = try await server.send(.GET, "/qr?data=otpauth%3A%2F%2Ftotp%2Fa%3Fsecret%3DAB")
            #expect(png.status == 200)
            #expect(png.headers["content-type"] == ["image/png"])
            #expect(png.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            #expect(png.body[16..<24].elementsEqual([0, 0, 1, 0, 0, 0, 1, 0]))
            #expect(png.headers["cache-control"] == ["no-store"], "a secret may be in it")
            let svg = try await server.send(.GET, "/qr?data=x&format=svg&size=64")
            #expect(svg.headers["content-type"] == ["image/svg+xml"])
            #expect(svg.text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"64\""))
            #expect(svg.headers["content-security-policy"] == ["default-src 'none'; frame-ancestors 'none'"])
        }
    }

    @Test("odd wishes are refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let long = String(repeating: "%F0%9F%90%A6", count: 999)
            let queries = [
                "", "data=", "data=x&size=63", "data=x&size=1025", "data=x&format=gif", "data=x&size=1e2",
                "data=\(long)",
            ]
            for query in queries {
                let outcome = try await server.outcome(.GET, "/qr?\(query)")
                #expect(outcome == "400 Invalid input", "\(query.prefix(40))")
            }
        }
    }
}
