import Crypto
import Foundation
import Kernel

/// Who asks an S3 service, and where it stands.
public struct S3Credentials: Sendable {
    public let accessKey: String
    public let secretKey: String
    public let region: String

    public init(accessKey: String, secretKey: String, region: String) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.region = region
    }
}

/// Signatures of requests to S3: AWS Signature Version 4 (Amazon's "Signing AWS API requests").
struct S3Signature {
    static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: S3Credentials
    /// `20130524T000000Z`.
    let date: String

    init(_ credentials: S3Credentials, at moment: Timestamp) {
        self.credentials = credentials
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        date = formatter.string(from: Date(timeIntervalSince1970: Double(moment.seconds)))
    }

    private var day: Substring { date.prefix(8) }
    private var scope: String { "\(day)/\(credentials.region)/s3/aws4_request" }

    /// The headers that sign a request, in addition to its own.
    /// - Parameters:
    ///   - host: with the port, if it is not the usual one.
    ///   - path: percent-encoded.
    ///   - payload: SHA-256 of the body in hexadecimal.
    func headers(
        _ method: String, host: String, path: String, query: [(String, String)] = [], payload: String
    ) -> [(String, String)] {
        let signed = [("host", host), ("x-amz-content-sha256", payload), ("x-amz-date", date)]
        let signature = sign(method, path, query, signed, payload)
        let names = signed.map(\.0).joined(separator: ";")
        return [
            ("x-amz-content-sha256", payload), ("x-amz-date", date),
            (
                "authorization",
                "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
            ),
        ]
    }

    /// The query of an address that anybody can GET for a while.
    func presignedQuery(
        host: String, path: String, query: [(String, String)] = [], lifetime_s: Int
    ) -> String {
        let all =
            query + [
                ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKey)/\(scope)"),
                ("X-Amz-Date", date), ("X-Amz-Expires", String(lifetime_s)), ("X-Amz-SignedHeaders", "host"),
            ]
        let signature = sign("GET", path, all, [("host", host)], "UNSIGNED-PAYLOAD")
        return Self.canonical(all) + "&X-Amz-Signature=\(signature)"
    }

    private func sign(
        _ method: String, _ path: String, _ query: [(String, String)], _ headers: [(String, String)], _ payload: String
    ) -> String {
        let request = [
            method, path, Self.canonical(query), headers.map { "\($0):\($1)\n" }.joined(),
            headers.map(\.0).joined(separator: ";"), payload,
        ].joined(separator: "\n")
        let text = [Self.algorithm, date, scope, Self.hash(request)].joined(separator: "\n")
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretKey)".utf8))
        for part in [String(day), credentials.region, "s3", "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// Sorted by name, names and values encoded.
    static func canonical(_ query: [(String, String)]) -> String {
        query.map { (encode($0), encode($1)) }.sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    static func hash(_ text: String) -> String { Hexadecimal.encode(SHA256.hash(data: Array(text.utf8))) }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func encode(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }
}
