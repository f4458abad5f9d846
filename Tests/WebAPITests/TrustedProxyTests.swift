import Testing

@testable import WebAPI

@Suite("Trusted proxies")
struct TrustedProxyTests {
    @Test(
        "lists of addresses and ranges are read",
        arguments: [
            "", "127.0.0.1", "10.0.0.0/8, 192.168.0.0/16", "::1", "2001:db8::/32,10.1.2.3", "0.0.0.0/0", "::/0",
        ])
    func lists(list: String) { #expect(TrustedProxies(list) != nil) }

    @Test(
        "what is no address is refused",
        arguments: [
            "proxy", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/", "1.2.3.4 5",
            "10.0.0.0/+8",
        ])
    func badLists(list: String) { #expect(TrustedProxies(list) == nil) }

    @Test(
        "the client is the right-most address that is no proxy's",
        arguments: [
            // peer, header, client
            ("203.0.113.1", ["198.51.100.7"], "203.0.113.1"), ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["1.1.1.1", "198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"), ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", [""], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.7, unknown"], "10.0.0.1"), ("10.0.0.1", ["198.51.100.7,"], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100 .7"], "10.0.0.1"),
            ("10.0.0.1", ["junk, 198.51.100.7"], "198.51.100.7"), ("10.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
            ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"), ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
            ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"), ("fd00::1", ["198.51.100.7"], "198.51.100.7"),
            // A comma behind a letter that takes to the next sign, or beneath a mark, is one.
            ("10.0.0.1", ["[1.1.1.1]\u{D4E}, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["1.1.1.1:1\u{600}, 198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["1.1.1.1\u{D4E},198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["1.1.1.1,\u{301} 198.51.100.7"], "10.0.0.1"),
            ("10.0.0.1", ["[1.1.1.1]x, 10.0.0.2"], "10.0.0.2"), ("10.0.0.1", ["1.1.1.1:x"], "10.0.0.1"),
            ("fe00::1", ["198.51.100.7"], "fe00::1"), ("local", ["198.51.100.7"], "local"),
        ] as [(String, [String], String)])
    func client(peer: String, header: [String], client: String) throws {
        let proxies = try #require(TrustedProxies("10.0.0.0/8, fd00::/8"))
        #expect(proxies.client(peer: peer, forwardedFor: header) == client)
    }

    @Test("nobody is trusted unless told so")
    func none() {
        #expect(TrustedProxies.none.client(peer: "127.0.0.1", forwardedFor: ["198.51.100.7"]) == "127.0.0.1")
    }

    @Test(
        "a range ends where its bits end",
        arguments: [("10.0.0.127", true), ("10.0.0.128", false), ("10.0.1.0", false)])
    func bits(address: String, isTrusted: Bool) throws {
        #expect(try #require(TrustedProxies("10.0.0.0/25")).trusts(address) == isTrusted)
    }
}
