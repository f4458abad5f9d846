import Crypto
import Foundation

/// Encrypts what only one browser is to read (RFC 8291, on top of RFC 8188's `aes128gcm`): the push service that carries it sees
/// its length, and nothing else.
public enum PushEncryption {
    /// How much fits into the one record that a message may have (RFC 8291, section 4).
    public static let maximum_bytes = 3993

    private static let record_bytes: UInt32 = 4096
    private static let keyLength = 16
    private static let nonceLength = 12
    /// Ends the last record (RFC 8188, section 2).
    private static let lastRecord: UInt8 = 2

    /// - Throws: `PushError.tooLong`, and what the library throws.
    public static func encrypt(_ text: [UInt8], for keys: SubscriptionKeys) throws -> [UInt8] {
        try encrypt(text, for: keys, with: P256.KeyAgreement.PrivateKey(), salt: SymmetricKey(size: .bits128).bytes)
    }

    /// - Parameters:
    ///   - own: a pair that is used for this message alone.
    ///   - salt: 16 random bytes.
    static func encrypt(
        _ text: [UInt8], for keys: SubscriptionKeys, with own: P256.KeyAgreement.PrivateKey, salt: [UInt8]
    ) throws -> [UInt8] {
        guard text.count <= maximum_bytes else { throw PushError.tooLong }
        let ownKey = Array(own.publicKey.x963Representation)
        let theirKey = Array(keys.publicKey.x963Representation)
        let material = try own.sharedSecretFromKeyAgreement(with: keys.publicKey).hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: keys.secret, sharedInfo: Array("WebPush: info\0".utf8) + theirKey + ownKey,
            outputByteCount: 32)
        let derived = { (purpose: String, count: Int) in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: material, salt: salt, info: Array("Content-Encoding: \(purpose)\0".utf8),
                outputByteCount: count)
        }
        let sealed = try AES.GCM.seal(
            text + [lastRecord], using: derived("aes128gcm", keyLength),
            nonce: AES.GCM.Nonce(data: derived("nonce", nonceLength).bytes))
        let size = withUnsafeBytes(of: record_bytes.bigEndian, Array.init)
        return salt + size + [UInt8(ownKey.count)] + ownKey + Array(sealed.ciphertext) + Array(sealed.tag)
    }
}

extension SymmetricKey {
    fileprivate var bytes: [UInt8] { withUnsafeBytes(Array.init) }
}

/// What is wrong with a subscription or a message.
public enum PushError: Error, Equatable {
    case malformedKey
    case malformedSecret
    case tooLong
}

/// What a browser gives away of a subscription, so that messages can be encrypted for it (Push API, `PushEncryptionKeyName`).
public struct SubscriptionKeys: Sendable {
    let publicKey: P256.KeyAgreement.PublicKey
    let secret: [UInt8]

    /// - Parameters:
    ///   - publicKey: `p256dh`, a point of the curve P-256 without compression.
    ///   - secret: `auth`, 16 bytes.
    /// - Throws: `.malformedKey` also for what is no point of the curve; `.malformedSecret`.
    public init(publicKey: [UInt8], secret: [UInt8]) throws(PushError) {
        guard let key = try? P256.KeyAgreement.PublicKey(x963Representation: publicKey), publicKey.count == 65 else {
            throw .malformedKey
        }
        guard secret.count == 16 else { throw .malformedSecret }
        self.publicKey = key
        self.secret = secret
    }
}
