import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Posts to an address that a stranger named: within limits, without following where it is sent on to, and only on the public
/// internet.
public struct LinkPoster: Sendable {
    public struct Answer: Sendable {
        public let status: Int
        /// How long it wants to be left alone.
        public let retryAfter: Duration?
    }

    private static let time = TimeAmount.seconds(10)
    private static let longestPause_s: Int64 = 3600

    private let linkGuard: LinkGuard
    /// `host:port` of machines that the operator names, which may be in the own network and speak without TLS.
    private let internalHosts: Set<String>
    private let eventLoopGroup: any EventLoopGroup

    public init(_ linkGuard: LinkGuard, internalHosts: Set<String> = [], on eventLoopGroup: any EventLoopGroup) {
        self.linkGuard = linkGuard
        self.internalHosts = internalHosts
        self.eventLoopGroup = eventLoopGroup
    }

    /// Whether anything is ever sent to such an address, as far as it can be told without looking its name up: who asks learns
    /// nothing of names in the own network.
    public func accepts(_ url: URL) -> Bool {
        guard !isInternal(url) else { return true }
        guard url.scheme?.lowercased() == "https", url.user == nil, url.password == nil, url.fragment == nil,
            let name = url.host?.lowercased(), !name.hasSuffix("..")
        else { return false }
        let host = name.hasSuffix(".") ? String(name.dropLast()) : name
        guard !host.isEmpty, host != "localhost", !host.hasSuffix(".localhost") else { return false }
        let address = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return linkGuard.isOpen(port: url.port ?? 443) && linkGuard.mayBeAllowed(address)
    }

    private func isInternal(_ url: URL) -> Bool {
        guard let host = url.host?.lowercased(), url.user == nil else { return false }
        let port = url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80)
        return internalHosts.contains("\(host):\(port)")
    }

    /// - Throws: `LinkGuard.Refusal` for an address that leads nowhere on the public internet, and what keeps a connection from
    ///   being made.
    public func post(_ bytes: [UInt8], to url: URL, headers: [(name: String, value: String)]) async throws -> Answer {
        guard accepts(url) else { throw LinkGuard.Refusal(description: "is no address for that") }
        let address = try await isInternal(url) ? LinkGuard.anyAddress(of: url) : linkGuard.address(of: url)
        var options = HTTPClient.Configuration(redirectConfiguration: .disallow)
        options.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(3), read: .seconds(8))
        options.dnsOverride = [URL(string: url.absoluteString)?.host ?? "": address]
        let client = HTTPClient(eventLoopGroup: eventLoopGroup, configuration: options)
        do {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.method = .POST
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            request.body = .bytes(ByteBuffer(bytes: bytes))
            let response = try await client.execute(request, timeout: Self.time)
            let pause = response.headers.first(name: "retry-after").flatMap { Int64($0) }
            try? await client.shutdown()
            return Answer(
                status: Int(response.status.code),
                retryAfter: pause.map { .seconds(min(max($0, 0), Self.longestPause_s)) })
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
