import AsyncHTTPClient
import Client
import Foundation
import Kernel
import NIOCore
import NIOPosix
import NIOSSL
import OutgoingHTTP
import TestPrograms
import Testing

@testable import MobilePush

@Suite("Services of the makers of phones")
struct MobilePushTests {
    private static let title = String(repeating: "\u{1F426}", count: 120)
    private static let longest = OutgoingPush(
        title: title, body: String(repeating: "\"\u{1F426}", count: 100), topic: String(repeating: "t", count: 32),
        isUrgent: true, expiresAt: Timestamp(seconds: 1000),
        payload: Array("{\"title\":\"\(title)\",\"read\":[\(String(repeating: "0", count: 600))]}".utf8))

    // MARK: Answers

    @Test(
        "an answer of Apple's says whether the device is gone, comes later or never",
        arguments: [
            (200, "", PushOutcome.sent), (410, "Unregistered", .gone), (400, "BadDeviceToken", .gone),
            (400, "DeviceTokenNotForTopic", .refused("400 DeviceTokenNotForTopic")),
            (403, "InvalidProviderToken", .refused("403 InvalidProviderToken")),
            (403, "ExpiredProviderToken", .later(nil)), (413, "PayloadTooLarge", .refused("413 PayloadTooLarge")),
            (429, "TooManyRequests", .later(nil)), (500, "InternalServerError", .later(nil)), (503, "", .later(nil)),
        ])
    func apple(status: Int, reason: String, outcome: PushOutcome) {
        let answer = ServiceAnswer(status: status, json: .object(["reason": .string(reason)]))
        #expect(AppleNotifications.outcome(of: answer) == outcome)
    }

    @Test(
        "an answer of Google's says whether the device is gone, comes later or never",
        arguments: [
            (200, "", PushOutcome.sent), (404, "UNREGISTERED", .gone), (404, "NOT_FOUND", .refused("404 NOT_FOUND")),
            (400, "INVALID_ARGUMENT", .refused("400 INVALID_ARGUMENT")),
            (403, "SENDER_ID_MISMATCH", .refused("403 SENDER_ID_MISMATCH")),
            (401, "THIRD_PARTY_AUTH_ERROR", .later(nil)), (429, "QUOTA_EXCEEDED", .later(nil)),
            (503, "UNAVAILABLE", .later(nil)),
        ])
    func google(status: Int, code: String, outcome: PushOutcome) {
        let details = JSON.array([.object(["errorCode": .string(code)])])
        let answer = ServiceAnswer(status: status, json: .object(["error": .object(["details": details])]))
        #expect(FirebaseMessaging.outcome(of: answer) == outcome)
        let short = ServiceAnswer(status: status, json: .object(["error": .object(["status": .string(code)])]))
        #expect(FirebaseMessaging.outcome(of: short) == outcome)
    }

    // MARK: What is sent

    @Test("the longest push fits into what both services take")
    func longest() {
        #expect(AppleNotifications.body(of: Self.longest).count <= OutgoingPush.maximum_bytes)
        let body = FirebaseMessaging.body(of: Self.longest, to: "device", at: Timestamp(seconds: 0))
        let message = JSON(text: String(decoding: body, as: UTF8.self))?["message"]
        #expect(message?["data"]?["payload"]?.string.map { Array($0.utf8) } == Self.longest.payload)
        #expect(message?["android"]?["ttl"] == "1000s")
    }

    @Test("a device of Apple's is named by hexadecimal digits, which lead nowhere else")
    func names() async throws {
        try await Self.withServices { services in
            let names = ["", "abc", "../../../../../../x", "0123456789abcdeg", String(repeating: "a", count: 201)]
            for name in names { #expect(!services.apple.accepts(name)) }
            #expect(services.apple.accepts("0123456789abcdefABCDEF"))
            for name in ["", String(repeating: "a", count: 4097)] { #expect(!services.google.accepts(name)) }
        }
    }

    @Test("what is no key is refused with words")
    func keys() async throws {
        let client = OutgoingClient(on: MultiThreadedEventLoopGroup.singleton)
        let sender = AppleNotifications.Sender(keyID: "K", teamID: "T", topic: "org.example.chat")
        for key in ["", "{}", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"] {
            #expect(throws: MobilePushKeyError.self) {
                try AppleNotifications(key: key, sender: sender, address: "", clock: SystemClock(), client: client)
            }
            #expect(throws: MobilePushKeyError.self) {
                try FirebaseMessaging(account: key, address: "", clock: SystemClock(), client: client)
            }
        }
    }

    // MARK: The way

    struct Services: Sendable {
        let apple: AppleNotifications
        let google: FirebaseMessaging
        let ask: @Sendable (String) async throws -> JSON
    }

    private static func push(_ words: String) -> OutgoingPush {
        OutgoingPush(
            title: words, body: "hello", topic: "topic", isUrgent: true, expiresAt: SystemClock().now() + .seconds(60),
            payload: Array("{\"type\":\"test\"}".utf8))
    }

    /// Both services, by HTTP/2 over TLS.
    private static func withServices(_ body: @Sendable (Services) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/aviary-mobile-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificate = try TestCertificate.make("push", in: folder)
        let program = try await ScriptProgram.start(
            "mobile_push_services.py", ["--certificate", certificate.certificate, "--key", certificate.key])
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificate.certificate)
        let client = OutgoingClient(on: MultiThreadedEventLoopGroup.singleton, tls: tls)
        let address = "https://127.0.0.1:\(program.firstLine)"
        let ask: @Sendable (String) async throws -> JSON = { path in
            let answer = try await client.execute(HTTPClientRequest(url: address + path), timeout: .seconds(10))
            let body = try await answer.body.collect(upTo: 1 << 20)
            return try #require(JSON(text: String(buffer: body)))
        }
        do {
            let keys = try await ask("/keys")
            let sender = AppleNotifications.Sender(
                keyID: "KEY4567890", teamID: "TEAM567890", topic: "org.example.chat")
            try await body(
                Services(
                    apple: AppleNotifications(
                        key: #require(keys["apple"]?.string), sender: sender, address: address, clock: SystemClock(),
                        client: client),
                    google: FirebaseMessaging(
                        account: #require(keys["google"]?.string), address: address, clock: SystemClock(),
                        client: client), ask: ask))
        } catch {
            await client.shutDown()
            throw error
        }
        await client.shutDown()
    }

    @Test("both are spoken to by HTTP/2 over TLS, with one token for many pushes")
    func way() async throws {
        try await Self.withServices { services in
            let device = "0123456789abcdef"
            let outcomes = try await withThrowingTaskGroup(of: PushOutcome.self) { group in
                for number in 0..<8 {
                    group.addTask { try await services.apple.send(Self.push("\(number)"), to: device) }
                    group.addTask { try await services.google.send(Self.push("\(number)"), to: "android-device-1") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == Array(repeating: .sent, count: 16))
            let apple = try await services.ask("/received/\(device)")
            #expect(apple.array?.count == 8 && apple.array?.allSatisfy { $0["http"] == "2" } == true)
            let google = try await services.ask("/received/android-device-1")
            #expect(google.array?.count == 8 && google.array?.allSatisfy { $0["http"] == "2" } == true)
            #expect(try await services.ask("/tokens") == ["google": 1, "apple": 1])
        }
    }

    @Test("a token that a service does not want any more is made anew")
    func anew() async throws {
        try await Self.withServices { services in
            let device = "0123456789abcdef"
            _ = try await services.ask("/answer/\(device)?status=403&reason=ExpiredProviderToken")
            _ = try await services.ask("/answer/android-device-1?status=401&reason=UNAUTHENTICATED")
            #expect(try await services.apple.send(Self.push("one"), to: device) == .later(nil))
            #expect(try await services.google.send(Self.push("one"), to: "android-device-1") == .later(nil))
            #expect(try await services.apple.send(Self.push("two"), to: device) == .sent)
            #expect(try await services.google.send(Self.push("two"), to: "android-device-1") == .sent)
            #expect(try await services.ask("/tokens") == ["google": 2, "apple": 2])
        }
    }
}
