import NIOHTTP1

/// What the parser lets through though it is no proper request. Whoever stands before us could understand it in another way,
/// so it is refused rather than guessed at.
enum RequestHeadRules {
    /// Says what is wrong with a head; nil when nothing is.
    static func flaw(in head: HTTPRequestHead) -> String? {
        let hosts = head.headers["host"]
        // RFC 9112, section 3.2.
        if hosts.count > 1 { return "has more than one Host" }
        if hosts.isEmpty, head.version != .http1_0 { return "has no Host" }
        if let host = hosts.first, !host.utf8.allSatisfy(isPartOfHost) { return "has a Host that is none" }
        // HTTP/1.0 has no transfer codings (RFC 9112, section 6.1), and no other than chunked is spoken here.
        let codings = head.headers["transfer-encoding"]
        if !codings.isEmpty {
            if head.version == .http1_0 { return "has a transfer coding in HTTP/1.0" }
            if codings.count > 1 || codings[0].lowercased() != "chunked" {
                return "has a transfer coding beside chunked"
            }
        }
        // Our parser and we must agree on whether another protocol follows.
        if head.headers.contains(name: "upgrade"),
            !head.headers["connection"].allSatisfy({ $0.utf8.allSatisfy(isPartOfTokens) })
        {
            return "has a Connection that is none"
        }
        // A tunnel (RFC 9110, section 9.3.6) is what proxies make; what follows would be no HTTP.
        if head.method == .CONNECT { return "asks for a tunnel" }
        return nil
    }

    /// A name, an IPv4 address, an IPv6 address in brackets, and a port (RFC 3986, section 3.2.2); no user, path or list.
    private static func isPartOfHost(_ byte: UInt8) -> Bool { hostBytes.contains(byte) }

    private static let hostBytes = visible(without: "/\\?#@,;\"<>{}^`|")

    /// Tokens with commas and spaces between them (RFC 9110, section 5.6.1).
    private static func isPartOfTokens(_ byte: UInt8) -> Bool { byte == 0x20 || tokenBytes.contains(byte) }

    private static let tokenBytes = visible(without: "\"(){}/:;<=>?@[\\]")

    private static func visible(without others: String) -> ByteSet {
        ByteSet((0x21..<0x7F).filter { !others.utf8.contains($0) })
    }
}

/// Some bytes of ASCII. Every byte of every request is looked up in such a set.
private struct ByteSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where byte < 128 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
    }

    func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<64: low >> UInt64(byte) & 1 == 1
        case 64..<128: high >> UInt64(byte - 64) & 1 == 1
        default: false
        }
    }
}
