import Crypto
import Foundation

/// How a passkey signs (RFC 9053, section 2; the raw value is the registered number).
public enum COSEAlgorithm: Int, CaseIterable, Sendable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = -7
    /// EdDSA on Ed25519.
    case eddsa = -8
}

/// A public key in the form of COSE (RFC 9052, section 7), as authenticators hand it out.
public enum COSEKey: Sendable {
    case es256(P256.Signing.PublicKey)
    case eddsa(Curve25519.Signing.PublicKey)

    /// The keys of the map (RFC 9052, section 7.1, and RFC 9053, section 7).
    private enum Label: Int64 {
        case keyType = 1
        case algorithm = 3
        case curve = -1
        case x = -2
        case y = -3
    }

    private static let keyTypeOctetPair: Int64 = 1
    private static let keyTypeEllipticCurve: Int64 = 2
    private static let curveP256: Int64 = 1
    private static let curveEd25519: Int64 = 6

    /// - Throws: the errors of CBOR, `.malformedPublicKey`, `.unsupportedAlgorithm`.
    public init(decoding bytes: [UInt8]) throws(WebAuthnError) {
        try self.init(CBOR(decoding: bytes))
    }

    /// A key has the parameters of its type and its algorithm, and no others (WebAuthn level 2, section 6.5.1).
    /// - Throws: `.malformedPublicKey` also for a point that is not on the curve; `.unsupportedAlgorithm`.
    init(_ cbor: CBOR) throws(WebAuthnError) {
        guard let map = cbor.map, let number = map[.integer(Label.algorithm.rawValue)]?.integer else {
            throw .malformedPublicKey
        }
        switch Int(exactly: number).flatMap(COSEAlgorithm.init) {
        case .es256: self = .es256(try Self.p256(map))
        case .eddsa: self = .eddsa(try Self.ed25519(map))
        case nil: throw .unsupportedAlgorithm
        }
    }

    private static func p256(_ map: [CBOR: CBOR]) throws(WebAuthnError) -> P256.Signing.PublicKey {
        guard map.count == 5, integer(.keyType, map) == keyTypeEllipticCurve, integer(.curve, map) == curveP256,
            let x = coordinate(.x, map), let y = coordinate(.y, map),
            // The initializer refuses points that are not on the curve.
            let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
        else { throw .malformedPublicKey }
        return key
    }

    private static func ed25519(_ map: [CBOR: CBOR]) throws(WebAuthnError) -> Curve25519.Signing.PublicKey {
        guard map.count == 4, integer(.keyType, map) == keyTypeOctetPair, integer(.curve, map) == curveEd25519,
            let x = coordinate(.x, map), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x)
        else { throw .malformedPublicKey }
        return key
    }

    private static func integer(_ label: Label, _ map: [CBOR: CBOR]) -> Int64? {
        map[.integer(label.rawValue)]?.integer
    }

    private static func coordinate(_ label: Label, _ map: [CBOR: CBOR]) -> [UInt8]? {
        guard let bytes = map[.integer(label.rawValue)]?.bytes, bytes.count == 32 else { return nil }
        return bytes
    }

    public var algorithm: COSEAlgorithm {
        switch self {
        case .es256: .es256
        case .eddsa: .eddsa
        }
    }

    /// Whether a signature over a message is the key's (formats: WebAuthn level 2, section 6.5).
    public func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        switch self {
        case .es256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: message)
        case .eddsa(let key): return key.isValidSignature(signature, for: message)
        }
    }
}
