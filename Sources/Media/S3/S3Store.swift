import AsyncHTTPClient
import Crypto
import Foundation
import Kernel
import NIOCore
import NIOHTTP1

/// Objects in a bucket of a service that speaks S3 (Amazon S3 API Reference).
public struct S3Store: ObjectStore {
    /// What is larger is sent in parts, of which a failed one is no great loss.
    static let part_bytes = 16 << 20
    private static let timeout = TimeAmount.seconds(60)
    private static let transferTimeout = TimeAmount.minutes(10)
    private static let attempts = 3
    private static let longestAnswer_bytes = 4 << 20

    private let configuration: S3Configuration
    private let clock: any WallClock
    private let client: HTTPClient

    /// - Parameter addresses: of hosts that are not to be looked up.
    public init(
        _ configuration: S3Configuration, clock: any WallClock, addresses: [String: String] = [:],
        on eventLoopGroup: any EventLoopGroup
    ) {
        self.configuration = configuration
        self.clock = clock
        var options = HTTPClient.Configuration(redirectConfiguration: .disallow)
        options.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(5), read: .seconds(30))
        options.dnsOverride = addresses
        options.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroup: eventLoopGroup, configuration: options)
    }

    public func shutDown() async { try? await client.shutdown() }

    // MARK: Objects

    public func put(_ file: ReceivedFile, at key: ObjectKey, contentType: String) async throws {
        guard file.size_bytes > Self.part_bytes else {
            _ = try await send(
                .PUT, key, headers: [("content-type", contentType)],
                body: Body(payload: file.sha256, length: file.size_bytes) { file.pieces })
            return
        }
        try await putInParts(file, key, contentType)
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>) async throws -> ObjectBytes {
        let response = try await attempt(
            .GET, key, headers: [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")],
            timeout: Self.transferTimeout)
        try await Self.require(response, [200, 206])
        return ObjectBytes(response.body)
    }

    public func size_bytes(of key: ObjectKey) async throws -> Int? {
        let response = try await attempt(.HEAD, key, timeout: Self.timeout)
        if response.status == .notFound { return nil }
        try await Self.require(response, [200])
        return response.headers.first(name: "content-length").flatMap { Int($0) }.map { max(0, $0) }
    }

    public func delete(_ key: ObjectKey) async throws {
        let response = try await attempt(.DELETE, key, timeout: Self.timeout)
        try await Self.require(response, [200, 204, 404])
    }

    public func list(_ prefix: String, _ body: (ListedObject) async throws -> Void) async throws {
        var token: String?
        repeat {
            let query = [("list-type", "2"), ("prefix", configuration.prefix + prefix)]
            let answer = try await send(.GET, nil, query: query + (token.map { [("continuation-token", $0)] } ?? []))
            let page = S3Listing.parse(answer)
            for object in page.objects {
                let name = object.key.dropFirst(configuration.prefix.count)
                guard let key = ObjectKey(String(name)) else { continue }
                try await body(ListedObject(key: key, size_bytes: object.size_bytes, modifiedAt: object.modifiedAt))
            }
            token = page.next
        } while token != nil
    }

    public func address(of key: ObjectKey, _ download: DirectDownload) -> String? {
        guard configuration.sendsClientsThere else { return nil }
        let path = configuration.path(key)
        let query = S3Signature(configuration.credentials, at: clock.now()).presignedQuery(
            host: configuration.host, path: path,
            query: [
                ("response-content-disposition", download.contentDisposition),
                ("response-content-type", download.contentType),
            ], lifetime_s: download.lifetime_s)
        return "\(configuration.origin)\(path)?\(query)"
    }

    // MARK: Multipart uploads

    private func putInParts(_ file: ReceivedFile, _ key: ObjectKey, _ contentType: String) async throws {
        let begun = try await send(.POST, key, query: [("uploads", "")], headers: [("content-type", contentType)])
        guard let upload = S3Listing.text("UploadId", in: begun) else {
            throw ObjectStoreFailure(description: "S3 did not name the upload")
        }
        do {
            let tags = try await putParts(of: file, key, upload)
            let parts = tags.enumerated().map { "<Part><PartNumber>\($0 + 1)</PartNumber><ETag>\($1)</ETag></Part>" }
            let answer = try await send(
                .POST, key, query: [("uploadId", upload)],
                body: Body("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"))
            // This answer is 200 also when it failed.
            guard S3Listing.text("ETag", in: answer) != nil else {
                throw ObjectStoreFailure(
                    description: "S3 did not complete the upload: \(String(buffer: answer).prefix(300))")
            }
        } catch {
            _ = try? await send(.DELETE, key, query: [("uploadId", upload)])
            throw error
        }
    }

    private func putParts(of file: ReceivedFile, _ key: ObjectKey, _ upload: String) async throws -> [String] {
        var tags: [String] = []
        for start in stride(from: 0, to: file.size_bytes, by: Self.part_bytes) {
            let range = start..<min(start + Self.part_bytes, file.size_bytes)
            var hash = SHA256()
            for try await piece in file.pieces(range) {
                piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
            let body = Body(payload: Hexadecimal.encode(hash.finalize()), length: range.count) { file.pieces(range) }
            let response = try await attempt(
                .PUT, key, query: [("partNumber", String(tags.count + 1)), ("uploadId", upload)], body: body,
                timeout: Self.transferTimeout)
            try await Self.require(response, [200])
            guard let tag = response.headers.first(name: "etag") else {
                throw ObjectStoreFailure(description: "S3 gave a part no ETag")
            }
            tags.append(tag)
        }
        return tags
    }

    // MARK: Requests

    /// A body that can be sent again.
    private struct Body: Sendable {
        let payload: String
        let length: Int
        let content: @Sendable () -> HTTPClientRequest.Body

        init(payload: String, length: Int, _ pieces: @escaping @Sendable () -> FilePieces) {
            self.payload = payload
            self.length = length
            content = { .stream(pieces(), length: .known(Int64(length))) }
        }

        init(_ text: String) {
            payload = S3Signature.hash(text)
            length = text.utf8.count
            content = { .bytes(ByteBuffer(string: text)) }
        }
    }

    /// Sends a request that has to succeed, and returns its answer.
    private func send(
        _ method: HTTPMethod, _ key: ObjectKey?, query: [(String, String)] = [], headers: [(String, String)] = [],
        body: Body? = nil
    ) async throws -> ByteBuffer {
        let response = try await attempt(
            method, key, query: query, headers: headers, body: body, timeout: Self.transferTimeout)
        try await Self.require(response, [200, 204])
        return try await response.body.collect(upTo: Self.longestAnswer_bytes)
    }

    /// Tries again what the service could not do just now; every request here can be repeated.
    private func attempt(
        _ method: HTTPMethod, _ key: ObjectKey?, query: [(String, String)] = [], headers: [(String, String)] = [],
        body: Body? = nil, timeout: TimeAmount
    ) async throws -> HTTPClientResponse {
        for pause_ms in [100, 400] {
            do {
                let response = try await execute(method, key, query, headers, body, timeout)
                if response.status.code < 500, response.status != .tooManyRequests { return response }
            } catch let error as CancellationError {
                throw error
            } catch {}
            try await Task.sleep(for: .milliseconds(pause_ms))
        }
        return try await execute(method, key, query, headers, body, timeout)
    }

    private func execute(
        _ method: HTTPMethod, _ key: ObjectKey?, _ query: [(String, String)], _ headers: [(String, String)],
        _ body: Body?,
        _ timeout: TimeAmount
    ) async throws -> HTTPClientResponse {
        let path = configuration.path(key)
        let suffix = query.isEmpty ? "" : "?" + S3Signature.canonical(query)
        var request = HTTPClientRequest(url: "\(configuration.origin)\(path)\(suffix)")
        request.method = method
        let signature = S3Signature(configuration.credentials, at: clock.now()).headers(
            method.rawValue, host: configuration.host, path: path, query: query,
            payload: body?.payload ?? S3Signature.hash(""))
        request.headers.add(name: "host", value: configuration.host)
        for (name, value) in headers + signature { request.headers.add(name: name, value: value) }
        if let body { request.body = body.content() }
        return try await client.execute(request, timeout: timeout)
    }

    private static func require(_ response: HTTPClientResponse, _ statuses: Set<UInt>) async throws {
        guard !statuses.contains(response.status.code) else { return }
        let text = try? await response.body.collect(upTo: longestAnswer_bytes)
        throw ObjectStoreFailure(
            description: "S3 answered \(response.status.code) \(text.map { String(buffer: $0).prefix(300) } ?? "")")
    }
}
