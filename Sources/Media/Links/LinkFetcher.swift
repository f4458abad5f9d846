import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Fetches what a link leads to, within limits, and only from the public internet.
public struct LinkFetcher: Sendable {
    private static let time = Duration.seconds(10)
    private static let maximumRedirects = 3
    /// What stands in the head of a page comes early.
    private static let page_bytes = 512 * 1024
    public static let picture_bytes = 5 << 20

    private let linkGuard: LinkGuard
    private let staging: Staging
    private let eventLoopGroup: any EventLoopGroup

    public init(_ linkGuard: LinkGuard, staging: Staging, on eventLoopGroup: any EventLoopGroup) {
        self.linkGuard = linkGuard
        self.staging = staging
        self.eventLoopGroup = eventLoopGroup
    }

    /// What a page says of itself; nil when it says nothing, or can't be had.
    public func page(at address: String) async throws -> OpenGraph? {
        try await within(Self.time) {
            try await follow(address, accepting: "text/html,application/xhtml+xml") { response, url in
                let type = response.headers.first(name: "content-type") ?? ""
                guard ["text/html", "application/xhtml+xml"].contains(where: type.lowercased().hasPrefix) else {
                    return nil
                }
                var bytes = ByteBuffer()
                for try await piece in response.body {
                    bytes.writeImmutableBuffer(piece)
                    if bytes.readableBytes >= Self.page_bytes { break }
                }
                return OpenGraph(
                    html: Array(bytes.readableBytesView.prefix(Self.page_bytes)), contentType: type, at: url)
            }
        }
    }

    /// A picture; nil when it is none, is too large, or can't be had.
    public func picture(at address: String) async throws -> ReceivedFile? {
        try await within(Self.time) {
            try await follow(address, accepting: "image/*") { response, _ in
                let file = try await staging.file(limit_bytes: Self.picture_bytes)
                for try await piece in response.body { try await file.write(piece) }
                return try await file.finish()
            }
        }
    }

    /// Nil when it takes longer or goes wrong in any way: a page that is not there is no fault of ours.
    private func within<Result: Sendable>(
        _ time: Duration, _ body: @escaping @Sendable () async throws -> Result?
    ) async throws -> Result? {
        let result = await withTaskGroup(of: Result?.self) { group in
            group.addTask { try? await body() }
            group.addTask {
                try? await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        try Task.checkCancellation()
        return result
    }

    private func follow<Result: Sendable>(
        _ address: String, accepting types: String,
        _ read: @Sendable (HTTPClientResponse, URL) async throws -> Result?
    ) async throws -> Result? {
        guard var url = URL(string: address) else { return nil }
        for _ in 0...Self.maximumRedirects {
            let target = try await linkGuard.address(of: url)
            let step = try await request(url, at: target, types, read)
            switch step {
            case .end(let result): return result
            case .redirect(let location):
                guard let next = URL(string: location, relativeTo: url)?.absoluteURL else { return nil }
                url = next
            }
        }
        return nil
    }

    private enum Step<Result: Sendable>: Sendable {
        case end(Result?)
        case redirect(String)
    }

    /// A client of its own, because the address of the host is decided for this one request.
    private func request<Result: Sendable>(
        _ url: URL, at address: String, _ types: String,
        _ read: @Sendable (HTTPClientResponse, URL) async throws -> Result?
    ) async throws -> Step<Result> {
        var options = HTTPClient.Configuration(redirectConfiguration: .disallow)
        options.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(3), read: .seconds(5))
        // The host as the client will read it out of the same text.
        options.dnsOverride = [URL(string: url.absoluteString)?.host ?? "": address]
        let client = HTTPClient(eventLoopGroup: eventLoopGroup, configuration: options)
        do {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.headers.add(name: "user-agent", value: "Aviary (link preview)")
            request.headers.add(name: "accept", value: types)
            let response = try await client.execute(request, timeout: .seconds(10))
            let step: Step<Result>
            if (300..<400).contains(response.status.code), let location = response.headers.first(name: "location") {
                step = .redirect(location)
            } else if response.status == .ok {
                step = .end(try await read(response, url))
            } else {
                step = .end(nil)
            }
            try? await client.shutdown()
            return step
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
