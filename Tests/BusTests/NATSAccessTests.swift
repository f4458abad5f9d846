import Crypto
import Foundation
import Kernel
import TestPrograms
import Testing

@testable import Bus

@Suite("How one gets into NATS")
struct NATSAccessTests {
    /// What the log says of why it can't be reached; nil when it is.
    private static func refusal(
        _ addresses: String, authorities: String? = nil, credentials: String? = nil
    ) async throws -> String? {
        let place = try NATSPlace(addresses, authorities: authorities, credentials: credentials)
        let log = ReadableLog()
        let node = BusListener(NATSBus(place, instance: "nest", seal: .test, logger: log.logger))
        try await eventually { node.connections > 0 || !log.text.isEmpty }
        await node.bus.close()
        return node.connections > 0 ? nil : log.text
    }

    private static func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-access-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }

    // MARK: Addresses

    @Test("an address has a user's name and password, or a token, which holds for all servers")
    func addresses() throws {
        let place = try NATSPlace("nats://nest:s%40cret@a.example, nats://b.example:4333,nats://[::1]:4222")
        #expect(place.servers == ["nats://a.example:4222", "nats://b.example:4333", "nats://[::1]:4222"])
        #expect(place.login == .user("nest", password: "s@cret") && place.authorities == nil)
        #expect(try NATSPlace("tls://token@a.example").login == .token("token"))
        #expect(try NATSPlace("tls://a.example").authorities == "/etc/ssl/certs/ca-certificates.crt")
    }

    @Test(
        "what is no address is told, without what is secret",
        arguments: [
            "", ",", "a.example", "http://a.example", "nats://", "nats://a.example/path", "nats://a.example?x=1",
            "nats://nest:secret@a.example:99999", "nats://nest:secret@a.example,tls://b.example",
            "nats://nest:secret@a.example,nats://nest:other@b.example", "nats://nest:secret@", "nats://a b",
        ])
    func wrong(address: String) {
        do {
            _ = try NATSPlace(address)
            Issue.record("“\(address)” was taken")
        } catch {
            #expect(!"\(error)".contains("secret") && "\(error)".hasPrefix("must "))
        }
    }

    @Test("a file that can't be read is named")
    func files() {
        #expect(throws: NATSPlace.Problem.self) { try NATSPlace("tls://a.example", authorities: "/nowhere/ca.pem") }
        #expect(throws: NATSPlace.Problem.self) { try NATSPlace("nats://a.example", credentials: "/nowhere/a.creds") }
        #expect(throws: NATSPlace.Problem.self) { try NATSPlace("nats://a.example", authorities: "/etc/hostname") }
    }

    // MARK: TLS

    @Test("with TLS the server has to prove who it is")
    func encrypted() async throws {
        try await Self.inFolder { folder in
            let (own, strange) = (
                try TestCertificate.make("own", in: folder), try TestCertificate.make("strange", in: folder)
            )
            let options = "tls { cert_file: \"\(own.certificate)\", key_file: \"\(own.key)\" }"
            try await NATSServer.with(options) { server in
                let url = "tls://127.0.0.1:\(server.port)"
                #expect(try await Self.refusal(url, authorities: own.certificate) == nil)
                let unknown = try await Self.refusal(url, authorities: strange.certificate)
                #expect(unknown?.contains("SSL") == true, "\(unknown ?? "")")
                #expect(try await Self.refusal(url) != nil)
                #expect(try await Self.refusal(server.url) != nil)
            }
            // The certificate is for other addresses.
            try await NATSServer.with(host: "127.0.0.2", options) { server in
                let refusal = try await Self.refusal(
                    "tls://127.0.0.2:\(server.port)", authorities: own.certificate)
                #expect(refusal?.contains("mismatch") == true, "\(refusal ?? "")")
            }
            // Nobody takes the encryption away.
            try await NATSServer.with { server in
                let refusal = try await Self.refusal(
                    "tls://127.0.0.1:\(server.port)", authorities: own.certificate)
                #expect(refusal != nil)
            }
        }
    }

    // MARK: Logins

    @Test("a wrong password is refused, and stands in no log")
    func password() async throws {
        try await NATSServer.with("authorization { user: nest, password: \"s@cret\" }") { server in
            let address = "\(server.host):\(server.port)"
            #expect(try await Self.refusal("nats://nest:s%40cret@\(address)") == nil)
            for wrong in ["nest:hidden@", "hidden@", "", "hidden:hidden@"] {
                let refusal = try #require(try await Self.refusal("nats://\(wrong)\(address)"))
                #expect(refusal.lowercased().contains("auth") && !refusal.contains("hidden"), "\(refusal)")
            }
        }
        try await NATSServer.with("authorization { token: \"s-cret\" }") { server in
            let address = "\(server.host):\(server.port)"
            let (right, wrong) = (
                try await Self.refusal("nats://s-cret@\(address)"), try await Self.refusal("nats://other@\(address)")
            )
            #expect(right == nil && wrong != nil)
        }
    }

    @Test(
        "a server that lets us in and not do what we need counts as away",
        arguments: [
            "publish: \"other.>\", subscribe: \"aviary.>\"", "publish: \"aviary.>\", subscribe: \"other.>\"",
        ])
    func permissions(given: String) async throws {
        let options = "authorization { users = [{ user: nest, password: nest, permissions: { \(given) } }] }"
        try await NATSServer.with(options) { server in
            let refusal = try await Self.refusal("nats://nest:nest@\(server.host):\(server.port)")
            #expect(refusal?.contains("Permissions Violation") == true, "\(refusal ?? "")")
        }
        try await NATSServer.with("max_payload: 1000") { server in
            let refusal = try await Self.refusal(server.url)
            #expect(refusal?.contains("max_payload is 1000") == true, "\(refusal ?? "")")
        }
    }

    @Test("a file of credentials opens a server that knows its account, and no other does")
    func credentials() async throws {
        try await Self.inFolder { folder in
            let (operator_, account, user) = (NKey(kind: 14), NKey(kind: 0), NKey(kind: 20))
            let accountToken = try account.token(
                #""type":"account","limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1}"#,
                signedBy: operator_)
            let options = """
                operator: \(try operator_.token(#""type":"operator""#, signedBy: operator_))
                resolver: MEMORY
                resolver_preload: { \(account.name): \(accountToken) }
                """
            let strangers = NKey(kind: 0)
            var files: [String] = []
            for (name, issuer) in [("own", account), ("strange", strangers)] {
                let token = try user.token(#""type":"user","subs":-1,"data":-1,"payload":-1"#, signedBy: issuer)
                files.append("\(folder)/\(name).creds")
                try """
                -----BEGIN NATS USER JWT-----
                \(token)
                ------END NATS USER JWT------

                -----BEGIN USER NKEY SEED-----
                \(user.seed)
                ------END USER NKEY SEED------
                """.write(toFile: "\(folder)/\(name).creds", atomically: true, encoding: .utf8)
            }
            try await NATSServer.with(options) { server in
                #expect(try await Self.refusal(server.url, credentials: files[0]) == nil)
                let refusal = try #require(try await Self.refusal(server.url, credentials: files[1]))
                #expect(!refusal.contains(user.seed))
                #expect(try await Self.refusal(server.url) != nil)
            }
        }
    }
}

/// A key of NATS, by which operators sign accounts, and accounts sign users.
/// https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
private struct NKey {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    let kind: UInt8
    private let key = Curve25519.Signing.PrivateKey()

    init(kind: UInt8) { self.kind = kind }

    /// The public key.
    var name: String { Self.text([kind << 3] + key.publicKey.rawRepresentation) }

    var seed: String {
        let prefix = kind << 3
        return Self.text([18 << 3 | prefix >> 5, (prefix & 31) << 3] + key.rawRepresentation)
    }

    /// What somebody says of this key.
    func token(_ claims: String, signedBy issuer: NKey) throws -> String {
        let body =
            #"{"jti":"\#(name)","iat":1700000000,"iss":"\#(issuer.name)","name":"test","sub":"\#(name)","nats":{\#(claims),"version":2}}"#
        let parts = [#"{"typ":"JWT","alg":"ed25519-nkey"}"#, body].map { Base64URL.encode(Array($0.utf8)) }
        let text = parts.joined(separator: ".")
        return text + "." + Base64URL.encode(Array(try issuer.key.signature(for: Data(text.utf8))))
    }

    /// In base 32, with a checksum (CRC-16/XMODEM, the low byte first).
    private static func text(_ bytes: [UInt8]) -> String {
        var checksum: UInt16 = 0
        for byte in bytes {
            checksum ^= UInt16(byte) << 8
            for _ in 0..<8 { checksum = checksum & 0x8000 == 0 ? checksum << 1 : checksum << 1 ^ 0x1021 }
        }
        let bits = (bytes + [UInt8(checksum & 255), UInt8(checksum >> 8)]).flatMap { byte in
            (0..<8).map { byte >> (7 - $0) & 1 }
        }
        return String(
            stride(from: 0, to: bits.count, by: 5).map { start in
                alphabet[(0..<5).reduce(0) { $0 << 1 | (start + $1 < bits.count ? Int(bits[start + $1]) : 0) }]
            })
    }
}
