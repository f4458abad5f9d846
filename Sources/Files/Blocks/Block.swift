import Features
import Kernel

/// What can be kept out of the instance, as it stands in the addresses of the routes.
package enum BlockKind: String, CaseIterable, Sendable {
    case address = "blocked-ips"
    case username = "banned-usernames"
    case hash = "blocked-hashes"

    /// The form in which a value is compared.
    /// - Throws: `.invalidInput`.
    package func normalised(_ text: String) throws(APIError) -> String {
        switch self {
        case .address:
            guard !text.contains(","), AddressRanges(text) != nil else {
                throw .invalidInput("value", "must be an IP address or a CIDR range")
            }
            return text.lowercased()
        case .username:
            let isPattern = text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "*") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            guard isPattern, text.contains(where: { $0 != "*" }) else {
                throw .invalidInput("value", "must be a user name, in which * stands for anything")
            }
            return NameRules.key(text)
        case .hash:
            guard text.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw .invalidInput("value", "must be a SHA-256 hash in hexadecimal")
            }
            return text.lowercased()
        }
    }
}

/// Something that administrators keep out.
package struct Block: JSONObjectEncodable {
    package struct Draft: Sendable {
        package let value: String
        package let reason: String?
        package let expiresAt: Timestamp?

        package init(value: String, reason: String?, expiresAt: Timestamp?) {
            self.value = value
            self.reason = reason
            self.expiresAt = expiresAt
        }
    }

    package let value: String
    package let reason: String?
    package let createdBy: UserID
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?

    package init(value: String, reason: String?, createdBy: UserID, createdAt: Timestamp, expiresAt: Timestamp?) {
        self.value = value
        self.reason = reason
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    package static let shape = JSONShape<Block>(
        "Block",
        .field("value", \.value),
        .field("reason", \.reason),
        .field("created_by", \.createdBy),
        .field("created_at", \.createdAt),
        .field("expires_at", \.expiresAt))
}

/// Patterns in which `*` stands for anything.
enum Glob {
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last else { return false }
        guard parts.count > 1 else { return pattern == text }
        guard text.hasPrefix(first), text.count >= first.count + last.count, text.hasSuffix(last) else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
