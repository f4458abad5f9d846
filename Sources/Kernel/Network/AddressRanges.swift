import Glibc

/// A set of IP addresses, told as addresses and ranges.
public struct AddressRanges: Sendable, Equatable {
    /// A network: all addresses that begin with the same bits. IPv4 addresses count as mapped ones (`::ffff:a.b.c.d`).
    private struct Network: Sendable, Equatable {
        let bytes: [UInt8]
        let length: Int

        func contains(_ address: [UInt8]) -> Bool {
            let (whole, rest) = (length / 8, length % 8)
            guard address[..<whole] == bytes[..<whole] else { return false }
            return rest == 0 || address[whole] >> (8 - rest) == bytes[whole] >> (8 - rest)
        }
    }

    public static let none = AddressRanges()

    private var networks: [Network] = []

    private init() {}

    /// - Parameter list: addresses and CIDR ranges (RFC 4632), separated by commas. Nil is returned when one is neither.
    public init?(_ list: String) {
        for item in list.split(separator: ",") {
            let parts = Self.trim(item).split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let bytes = Self.bytes(String(parts[0])) else { return nil }
            let isIPv4 = !parts[0].contains(":")
            let bits = isIPv4 ? 32 : 128
            let length = parts.count == 2 ? Self.number(parts[1]) : bits
            guard let length, (0...bits).contains(length) else { return nil }
            networks.append(Network(bytes: bytes, length: isIPv4 ? length + 96 : length))
        }
    }

    public func contains(_ address: String) -> Bool {
        guard !networks.isEmpty, let bytes = Self.bytes(address) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    public static func trim(_ text: Substring) -> Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let front = text.drop(while: isSpace)
        return front[..<(front.lastIndex { !isSpace($0) }.map(front.index(after:)) ?? front.startIndex)]
    }

    /// Digits only; `Int` would take a sign, too.
    private static func number(_ text: Substring) -> Int? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }

    /// The 16 bytes of an address.
    public static func bytes(_ text: String) -> [UInt8]? {
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        var four = in_addr()
        guard inet_pton(AF_INET, text, &four) == 1 else { return nil }
        return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + withUnsafeBytes(of: four) { Array($0) }
    }
}
