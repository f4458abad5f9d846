import Foundation
import Glibc
@testable import Janus
import Kernel
import Logging
import NIOPosix
import TestPrograms
import Testing

/// The real one.
@Suite("The media server", .serialized)
struct JanusServerTests {
    private static func with(_ body: (JanusServer) async throws -> Void) async throws {
        let installation = try #require(JanusServer.Installation())
        let place = try #require(JanusPlace(ports: 52_000...52_099))
        let server = JanusServer(
            installation, at: place, randomness: SystemRandomness(), on: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let keeping = Task { await server.keep() }
        do {
            try await body(server)
        } catch {
            keeping.cancel()
            throw error
        }
        keeping.cancel()
        await keeping.value
    }

    private static func run(of server: JanusServer, after number: Int = 0) async throws -> JanusServer.Run {
        try await eventually { server.run.map { $0.number > number } ?? false }
        return try #require(server.run)
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("it starts, opens rooms, takes who comes, and answers with its own address alone")
    func answering() async throws {
        try await Self.with { server in
            let room = try await Self.run(of: server).room("1", telling: { _ in }, logger: Self.logger)
            try await room.join("7", under: JanusRoom.Rule(silenced: ["mic"], isDeaf: false))
            #expect(await room.people == ["7"])
            let offer = try SessionDescription(SessionDescriptionTests.browserOffer)
            let answer = try SessionDescription(try await room.publish("7", offer, ["0": "mic"], attempt: 1))
            #expect(Set(answer.candidateAddresses) == [server.place.offered])
            #expect(answer.sections.map(\.mid) == ["0"])
            await #expect(throws: JanusError.closed) { try await room.publish("8", offer, ["0": "mic"], attempt: 1) }
            await #expect(throws: JanusError.closed) { try await room.publish("7", offer, ["0": "mic"], attempt: 0) }
            _ = try await room.publish("7", offer, ["0": "mic"], attempt: 2)
            try await room.add(
                candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host", mid: "0", line: 0, of: "7", to: .publishing)
            try await room.tend()
            #expect(await room.strangers == 0)
            await room.leave("7")
            #expect(await room.people.isEmpty)
            await room.end()
        }
    }

    @Test("it is there again each time that it dies")
    func dying() async throws {
        try await Self.with { server in
            var number = 0
            for _ in 0..<4 {
                let run = try await Self.run(of: server, after: number)
                let room = try await run.room("1", telling: { _ in }, logger: Self.logger)
                try await room.join("7", under: JanusRoom.Rule(silenced: [], isDeaf: false))
                number = run.number
                run.post.connection.close()
            }
            #expect(number == 4)
        }
    }
}

extension SessionDescriptionTests {
    /// An offer of a microphone, with keys that nobody has.
    static let browserOffer = [
        "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
        "a=msid-semantic: WMS s", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-options:trickle",
        "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))", "a=setup:actpass",
        "a=mid:0", "a=sendonly", "a=msid:s t", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1", "a=ssrc:1001 cname:c",
    ].map { $0 + "\r\n" }.joined()
}
