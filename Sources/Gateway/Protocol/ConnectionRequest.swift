import Kernel
import NIOHTTP1

/// What a client asked for in the address and headers of its upgrade request.
struct ConnectionRequest: Sendable, Equatable {
    /// The version of the protocol, `?v=`.
    static let apiVersion = 1

    let wantsCompression: Bool
    let clientVersion: String?
    /// The address under which the client reached the server, for READY.
    let url: String
    /// Why the connection closes at once, told on the socket because browsers hide the answer to a failed upgrade.
    let refusal: CloseReason?

    init(_ head: HTTPRequestHead, isEncrypted: Bool = false) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = Self.query(parts.count > 1 ? parts[1] : "")
        self.wantsCompression = query["compress"] == "zlib-stream"
        self.clientVersion = query["client_version"] ?? head.headers.first(name: "x-client-version")
        let isSecure = isEncrypted || head.headers.first(name: "x-forwarded-proto")?.lowercased() == "https"
        let host = head.headers.first(name: "host") ?? "localhost"
        self.url = "\(isSecure ? "wss" : "ws")://\(host)\(parts.first ?? "/gateway")"
        self.refusal =
            if let version = query["v"], version != "\(Self.apiVersion)" {
                CloseReason(.invalidAPIVersion, "the version of the protocol is \(Self.apiVersion)")
            } else if let encoding = query["encoding"], encoding != "json" {
                .undecodable("the only encoding is json")
            } else if let compression = query["compress"], compression != "zlib-stream" {
                .undecodable("the only compression is zlib-stream")
            } else {
                nil
            }
    }

    /// The first of several parameters of one name counts. Escapes have no place in the values that are known.
    private static func query(_ text: Substring) -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            if parameters[name] == nil { parameters[name] = halves.count > 1 ? String(halves[1]) : "" }
        }
        return parameters
    }
}
