import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OutgoingHTTP

/// How the provider is asked; tests have their own.
public protocol Transport: Sendable {
    /// - Parameter form: sent by POST when it is not nil.
    func send(
        to url: String, headers: [String: String], form: [(name: String, value: String)]?
    ) async throws -> (status: Int, body: [UInt8])
}

/// Asks over HTTP, with bounds on time and size.
public struct HTTPTransport: Transport {
    private static let timeout = TimeAmount.seconds(10)
    private static let maximumAnswer_bytes = 1 << 20

    private let client: OutgoingClient

    public init(_ client: OutgoingClient) { self.client = client }

    public func send(
        to url: String, headers: [String: String], form: [(name: String, value: String)]?
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.headers.add(name: "accept", value: "application/json")
        if let form {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: FormEncoding.encode(form)))
        }
        let response = try await client.execute(request, timeout: Self.timeout)
        let body = try await response.body.collect(upTo: Self.maximumAnswer_bytes)
        return (Int(response.status.code), Array(body.readableBytesView))
    }
}

/// `application/x-www-form-urlencoded`, for bodies and queries.
enum FormEncoding {
    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func encode(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }

    static func encode(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }
}
