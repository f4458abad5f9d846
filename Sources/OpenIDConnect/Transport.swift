import AsyncHTTPClient
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// How the provider is asked; tests have their own.
public protocol Transport: Sendable {
    /// - Parameter form: sent by POST when it is not nil.
    func send(
        to url: String, headers: [String: String], form: [(name: String, value: String)]?
    ) async throws -> (status: Int, body: [UInt8])
}

/// AsyncHTTPClient, with bounds on time and size. It is started by the first request, and follows no redirects: where they
/// lead was not checked.
public final class HTTPTransport: Transport {
    private static let timeout = TimeAmount.seconds(10)
    private static let maximumAnswer_bytes = 1 << 20

    private let eventLoopGroup: any EventLoopGroup
    private let client = NIOLockedValueBox<HTTPClient?>(nil)

    public init(on eventLoopGroup: any EventLoopGroup) { self.eventLoopGroup = eventLoopGroup }

    private func started() -> HTTPClient {
        client.withLockedValue { client in
            if let client { return client }
            let new = HTTPClient(
                eventLoopGroup: eventLoopGroup,
                configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))
            client = new
            return new
        }
    }

    /// To be called before the event loops end; nothing may be sent afterwards.
    public func shutDown() async { try? await client.withLockedValue { $0 }?.shutdown() }

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
        let response = try await started().execute(request, timeout: Self.timeout)
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
