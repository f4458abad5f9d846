import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// A file of a page, the same for everybody.
public struct Asset: Sendable {
    /// How long a browser may keep it without asking.
    public enum Caching: Sendable {
        /// Its address changes with its content.
        case forever
        /// It has to ask each time; the tag saves the content.
        case revalidated
    }

    let contentType: String
    let tag: String
    let caching: Caching
    let isCompressed: Bool
    let stored: @Sendable () -> Data
    let plain: @Sendable () -> Data

    /// - Parameters:
    ///   - tag: another one for another content.
    ///   - isCompressed: whether `stored` is packed with gzip.
    ///   - plain: the content for a client that can't unpack it.
    public init(
        contentType: String, tag: String, caching: Caching, isCompressed: Bool,
        stored: @escaping @Sendable () -> Data, plain: (@Sendable () -> Data)? = nil
    ) {
        self.contentType = contentType
        self.tag = "\"\(tag)\""
        self.caching = caching
        self.isCompressed = isCompressed
        self.stored = stored
        self.plain = plain ?? stored
    }

    func response(to request: Request, _ extra: [(String, String)]) -> Response {
        var headers = self.headers(extra)
        headers[.eTag] = tag
        if ServedFile.lists(request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: headers)
        }
        return whole(.ok, to: request, headers)
    }

    /// The same content at an address at which there is nothing.
    func missing(_ request: Request, _ extra: [(String, String)]) -> Response {
        whole(.notFound, to: request, self.headers(extra))
    }

    private func headers(_ extra: [(String, String)]) -> HTTPFields {
        var headers: HTTPFields = [.contentType: contentType]
        headers[.cacheControl] = caching == .forever ? "public, max-age=31536000, immutable" : "no-cache"
        for (name, value) in extra {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    private func whole(_ status: HTTPResponse.Status, to request: Request, _ headers: HTTPFields) -> Response {
        var headers = headers
        let isPacked = isCompressed && Compression.accepts(request.headers[.acceptEncoding])
        if isCompressed { headers[.vary] = "Accept-Encoding" }
        if isPacked { headers[.contentEncoding] = "gzip" }
        let content = isPacked ? stored() : plain()
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: content)))
    }
}

extension Route {
    /// A file of a page, at the root, for everybody and also during a maintenance.
    /// - Parameter headers: what the answer says besides.
    public static func asset(_ path: String, _ summary: String, _ asset: Asset, _ headers: [(String, String)]) -> Route
    {
        let description = Description(
            summary: summary, query: [], body: nil, output: .string(),
            contentTypes: [asset.contentType], statuses: [.ok, .notModified], errors: [])
        return Route(
            method: .get, path: path, base: .root, isDocumented: false, policy: RoutePolicy(access: .everyone),
            description: description
        ) { request, surroundings in
            try surroundings.door.enter(surroundings.client)
            return asset.response(to: request, headers)
        }
        .limited(only: .page).inMaintenance
    }
}
