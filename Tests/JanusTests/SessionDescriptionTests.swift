@testable import Janus
import Testing

@Suite("Descriptions of media")
struct SessionDescriptionTests {
    /// What a browser says, in short.
    static func offer(_ lines: [String] = [], sections: [String] = [audio()]) -> String {
        let session = [
            "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))",
        ]
        return (session + lines + sections).map { $0 + "\r\n" }.joined()
    }

    static func audio(mid: String = "0", direction: String = "sendonly", port: Int = 9) -> String {
        ["m=audio \(port) UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:\(mid)", "a=\(direction)"]
            .joined(separator: "\r\n")
    }

    static func video(mid: String = "1") -> String {
        ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:\(mid)", "a=sendrecv"].joined(separator: "\r\n")
    }

    @Test("media sections are read with what they are and whether something is sent in them")
    func sections() throws {
        let description = try SessionDescription(
            Self.offer(sections: [Self.audio(), Self.video(), Self.audio(mid: "2", direction: "inactive")]))
        #expect(description.sections.map(\.mid) == ["0", "1", "2"])
        #expect(description.sections.map(\.medium) == [.audio, .video, .audio])
        #expect(description.sections.map(\.isSent) == [true, true, false])
        let rejected = try SessionDescription(Self.offer(sections: [Self.audio(port: 0)]))
        #expect(!rejected.sections[0].isSent)
    }

    @Test("of the fingerprints only the one of SHA-256 goes on")
    func fingerprints() throws {
        let description = try SessionDescription(Self.offer(["a=fingerprint:sha-512 AB", "a=fingerprint:sha-1 AB"]))
        #expect(description.text.contains("a=fingerprint:sha-256 AB:AB"))
        #expect(!description.text.contains("sha-512") && !description.text.contains("sha-1 "))
    }

    @Test(
        "what is no description of media is refused",
        arguments: [
            "", "v=1", "hello", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n",
            offer(sections: ["m=audio 9 UDP/TLS/RTP/SAVPF 111"]), offer(sections: ["m=text 9 RTP 1\r\na=mid:0"]),
            offer(sections: ["m=audio"]), offer(sections: ["m="]), offer(sections: [audio(), audio()]),
            offer(sections: [audio(mid: "")]), offer(sections: [audio(mid: String(repeating: "m", count: 33))]),
            offer(sections: (0..<200).map { audio(mid: "\($0)") }), offer(["a=\u{0}"]),
            offer(["a=" + String(repeating: "x", count: 3000)]), offer(Array(repeating: "a=x", count: 2000)),
            offer(Array(repeating: "a=candidate:1 1 udp 1 192.0.2.1 9 typ host", count: 65)),
            offer([String(repeating: "a=x\r\n", count: 8000)]),
        ])
    func refusals(text: String) {
        #expect(throws: SessionDescription.Flaw.self) { try SessionDescription(text) }
    }

    @Test("candidates go on but for those of the server's own machine, of a wire and of many")
    func candidates() throws {
        let asked = ["192.0.2.7", "10.1.2.3", "2001:db8::7", "device.local"]
        let refused = [
            "127.0.0.1", "127.255.0.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::1", "::",
            "fe80::1", "ff02::1", "::ffff:127.0.0.1", "localhost", "1.2.3", "1.2.3.4.5", "2130706433", "",
        ]
        for address in asked { #expect(ICECandidate.mayBeAsked("candidate:1 1 udp 1 \(address) 9 typ host")) }
        for address in refused { #expect(!ICECandidate.mayBeAsked("candidate:1 1 udp 1 \(address) 9 typ host")) }
        for odd in [
            "candidate:1 1 tcp 1 192.0.2.7 9 typ host", "candidate:1 1 udp 1 192.0.2.7 0 typ host",
            "candidate:1 1 udp 1 192.0.2.7 99999 typ host", "192.0.2.7", "candidate:",
        ] { #expect(!ICECandidate.mayBeAsked(odd)) }
        let description = try SessionDescription(
            Self.offer((asked + refused.dropLast()).map { "a=candidate:1 1 udp 1 \($0) 9 typ host" }))
        #expect(description.candidateAddresses == asked)
    }

    @Test("a media server that is reached from outside asks nobody within its own network")
    func inner() throws {
        let inner = ["10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.1.1", "100.64.0.1", "fd00::7", "FC00::1"]
        let outer = ["192.0.2.7", "172.32.0.1", "100.128.0.1", "2001:db8::7"]
        let description = try SessionDescription(
            Self.offer((inner + outer).map { "a=candidate:1 1 udp 1 \($0) 9 typ host" }))
        #expect(description.asked(from: "198.51.100.1").candidateAddresses == outer)
        #expect(description.asked(from: "10.0.0.1").candidateAddresses == inner + outer)
        for address in inner {
            let candidate = "candidate:1 1 udp 1 \(address) 9 typ host"
            #expect(!ICECandidate.mayBeAsked(candidate, from: "198.51.100.1"))
            #expect(ICECandidate.mayBeAsked(candidate, from: "192.168.0.2"))
        }
    }
}
