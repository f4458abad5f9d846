import AsyncHTTPClient
import JWTKit
import Kernel
import NIOCore
import NIOHTTP1
import OutgoingHTTP

/// Pushes to iPhones and iPads by the Apple Push Notification service (Apple: “Sending notification requests to APNs”,
/// “Establishing a token-based connection to APNs”).
public struct AppleNotifications: MobilePushService {
    /// What Apple knows the sender by.
    public struct Sender: Sendable {
        let keyID: String
        let teamID: String
        /// The identifier of the program that is told.
        let topic: String

        public init(keyID: String, teamID: String, topic: String) {
            self.keyID = keyID
            self.teamID = teamID
            self.topic = topic
        }
    }

    /// Apple wants a new token at least once an hour, and not more than once in twenty minutes.
    private static let lifetime = Duration.seconds(40 * 60)
    private static let timeout = TimeAmount.seconds(10)

    private let address: String
    private let sender: Sender
    private let clock: any WallClock
    private let client: OutgoingClient
    private let token: ServiceToken

    /// - Parameters:
    ///   - key: the content of the file `AuthKey_….p8`.
    ///   - address: such as `https://api.push.apple.com`.
    ///   - clock: the machine's own.
    /// - Throws: `MobilePushKeyError`.
    public init(
        key: String, sender: Sender, address: String, clock: any WallClock, client: OutgoingClient
    ) throws {
        guard let key = try? ES256PrivateKey(pem: key) else {
            throw MobilePushKeyError(description: "is no private key as Apple gives it away (.p8)")
        }
        self.address = address
        self.sender = sender
        self.clock = clock
        self.client = client
        token = ServiceToken {
            let now = clock.now()
            let keys = await JWTKeyCollection().add(ecdsa: key)
            let text = try await keys.sign(
                SenderClaims(iss: sender.teamID, iat: now.seconds), header: ["kid": .string(sender.keyID)])
            return ServiceToken.Made(token: text, endsAt: now + Self.lifetime)
        }
    }

    /// Hexadecimal digits. Their number is Apple's affair, and has grown before.
    public func accepts(_ device: String) -> Bool {
        (16...200).contains(device.utf8.count)
            && device.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "F") ~= $0
            }
    }

    public func send(_ push: OutgoingPush, to device: String) async throws -> PushOutcome {
        let body = Self.body(of: push)
        guard accepts(device), body.count <= OutgoingPush.maximum_bytes else { return .refused("is too long") }
        let token = try await token.token(at: clock.now())
        var request = HTTPClientRequest(url: "\(address)/3/device/\(device)")
        request.method = .POST
        request.headers = [
            "authorization": "bearer \(token)", "apns-topic": sender.topic, "apns-push-type": "alert",
            "apns-priority": push.isUrgent ? "10" : "5", "apns-expiration": String(push.expiresAt.seconds),
            "content-type": "application/json",
        ]
        if let topic = push.topic { request.headers.add(name: "apns-collapse-id", value: topic) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let answer = try await ServiceAnswer(of: client.execute(request, timeout: Self.timeout))
        if answer.status == 403, answer.json?["reason"]?.string == "ExpiredProviderToken" {
            await self.token.forget(token)
        }
        return Self.outcome(of: answer)
    }

    /// The program may change what is shown before it is (`mutable-content`): what kind of thing it is, it says in its language.
    static func body(of push: OutgoingPush) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("aps")
        json.beginObject()
        json.key("alert")
        json.beginObject()
        json.member("title", push.title)
        if let body = push.body { json.member("body", body) }
        json.endObject()
        json.member("sound", "default")
        json.member("mutable-content", 1)
        if let topic = push.topic { json.member("thread-id", topic) }
        json.endObject()
        json.key("aviary")
        json.raw(push.payload)
        json.endObject()
        return json.bytes
    }

    static func outcome(of answer: ServiceAnswer) -> PushOutcome {
        let reason = answer.json?["reason"]?.string ?? "no reason"
        return switch (answer.status, reason) {
        case (200..<300, _): .sent
        case (410, _), (400, "BadDeviceToken"): .gone
        case (403, "ExpiredProviderToken"), (429, _), (500..., _): .later(answer.retryAfter)
        default: .refused("\(answer.status) \(reason)")
        }
    }
}
