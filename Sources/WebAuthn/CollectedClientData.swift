import Kernel

/// What the browser says about a ceremony (WebAuthn level 2, section 5.8.1).
public struct CollectedClientData: Sendable, Equatable {
    /// What is done with the credential.
    enum Ceremony: String {
        case registration = "webauthn.create"
        case authentication = "webauthn.get"
    }

    let type: String
    /// In base64url without padding.
    public let challenge: String
    let origin: String
    let isCrossOrigin: Bool
    let isBoundToToken: Bool

    /// - Throws: `.malformedClientData`.
    init(decoding bytes: [UInt8]) throws(WebAuthnError) {
        guard let json = try? JSONParser.parse(bytes), let type = json["type"]?.string,
            let challenge = json["challenge"]?.string, let origin = json["origin"]?.string,
            let isCrossOrigin = Self.flag(json["crossOrigin"]),
            let isBoundToToken = Self.isBound(json["tokenBinding"])
        else { throw .malformedClientData }
        self.type = type
        self.challenge = challenge
        self.origin = origin
        self.isCrossOrigin = isCrossOrigin
        self.isBoundToToken = isBoundToToken
    }

    /// Nil for what is no flag; one that is absent is not set.
    private static func flag(_ json: JSON?) -> Bool? { json == nil ? false : json?.bool }

    private static func isBound(_ json: JSON?) -> Bool? {
        guard let json else { return false }
        return json["status"]?.string.map { $0 == "present" }
    }
}
