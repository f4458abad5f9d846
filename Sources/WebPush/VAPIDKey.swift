import Crypto
import Foundation
import Kernel

/// Shows a push service who sends to it (RFC 8292): a browser's subscription takes messages of this key's holder alone.
public struct VAPIDKey: Sendable {
    /// A token may count for a day at most (RFC 8292, section 2).
    private static let lifetime = Duration.seconds(12 * 3600)

    private let key: P256.Signing.PrivateKey

    /// - Parameter bytes: the private key, as `makeBytes` made it.
    /// - Throws: what the library throws for other bytes.
    public init(_ bytes: [UInt8]) throws { key = try P256.Signing.PrivateKey(rawRepresentation: bytes) }

    /// A new private key, to be kept.
    public static func makeBytes() -> [UInt8] { Array(P256.Signing.PrivateKey().rawRepresentation) }

    /// What browsers subscribe with: the point without compression, in base64url.
    public var publicKey: String { Base64URL.encode(Array(key.publicKey.x963Representation)) }

    /// The value of the header `Authorization`.
    /// - Parameters:
    ///   - origin: of the push service, such as `https://push.example.org`.
    ///   - contact: who runs this server, as a link or `mailto:`; nil where there is none to give.
    public func authorization(to origin: String, contact: String?, at now: Timestamp) throws -> String {
        var claims = JSONWriter()
        claims.beginObject()
        claims.member("aud", origin)
        claims.member("exp", (now + Self.lifetime).seconds)
        if let contact { claims.member("sub", contact) }
        claims.endObject()
        let text = [#"{"typ":"JWT","alg":"ES256"}"#.utf8.map { $0 }, claims.bytes].map(Base64URL.encode)
            .joined(separator: ".")
        let signature = try key.signature(for: Array(text.utf8))
        return "vapid t=\(text).\(Base64URL.encode(Array(signature.rawRepresentation))), k=\(publicKey)"
    }
}
