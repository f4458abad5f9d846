import Crypto
import Foundation
import Kernel

enum PushTokenKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("token") }
}

typealias PushTokenID = Identifier<PushTokenKind>

/// A device that is told of what its person missed (contract: REST, Push).
struct PushToken: Sendable {
    enum Platform: String, CaseIterable, Sendable {
        case ios
        case android
        case web
    }

    /// So many characters of the end of a token are shown: who knows it all can send to the device.
    private static let shownLength = 8

    let id: PushTokenID
    let user: UserID
    /// The login with which it ends.
    let session: SessionID
    let platform: Platform
    /// A browser's endpoint.
    let token: String
    let deviceID: String?
    let appVersion: String?
    /// What a browser's messages are encrypted for.
    let publicKey: [UInt8]
    let secret: [UInt8]
    let createdAt: Timestamp

    var hash: [UInt8] { Self.hash(of: token) }

    var ending: String { String(token.suffix(Self.shownLength)) }

    static func hash(of token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    /// What a push service may know pushes by that take each other's place: nothing that two devices have in common.
    func topic(of channel: ChannelID) -> String {
        let digest = SHA256.hash(data: hash + Array(channel.description.utf8))
        return Base64URL.encode(Array(digest.prefix(24)))
    }
}

/// A device as its person sees it.
struct ListedPushToken: Sendable {
    let token: PushToken
    let isCurrent: Bool
}

extension ListedPushToken: JSONObjectEncodable {
    static let shape = JSONShape<ListedPushToken>(
        "PushToken",
        .field("id", \.token.id),
        .field("platform", \.token.platform.rawValue),
        .field("token", \.token.ending),
        .field("device_id", \.token.deviceID),
        .field("app_version", \.token.appVersion),
        .field("current", \.isCurrent),
        .field("created_at", \.token.createdAt))
}

struct PushTokenList: JSONObjectEncodable {
    let tokens: [ListedPushToken]

    static let shape = JSONShape<PushTokenList>("PushTokenList", .field("tokens", \.tokens))
}

struct PushTokenRecord: JSONObjectEncodable {
    let token: ListedPushToken

    static let shape = JSONShape<PushTokenRecord>(
        "PushTokenRecord", .field("success") { _ in true }, .field("token_record", \.token))
}

/// `GET /push/vapid-key`.
struct PushKey: JSONObjectEncodable {
    let publicKey: String

    static let shape = JSONShape<PushKey>("PushKey", .field("public_key", \.publicKey))
}

/// `POST /users/@me/push/test`.
struct PushTest: JSONObjectEncodable {
    let sent: Int
    let failed: Int

    static let shape = JSONShape<PushTest>(
        "PushTest", .field("success") { $0.sent > 0 }, .field("sent", \.sent), .field("failed", \.failed))
}
