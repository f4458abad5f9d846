import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Voice channels through the media server, the real one. What is heard by it is tried in Tests/Voice and in browsers.
@Suite("Voice channels through the media server")
struct VoiceForwardingTests {
    private typealias Speaker = VoiceTests.Speaker

    private static let settings = ["voice.sfu": "auto", "voice.ports": "53000-53099", "media.shared_folder": "true"]

    /// An offer of a microphone, with keys that nobody has.
    private static let offer = [
        "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
        "a=msid-semantic: WMS s", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-options:trickle",
        "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))", "a=setup:actpass",
        "a=mid:0", "a=sendonly", "a=msid:s t", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1", "a=ssrc:1001 cname:c",
    ].map { $0 + "\r\n" }.joined()

    private static func signal(_ speaker: Speaker, _ changes: [String: JSON] = [:]) -> [String: JSON] {
        [
            "channel_id": .string(speaker.channel), "pc": "pub", "sdp": .string(offer), "generation": 1,
            "streams": [["mid": "0", "kind": "mic"]],
        ].merging(changes) { $1 }
    }

    /// Takes a place, opens the media, and offers a microphone.
    /// - Returns: how the server is reached, and its answer.
    private static func publishes(_ speaker: Speaker) async throws -> (update: JSON, answer: JSON) {
        try await speaker.says(op: 4, ["channel_id": .string(speaker.channel)])
        try await speaker.says(op: 20, ["channel_id": .string(speaker.channel), "device_id": "phone"])
        let update = try await speaker.listener.awaits("VOICE_SERVER_UPDATE")["d"] ?? .null
        try await speaker.says(op: 22, signal(speaker))
        return (update, try await speaker.listener.next(op: 23)["d"] ?? .null)
    }

    @Test("who joins is told of the server, and what they offer is answered by it", arguments: DatabaseKind.allCases)
    func publishing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.settings) { server in
            let (alice, bob, _) = try await VoiceTests.pair(server)
            for speaker in [alice, bob] {
                let (update, answer) = try await Self.publishes(speaker)
                #expect(update["mode"] == "sfu" && update["channel_id"] == .string(speaker.channel))
                #expect(answer["pc"] == "pub" && answer["generation"] == 1)
                #expect(answer["sdp"]?.string?.contains("a=mid:0") == true)
            }
            let info = try await bob.person.does(.GET, "/voice/channels/\(bob.channel)/info")
            #expect(info["mode"] == "sfu")
            let capabilities = try await bob.person.does(.GET, "/capabilities")
            #expect(capabilities["voice"]?["mode"] == "sfu")
            for candidate: JSON in ["candidate:1 1 udp 1 127.0.0.1 9 typ host", "", "nonsense"] {
                try await bob.says(
                    op: 24,
                    ["channel_id": .string(bob.channel), "pc": "pub", "candidate": candidate, "generation": 1])
            }
            // Nobody else's voice is taken for one's own, and what the server says is its own.
            for (changes, reason): ([String: JSON], String) in [
                (["pc": "sub"], "is offered by the server alone"), (["sdp": "v=0"], "fingerprint"),
                (["sdp": "nonsense"], "v=0"), (["streams": [["mid": "9", "kind": "mic"]]], "send nothing"),
                (["streams": [["mid": "0", "kind": "camera"]]], "can't be"),
                (["streams": [["mid": "0", "kind": "mic"], ["mid": "0", "kind": "mic"]]], "twice"),
            ] {
                try await bob.says(op: 22, Self.signal(bob, changes))
                let error = try await bob.listener.awaits("VOICE_ERROR")["d"] ?? .null
                #expect(error["code"] == 400)
                #expect(String(decoding: error.jsonBytes, as: UTF8.self).contains(reason))
            }
            try await bob.says(op: 23, Self.signal(bob))
            #expect(try await bob.listener.awaits("VOICE_ERROR")["d"]?["code"] == 400)
        }
    }

    @Test("whoever has not opened the media is not heard by the server", arguments: DatabaseKind.allCases)
    func strangers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.settings) { server in
            let (alice, bob, _) = try await VoiceTests.pair(server)
            _ = try await Self.publishes(alice)
            try await bob.says(op: 22, Self.signal(bob))
            #expect(try await bob.listener.awaits("VOICE_ERROR")["d"]?["code"] == 400, "without a place")
            try await bob.says(op: 4, ["channel_id": .string(bob.channel)])
            try await bob.says(op: 22, Self.signal(bob))
            #expect(try await bob.listener.awaits("VOICE_ERROR")["d"]?["code"] == 400, "without media")
        }
    }

    @Test("devices at another node speak to the server of the room's node")
    func nodes() async throws {
        try await TwoNodes.with(Self.settings) { first, second in
            let (alice, bob, _) = try await VoiceTests.pair(first)
            let (update, _) = try await Self.publishes(alice)
            #expect(update["mode"] == "sfu")
            let there = bob.person.on(second)
            let distant = Speaker(person: there, listener: try await there.listens(), channel: bob.channel)
            let (other, answer) = try await Self.publishes(distant)
            #expect(other["mode"] == "sfu" && other["channel_id"] == .string(bob.channel))
            #expect(answer["pc"] == "pub" && answer["sdp"]?.string?.contains("a=mid:0") == true)
        }
    }
}
