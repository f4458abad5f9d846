import Client
import Kernel
import NIOHTTP1
import NIOWebSocket
import TestDatabase
import TestPrograms
import Testing

@Suite("Hostile frames")
struct HostileFrameTests {
    private static let fields = [
        "token", "session_id", "seq", "status", "server_id", "guild_id", "channel_id", "query", "limit", "user_ids",
        "presences", "nonce", "intents", "shard", "compress", "client_version", "op", "d",
    ]

    /// As JSON text, so that also numbers are among them that no type of ours can hold.
    private static let values = [
        "null", "true", "-1", "0", "-0", "0.5", "1e300", "1e-400", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999999999999", "\"\"", "\"9223372036854775808\"", "[]", "{}",
        "[[]]",
        "[0,0]", "[-1,1]", "[9223372036854775807,1]", "[1,9223372036854775807]", "{\"a\":{\"b\":{}}}",
    ]

    private static func quoted(_ text: String) -> String {
        String(decoding: JSON.string(text).jsonBytes, as: UTF8.self)
    }

    /// A frame of which some things fit.
    private static func frame(_ hostile: inout HostileText, _ known: [String]) -> String {
        let value = { (hostile: inout HostileText) -> String in
            switch Int.random(in: 0..<4, using: &hostile) {
            case 0: known.randomElement(using: &hostile) ?? "null"
            case 1: quoted(hostile.text())
            default: values.randomElement(using: &hostile) ?? "null"
            }
        }
        let op = Bool.random(using: &hostile) ? String(Int.random(in: -1...45, using: &hostile)) : value(&hostile)
        let members = fields.filter { _ in Int.random(in: 0..<3, using: &hostile) == 0 }.map {
            "\"\($0)\":\(value(&hostile))"
        }
        let data = Int.random(in: 0..<4, using: &hostile) == 0 ? value(&hostile) : "{\(members.joined(separator: ","))}"
        return "{\"op\":\(op),\"d\":\(data),\"s\":\(value(&hostile))}"
    }

    @Test("no frame ends the server, or is a fault of it", .byChance, arguments: DatabaseKind.allCases)
    func frames(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await TestServer.with(kind) { server in
            var hostile = HostileText(seed: seed)
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let known = [alice.token, nest.id, nest.general, alice.id].map(Self.quoted)
            var closings: [Int: Int] = [:]
            for round in 0..<150 {
                let socket = try await GatewaySocket.open(port: server.port)
                if round % 3 > 0 {
                    try await socket.send(["op": 2, "d": ["token": .string(alice.token)]])
                }
                // Sending fails once the server has closed, which is its right.
                for _ in 0..<6 {
                    let text = Self.frame(&hostile, known)
                    guard (try? await socket.send(text: text)) != nil else { break }
                    if Int.random(in: 0..<20, using: &hostile) == 0 {
                        guard (try? await socket.send(.text, hostile.bytes(like: Array(text.utf8)))) != nil else {
                            break
                        }
                    }
                }
                _ = try? await socket.send(["op": 99, "d": .null])
                let code = try await socket.closed().code
                closings[code, default: 0] += 1
                #expect(code != 4000, "seed \(seed), round \(round)")
            }
            #expect(closings.count > 2, "seed \(seed): \(closings)")
            #expect(try await alice.outcome(.GET, "/users/@me") == "200", "seed \(seed)")
        }
    }
}
