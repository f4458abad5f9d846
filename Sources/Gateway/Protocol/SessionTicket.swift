import Crypto
import Events
import Foundation
import Kernel

extension SessionShard {
    /// - Parameter json: as a client wrote it.
    init(_ json: JSON) throws(CloseReason) {
        guard let pair = json.array, pair.count == 2, let index = pair[0].integer.flatMap(UInt16.init(exactly:)),
            let count = pair[1].integer.flatMap(UInt16.init(exactly:)), index < count
        else { throw CloseReason(.invalidShard, "shard must be [index, count] with index below count") }
        self.init(index: index, count: count)
    }
}

/// What a `session_id` says: all that RESUME has to know of a session. It is signed and not stored, so any node can
/// take the session over, also after a restart.
struct SessionTicket: Sendable, Equatable {
    let user: UserID
    let login: SessionID
    let intents: Intents
    let shard: SessionShard?
    let issuedAt: Timestamp
    /// Of the log, in which the session was told positions; nil in tickets of the first version, which knew of none.
    let epoch: LogEpoch?

    private static let versionWithoutEpoch: UInt8 = 1
    private static let version: UInt8 = 2
    /// Half of the SHA-256 is more than anybody can guess (RFC 2104, section 5).
    private static let signature_bytes = 16
    private static let payloadWithoutEpoch_bytes = 1 + 8 + 8 + 4 + 2 + 2 + 8
    private static let payload_bytes = payloadWithoutEpoch_bytes + 8

    func sessionID(signedWith key: [UInt8]) -> String {
        var bytes = [epoch == nil ? Self.versionWithoutEpoch : Self.version]
        bytes.append(bigEndian: user.rawValue)
        bytes.append(bigEndian: login.rawValue)
        bytes.append(bigEndian: UInt32(truncatingIfNeeded: intents.rawValue))
        bytes.append(bigEndian: shard?.index ?? 0)
        bytes.append(bigEndian: shard?.count ?? 0)
        bytes.append(bigEndian: issuedAt.milliseconds)
        if let epoch { bytes.append(bigEndian: epoch.rawValue) }
        bytes += Self.signature(bytes, key)
        return Base64URL.encode(bytes)
    }

    /// Nil for anything that was not made with the same key.
    init?(sessionID: String, signedWith key: [UInt8]) {
        guard let data = Base64URL.decode(sessionID), let version = data.first else { return nil }
        let hasEpoch = version == Self.version
        let length = hasEpoch ? Self.payload_bytes : Self.payloadWithoutEpoch_bytes
        guard hasEpoch || version == Self.versionWithoutEpoch, data.count == length + Self.signature_bytes else {
            return nil
        }
        let payload = [UInt8](data.prefix(length))
        let expected = Self.signature(payload, key)
        // Compares all bytes in any case, so that the time taken tells nothing.
        let difference = zip(expected, data.suffix(Self.signature_bytes)).reduce(0) { $0 | ($1.0 ^ $1.1) }
        guard difference == 0 else { return nil }
        self.user = UserID(rawValue: Self.integer(payload, at: 1))
        self.login = SessionID(rawValue: Self.integer(payload, at: 9))
        self.intents = Intents(rawValue: Int(Self.integer(payload, at: 17) as UInt32))
        let count: UInt16 = Self.integer(payload, at: 23)
        self.shard = count == 0 ? nil : SessionShard(index: Self.integer(payload, at: 21), count: count)
        self.issuedAt = Timestamp(milliseconds: Self.integer(payload, at: 25))
        self.epoch = hasEpoch ? LogEpoch(rawValue: Self.integer(payload, at: 33)) : nil
    }

    init(
        user: UserID, login: SessionID, intents: Intents, shard: SessionShard?, issuedAt: Timestamp, epoch: LogEpoch?
    ) {
        self.user = user
        self.login = login
        self.intents = intents
        self.shard = shard
        self.issuedAt = issuedAt
        self.epoch = epoch
    }

    private static func signature(_ bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)).prefix(signature_bytes))
    }

    private static func integer<Value: FixedWidthInteger>(_ bytes: [UInt8], at offset: Int) -> Value {
        bytes[offset..<offset + MemoryLayout<Value>.size].reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
