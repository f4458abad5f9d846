import Client
import Foundation
import Glibc
import Kernel
import NIOHTTP1
import TestPrograms
import Testing
import WebAPI

@testable import Aviary

@Suite("TLS")
struct TLSTests {
    /// Lends a folder.
    static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    static func see(_ port: Int, _ certificate: String) async throws -> JSON {
        let output = try await ScriptProgram.run("tls_client.py", [String(port), certificate])
        guard output.status == 0 else { throw ClientFailed(description: output.errors) }
        return try JSONParser.parse(Array(output.text.utf8))
    }

    struct ClientFailed: Error { let description: String }

    /// Starts the program with a certificate, and ends it.
    static func withServer(
        _ certificate: TestCertificate, in folder: String, _ body: (Int, Process) async throws -> Void
    ) async throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: AviaryProgram.path)
        process.arguments = [
            "serve", "--port", "0", "--data", folder + "/data", "--set", "tls.certificate=\(certificate.certificate)",
            "--set", "tls.key=\(certificate.key)", "--set", "metrics.enabled=false",
        ]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        var said = ""
        while !said.contains("Ctrl+C"), let more = try output.fileHandleForReading.read(upToCount: 1), !more.isEmpty {
            said += String(decoding: more, as: UTF8.self)
        }
        let address = try #require(said.firstMatch(of: /https:\/\/localhost:([0-9]+)/))
        try await body(try #require(Int(address.output.1)), process)
    }

    @Test("REST and the gateway are served over TLS, and nothing is over less")
    func serve() async throws {
        try await Self.withFolder { folder in
            let certificate = try TestCertificate.make("first", in: folder)
            try await Self.withServer(certificate, in: folder) { port, _ in
                let seen = try await Self.see(port, certificate.certificate)
                #expect(
                    seen == [
                        "version": "TLSv1.3", "protocol": "http/1.1", "common_name": "first", "health": "healthy",
                        "strict": true, "file": true, "upgrade": "http/1.1 101 switching protocols", "hello": 10,
                        "old_versions_refused": true, "plain_http_answered": false,
                    ])
            }
        }
    }

    @Test("SIGHUP puts a new certificate in place, and a broken one leaves the old")
    func reload() async throws {
        try await Self.withFolder { folder in
            let first = try TestCertificate.make("first", in: folder)
            let second = try TestCertificate.make("second", in: folder)
            try await Self.withServer(first, in: folder) { port, process in
                let copy = folder + "/copy.pem"
                try FileManager.default.copyItem(atPath: first.certificate, toPath: copy)
                try Data("broken".utf8).write(to: URL(fileURLWithPath: first.certificate))
                kill(process.processIdentifier, SIGHUP)
                #expect(try await Self.see(port, copy)["common_name"] == "first")
                for (old, new) in [(first.certificate, second.certificate), (first.key, second.key)] {
                    try Data(contentsOf: URL(fileURLWithPath: new)).write(to: URL(fileURLWithPath: old))
                }
                kill(process.processIdentifier, SIGHUP)
                var seen: JSON?
                try await eventually {
                    seen = try? await Self.see(port, second.certificate)
                    return seen?["common_name"] == "second"
                }
            }
        }
    }

    @Test("files that can't be used are named at the start")
    func brokenFiles() async throws {
        try await Self.withFolder { folder in
            let (one, other) = (
                try TestCertificate.make("one", in: folder), try TestCertificate.make("other", in: folder)
            )
            let pairs = [
                (one.certificate, other.key), (one.certificate, folder + "/nothing"), (folder + "/nothing", one.key),
                (one.key, one.key), (one.certificate, one.certificate),
            ]
            for (certificate, key) in pairs {
                #expect(throws: CertificateStore.Failure.self, "\(certificate) \(key)") {
                    _ = try CertificateStore(certificate: certificate, key: key)
                }
            }
            let half = try await LoadedSettings.load(
                file: nil, environment: [:], flags: ["tls.certificate": one.certificate])
            #expect(throws: SettingsError.self) { _ = try half.web() }
        }
    }
}
