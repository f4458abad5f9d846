import Foundation

/// A certificate for `localhost` and 127.0.0.1 that signs itself, made by openssl.
public struct TestCertificate: Sendable {
    public struct Failure: Error {}

    public let certificate: String
    public let key: String

    /// - Parameter name: of the files, and the subject's common name.
    public static func make(_ name: String, in folder: String) throws -> TestCertificate {
        let files = TestCertificate(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", files.key, "-out", files.certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
        return files
    }
}
