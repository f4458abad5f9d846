import AsyncHTTPClient
import JWTKit
import Kernel
import NIOCore
import NIOHTTP1
import OutgoingHTTP

/// Pushes to Android devices by Firebase Cloud Messaging (Google: “FCM HTTP v1 API”), with a token that a service account asks for
/// (RFC 7523, section 2.1).
public struct FirebaseMessaging: MobilePushService {
    private static let scope = "https://www.googleapis.com/auth/firebase.messaging"
    private static let timeout = TimeAmount.seconds(10)
    /// A token is asked for anew before it ends.
    private static let margin_s: Int64 = 60

    private let address: String
    private let project: String
    private let clock: any WallClock
    private let client: OutgoingClient
    private let token: ServiceToken

    /// What is read of the file that Google gives away for a service account.
    private struct Account: Sendable {
        let name: String
        let project: String
        let tokenAddress: String
        let keyID: String
        let key: Insecure.RSA.PrivateKey

        init(_ file: String) throws(MobilePushKeyError) {
            let json = JSON(text: file)
            guard let name = json?["client_email"]?.string, let project = json?["project_id"]?.string,
                let address = json?["token_uri"]?.string, let keyID = json?["private_key_id"]?.string,
                let pem = json?["private_key"]?.string, let key = try? Insecure.RSA.PrivateKey(pem: pem)
            else { throw MobilePushKeyError(description: "is no service account's key as Google gives it away (JSON)") }
            self.name = name
            self.project = project
            self.tokenAddress = address
            self.keyID = keyID
            self.key = key
        }
    }

    /// - Parameters:
    ///   - account: the content of the service account's file.
    ///   - address: such as `https://fcm.googleapis.com`.
    ///   - clock: the machine's own.
    /// - Throws: `MobilePushKeyError`.
    public init(account: String, address: String, clock: any WallClock, client: OutgoingClient) throws {
        let account = try Account(account)
        self.address = address
        self.project = account.project
        self.clock = clock
        self.client = client
        token = ServiceToken { try await Self.askForToken(account, at: clock.now(), client) }
    }

    public func accepts(_ device: String) -> Bool { (16...4096).contains(device.utf8.count) }

    public func send(_ push: OutgoingPush, to device: String) async throws -> PushOutcome {
        guard push.payload.count <= OutgoingPush.maximum_bytes else { return .refused("is too long") }
        let token = try await token.token(at: clock.now())
        var request = HTTPClientRequest(url: "\(address)/v1/projects/\(project)/messages:send")
        request.method = .POST
        request.headers = ["authorization": "Bearer \(token)", "content-type": "application/json"]
        request.body = .bytes(ByteBuffer(bytes: Self.body(of: push, to: device, at: clock.now())))
        let answer = try await ServiceAnswer(of: client.execute(request, timeout: Self.timeout))
        if answer.status == 401 { await self.token.forget(token) }
        return Self.outcome(of: answer)
    }

    /// Only data: the program shows it, in its language, and takes away what was read meanwhile.
    static func body(of push: OutgoingPush, to device: String, at now: Timestamp) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("message")
        json.beginObject()
        json.member("token", device)
        json.key("data")
        json.beginObject()
        json.member("payload", String(decoding: push.payload, as: UTF8.self))
        json.endObject()
        json.key("android")
        json.beginObject()
        json.member("priority", push.isUrgent ? "HIGH" : "NORMAL")
        json.member("ttl", "\(max(0, push.expiresAt.seconds - now.seconds))s")
        if let topic = push.topic { json.member("collapse_key", topic) }
        json.endObject()
        json.endObject()
        json.endObject()
        return json.bytes
    }

    static func outcome(of answer: ServiceAnswer) -> PushOutcome {
        let error = answer.json?["error"]
        let code = error?["details"]?.array?.compactMap { $0["errorCode"]?.string }.first ?? error?["status"]?.string
        return switch (answer.status, code) {
        case (200..<300, _): .sent
        case (404, "UNREGISTERED"): .gone
        case (401, _), (429, _), (500..., _): .later(answer.retryAfter)
        default: .refused("\(answer.status) \(code ?? "no reason")")
        }
    }

    private static func askForToken(
        _ account: Account, at now: Timestamp, _ client: OutgoingClient
    ) async throws -> ServiceToken.Made {
        let keys = await JWTKeyCollection().add(rsa: account.key, digestAlgorithm: .sha256)
        let claims = SenderClaims(
            iss: account.name, iat: now.seconds, exp: now.seconds + 3600, aud: account.tokenAddress, scope: scope)
        let assertion = try await keys.sign(claims, header: ["kid": .string(account.keyID)])
        var request = HTTPClientRequest(url: account.tokenAddress)
        request.method = .POST
        request.headers = ["content-type": "application/x-www-form-urlencoded"]
        // Nothing in it has to be escaped but the name of the grant.
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
        request.body = .bytes(ByteBuffer(string: "grant_type=\(grant)&assertion=\(assertion)"))
        let answer = try await ServiceAnswer(of: client.execute(request, timeout: timeout))
        guard answer.status == 200, let token = answer.json?["access_token"]?.string else {
            throw MobilePushKeyError(description: "the service account gets no token: \(answer.status)")
        }
        let lifetime_s = min(max(answer.json?["expires_in"]?.integer ?? 0, 0), 3600)
        return ServiceToken.Made(token: token, endsAt: now + .seconds(max(0, lifetime_s - margin_s)))
    }
}
