import AsyncHTTPClient
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL

/// Asks services that the operator has named. It is started by the first request, keeps connections open, speaks HTTP/2 where the
/// other side does, and follows no redirects: where they lead was not checked.
public final class OutgoingClient: Sendable {
    private let eventLoopGroup: any EventLoopGroup
    private let tls: TLSConfiguration?
    private let client = NIOLockedValueBox<HTTPClient?>(nil)

    /// - Parameter tls: nil for what the system trusts.
    public init(on eventLoopGroup: any EventLoopGroup, tls: TLSConfiguration? = nil) {
        self.eventLoopGroup = eventLoopGroup
        self.tls = tls
    }

    private func started() -> HTTPClient {
        client.withLockedValue { client in
            if let client { return client }
            let new = HTTPClient(
                eventLoopGroup: eventLoopGroup,
                configuration: HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow))
            client = new
            return new
        }
    }

    public func execute(_ request: HTTPClientRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
        try await started().execute(request, timeout: timeout)
    }

    /// To be called before the event loops end; nothing may be sent afterwards.
    public func shutDown() async { try? await client.withLockedValue { $0 }?.shutdown() }
}
