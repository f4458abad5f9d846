import Kernel

/// The reverse proxies whose word on where a request comes from is taken.
///
/// Everybody can send `X-Forwarded-For`. What counts is the part that the own proxies have added: read from the right, the
/// first address that is none of theirs is the client's.
public struct TrustedProxies: Sendable, Equatable {
    public static let none = TrustedProxies()

    private let ranges: AddressRanges

    private init() { ranges = .none }

    /// - Parameter list: addresses and CIDR ranges (RFC 4632), separated by commas. Nil is returned when one is neither.
    public init?(_ list: String) {
        guard let ranges = AddressRanges(list) else { return nil }
        self.ranges = ranges
    }

    /// The address of the client.
    /// - Parameters:
    ///   - peer: whom the connection is with.
    ///   - forwardedFor: the lines of `X-Forwarded-For`, in their order.
    public func client(peer: String, forwardedFor: [String]) -> String {
        guard trusts(peer) else { return peer }
        var client = peer
        // By bytes: a comma behind what a client has sent may be a part of a character.
        let hops = forwardedFor.joined(separator: ",").utf8
            .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        for hop in hops.reversed() {
            guard let address = Self.address(hop) else { return client }
            client = address
            if !trusts(address) { return client }
        }
        return client
    }

    public func trusts(_ address: String) -> Bool { ranges.contains(address) }

    /// An address of the header, which may come with a port: `192.0.2.1:80`, `[2001:db8::1]:80`.
    private static func address(_ hop: Substring.UTF8View) -> String? {
        guard hop.allSatisfy({ $0 < 0x80 }) else { return nil }
        var text = String(AddressRanges.trim(Substring(hop)))
        var port: Substring = ""
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            port = text[text.index(after: end)...]
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            port = text[colon...]
            text = String(text[..<colon])
        }
        guard port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy(\.isNumber) else { return nil }
        return AddressRanges.bytes(text) == nil ? nil : text
    }
}
