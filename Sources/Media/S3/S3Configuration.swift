import Foundation

/// Where a bucket is and how it is spoken to.
public struct S3Configuration: Sendable {
    public let bucket: String
    /// Before every key: empty, or `folder/`.
    public let prefix: String
    /// Such as `https://s3.eu-central-1.amazonaws.com`.
    public let endpoint: String
    /// `https://endpoint/bucket/key` rather than `https://bucket.endpoint/key`.
    public let usesPathStyle: Bool
    public let credentials: S3Credentials
    /// Whether clients fetch files from the service by themselves.
    public let sendsClientsThere: Bool

    private let scheme: String
    private let authority: String

    /// - Parameter location: `s3://bucket` or `s3://bucket/folder`. Nil is returned for anything else.
    public init?(
        location: String, endpoint: String, usesPathStyle: Bool, credentials: S3Credentials, sendsClientsThere: Bool
    ) {
        guard location.hasPrefix("s3://") else { return nil }
        let parts = location.dropFirst("s3://".count).split(separator: "/", omittingEmptySubsequences: true).map(
            String.init)
        let endpoint = endpoint.isEmpty ? "https://s3.\(credentials.region).amazonaws.com" : endpoint
        guard let bucket = parts.first, let url = URL(string: endpoint), let host = url.host, let scheme = url.scheme,
            ["http", "https"].contains(scheme)
        else { return nil }
        self.bucket = bucket
        self.prefix = parts.dropFirst().map { "\($0)/" }.joined()
        self.endpoint = endpoint
        self.usesPathStyle = usesPathStyle
        self.credentials = credentials
        self.sendsClientsThere = sendsClientsThere
        self.scheme = scheme
        self.authority = host + (url.port.map { ":\($0)" } ?? "")
    }

    var host: String { usesPathStyle ? authority : "\(bucket).\(authority)" }

    var origin: String { "\(scheme)://\(host)" }

    /// The path of a key, or of the bucket itself. Keys have nothing that would have to be encoded.
    func path(_ key: ObjectKey?) -> String {
        let object = key.map { prefix + $0.description } ?? ""
        return usesPathStyle ? "/\(bucket)/\(object)" : "/\(object)"
    }
}
