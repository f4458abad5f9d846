import Crypto
import Features
import Foundation
import Kernel

/// What helps devices to find a way to each other (RFC 8829, section 4.1.1; contract: Voice).
struct ICEServer: JSONObjectEncodable, Sendable, Equatable {
    let urls: [String]
    let username: String?
    let credential: String?

    static let shape = JSONShape<ICEServer>(
        "ICEServer", .field("urls", \.urls), .field("username", \.username), .field("credential", \.credential))
}

/// `GET /voice/ice-servers`.
struct ICEServers: JSONObjectEncodable, Sendable {
    let servers: [ICEServer]
    let expiresAt: Timestamp

    static let shape = JSONShape<ICEServers>(
        "ICEServers", .field("ice_servers", \.servers), .field("expires_at", \.expiresAt))
}

extension VoiceRelay {
    static let lifetime = Duration.seconds(3600)

    /// Credentials of somebody that count for an hour, as TURN servers make them out of a shared secret
    /// (draft-uberti-behave-turn-rest-00): whoever has taken them along has nothing afterwards.
    func servers(for user: UserID, until end: Timestamp) -> [ICEServer] {
        let (turn, stun) = (urls.filter { $0.hasPrefix("turn") }, urls.filter { !$0.hasPrefix("turn") })
        var servers = stun.isEmpty ? [] : [ICEServer(urls: stun, username: nil, credential: nil)]
        if !turn.isEmpty {
            let name = "\(end.milliseconds / 1000):\(user)"
            let code = HMAC<Insecure.SHA1>.authenticationCode(
                for: Array(name.utf8), using: SymmetricKey(data: Array(secret.utf8)))
            servers.append(
                ICEServer(urls: turn, username: name, credential: Data(code).base64EncodedString()))
        }
        return servers
    }
}

extension Voice {
    /// Nobody else's servers are asked unless the operator says so: they would learn who speaks with whom.
    func iceServers(for user: UserID, at now: Timestamp) -> ICEServers {
        let end = now + VoiceRelay.lifetime
        return ICEServers(
            servers: parts.configuration.voiceRelay?.servers(for: user, until: end) ?? [], expiresAt: end)
    }
}
