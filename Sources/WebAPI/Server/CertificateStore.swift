import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// The certificate that the server shows, which can be changed while it runs: connections that are open keep theirs.
public final class CertificateStore: Sendable {
    /// A file that can't be used, said so that a person can mend it.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let certificate: String
    private let key: String
    private let current: NIOLockedValueBox<NIOSSLContext>

    /// - Parameters:
    ///   - certificate: path of a PEM file with the certificate and those that lead to its root.
    ///   - key: path of a PEM file with the private key.
    /// - Throws: `Failure`.
    public init(certificate: String, key: String) throws {
        self.certificate = certificate
        self.key = key
        self.current = NIOLockedValueBox(try Self.load(certificate, key))
    }

    /// Reads the files again. When they can't be used, everything stays as it is.
    /// - Throws: `Failure`.
    public func reload() throws {
        let context = try Self.load(certificate, key)
        current.withLockedValue { $0 = context }
    }

    private static func load(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        let chain = try reading(certificate) { try NIOSSLCertificate.fromPEMFile(certificate) }
        let privateKey = try reading(key) { try NIOSSLPrivateKey(file: key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Also fails when the key is another certificate's: the files may be replaced one after the other.
        return try reading("\(certificate) with \(key)") { try NIOSSLContext(configuration: configuration) }
    }

    private static func reading<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw Failure(description: "\(path) can't be used: \(error)")
        }
    }

    /// The handler that goes first into a new connection's pipeline.
    func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: current.withLockedValue { $0 }) }
}
