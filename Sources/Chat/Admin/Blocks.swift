import Database
import Kernel
import NIOConcurrencyHelpers

/// What administrators keep out of the instance: addresses, user names, files.
final class Blocks: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case address = "blocked-ips"
        case username = "banned-usernames"
        case hash = "blocked-hashes"

        /// The form in which a value is compared.
        /// - Throws: `.invalidInput`.
        func normalised(_ text: String) throws(APIError) -> String {
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

    static let cap = Cap(
        "blocked addresses, names and files", per: .instance, 10_000, .refused(field: "value"), "of each kind")

    let parts: Parts
    private let log: AdminLog
    /// Asked for every request, so it is kept in memory. Nil: nothing is blocked.
    private let addresses = NIOLockedValueBox<AddressRanges?>(nil)

    init(parts: Parts, log: AdminLog) {
        self.parts = parts
        self.log = log
    }

    // MARK: Asking

    /// Whether requests from an address are refused.
    func isBlocked(address: String) -> Bool { addresses.withLockedValue { $0?.contains(address) ?? false } }

    /// Learns what another node, or the passing of time, may have changed.
    func refresh() async throws {
        let blocks = try await parts.database.read { tx in try BlockStore.blocks(.address, tx) }
        let list = blocks.map(\.value).joined(separator: ",")
        addresses.withLockedValue { $0 = list.isEmpty ? nil : AddressRanges(list) }
    }

    static func isBanned(username: String, _ tx: Transaction) throws -> Bool {
        let name = NameRules.key(username)
        return try BlockStore.blocks(.username, tx).contains { Glob.matches($0.value, name) }
    }

    // MARK: Changing

    func add(_ kind: Kind, _ draft: Block.Draft, by caller: Caller, from client: ClientInformation) async throws
        -> Block
    {
        let value = try kind.normalised(draft.value)
        if kind == .address, AddressRanges(value)?.contains(client.address) == true {
            throw APIError.invalidInput("value", "contains your own address")
        }
        let block = try await parts.database.write { tx in
            let block = Block(
                value: value, reason: draft.reason, createdBy: caller.user, createdAt: tx.now,
                expiresAt: draft.expiresAt)
            if try !BlockStore.has(value, kind, tx) { try Self.cap.requireRoom(try BlockStore.count(kind, tx)) }
            try BlockStore.set(block, kind, tx)
            try self.log.record(
                "\(kind.rawValue).add", value, changes: AuditChanges.between(nil, block), by: caller, tx)
            return block
        }
        try await refresh()
        return block
    }

    func remove(_ kind: Kind, _ value: String, by caller: Caller) async throws {
        let value = try kind.normalised(value)
        try await parts.database.write { tx in
            guard try BlockStore.delete(value, kind, tx) else { throw APIError.resourceNotFound }
            try self.log.record("\(kind.rawValue).remove", value, by: caller, tx)
        }
        try await refresh()
    }

}

struct Block: JSONObjectEncodable {
    struct Draft: Sendable {
        let value: String
        let reason: String?
        let expiresAt: Timestamp?
    }

    let value: String
    let reason: String?
    let createdBy: UserID
    let createdAt: Timestamp
    let expiresAt: Timestamp?

    static let shape = JSONShape<Block>(
        "Block",
        .field("value", \.value),
        .field("reason", \.reason),
        .field("created_by", \.createdBy),
        .field("created_at", \.createdAt),
        .field("expires_at", \.expiresAt))
}

enum BlockStore {
    private static let shape = RowShape<Block> { row in
        Block(
            value: row["value"], reason: row["reason"], createdBy: row["created_by"], createdAt: row["created_at"],
            expiresAt: row["expires_at"])
    }

    /// Those that hold now.
    static func blocks(_ kind: Blocks.Kind, _ tx: Transaction) throws -> [Block] {
        try tx.all(
            """
            SELECT \(shape.columns) FROM blocks
            WHERE kind = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY value
            """, [kind.rawValue, tx.now], as: shape)
    }

    /// Whether files of a content are kept out.
    static func isBlocked(hash: String, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            "SELECT 1 FROM blocks WHERE kind = $1 AND value = $2 AND (expires_at IS NULL OR expires_at > $3)",
            [Blocks.Kind.hash.rawValue, hash, tx.now])
    }

    static func has(_ value: String, _ kind: Blocks.Kind, _ tx: Transaction) throws -> Bool {
        try tx.exists("SELECT 1 FROM blocks WHERE kind = $1 AND value = $2", [kind.rawValue, value])
    }

    static func count(_ kind: Blocks.Kind, _ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM blocks WHERE kind = $1", [kind.rawValue]) { $0.int(0) } ?? 0
    }

    static func set(_ block: Block, _ kind: Blocks.Kind, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO blocks (kind, value, reason, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (kind, value) DO UPDATE SET reason = excluded.reason, expires_at = excluded.expires_at
            """,
            [kind.rawValue, block.value, block.reason, block.createdBy, block.createdAt, block.expiresAt])
    }

    static func delete(_ value: String, _ kind: Blocks.Kind, _ tx: Transaction) throws -> Bool {
        try tx.count("DELETE FROM blocks WHERE kind = $1 AND value = $2 RETURNING value", [kind.rawValue, value]) == 1
    }
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
