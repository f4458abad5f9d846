import Foundation
import JWTKit
import Kernel

/// Checks an ID token (OpenID Connect Core 1.0, section 3.1.3.7).
struct IDToken {
    /// Signatures with a public key. `none`, and secrets that the client shares, are never accepted.
    private static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]
    /// Clocks may differ by so much.
    private static let leeway_s: Int64 = 60

    /// What the token must be.
    struct Expectation {
        let issuer: String
        let clientID: String
        let nonce: String
        let now: Timestamp
    }

    /// There may be a newer key at the provider.
    struct UnknownKey: Error {}

    let claims: JSON

    /// - Parameter keys: the members of the provider's key set.
    /// - Throws: `UnknownKey`, `OpenIDConnectError.refused`.
    init(verifying token: String, keys: [JSON], _ expectation: Expectation) async throws {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
            let algorithm = header["alg"]?.string, Self.algorithms.contains(algorithm)
        else { throw OpenIDConnectError.refused("the ID token is malformed, or signed in a way that is not accepted") }
        let candidates = keys.filter { key in
            let fits = key["kid"] == nil || header["kid"] == nil || key["kid"] == header["kid"]
            return fits && key["use"]?.string != "enc" && (key["alg"]?.string ?? algorithm) == algorithm
        }
        guard try await Self.isSigned(token, algorithm, by: candidates) else { throw UnknownKey() }
        try Self.check(claims, expectation)
        self.claims = claims
    }

    private static func json(_ part: Substring) -> JSON? {
        Base64URL.decode(String(part)).flatMap { try? JSONParser.parse($0) }
    }

    /// The claims are checked here, so that the library has only the signature to look at.
    private struct AnyPayload: JWTPayload {
        func verify(using algorithm: some JWTAlgorithm) {}
    }

    private static func isSigned(_ token: String, _ algorithm: String, by keys: [JSON]) async throws -> Bool {
        for key in keys {
            // Both are wanted by the library and optional in a key set (RFC 7517, sections 4.4 and 4.5).
            var members = key.object ?? [:]
            members["alg"] = .string(algorithm)
            if members["kid"]?.string == nil { members["kid"] = .string("only") }
            guard let jwk = try? JSONDecoder().decode(JWK.self, from: Data(JSON.object(members).jsonBytes)) else {
                continue
            }
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: jwk)) != nil else { continue }
            if (try? await collection.verify(token, as: AnyPayload.self)) != nil { return true }
        }
        return false
    }

    private static func check(_ claims: JSON, _ expectation: Expectation) throws {
        func require(_ holds: Bool, _ what: String) throws {
            if !holds { throw OpenIDConnectError.refused("the ID token's \(what) is not what it must be") }
        }
        let audiences = claims["aud"]?.array?.compactMap(\.string) ?? claims["aud"]?.string.map { [$0] } ?? []
        let party = claims["azp"]?.string
        let now_s = expectation.now.seconds
        try require(claims["iss"]?.string == expectation.issuer, "issuer")
        try require(audiences.contains(expectation.clientID), "audience")
        try require(party == expectation.clientID || (party == nil && audiences.count == 1), "authorized party")
        try require((seconds(claims["exp"]) ?? 0) > now_s - leeway_s, "expiry")
        try require((seconds(claims["iat"]) ?? .max) < now_s + leeway_s, "time of issue")
        try require(claims["nonce"]?.string == expectation.nonce, "nonce")
        try require((1...255).contains(claims["sub"]?.string?.utf8.count ?? 0), "subject")
    }

    /// NumericDate (RFC 7519, section 2) may have a fraction.
    private static func seconds(_ value: JSON?) -> Int64? {
        switch value {
        case .integer(let seconds): seconds
        case .number(let seconds): Int64(exactly: seconds.rounded())
        default: nil
        }
    }
}
