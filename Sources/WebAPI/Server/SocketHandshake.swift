import NIOCore
import NIOHTTP1

/// Decides which requests become sockets, and takes the wish out of the others.
///
/// NIO's upgrade handler loses the head of a request that asks for an upgrade and does not get it (swift-nio issue 2632), so
/// that it would never be answered. It is shown only what it is to upgrade; a server may ignore the field (RFC 9110,
/// section 7.8). The parser takes what follows such a request for another protocol, so the answer is the connection's last.
final class SocketHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let socket: SocketEndpoint?
    private let proxies: TrustedProxies
    private let rules: HouseRules

    init(_ socket: SocketEndpoint?, proxies: TrustedProxies, rules: HouseRules) {
        self.socket = socket
        self.proxies = proxies
        self.rules = rules
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.headers.contains(name: "upgrade") else {
            return context.fireChannelRead(data)
        }
        if !isAccepted(head, peer: context.remoteAddress?.ipAddress ?? "") {
            head.headers.remove(name: "upgrade")
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private func isAccepted(_ head: HTTPRequestHead, peer: String) -> Bool {
        guard let socket, head.uri.prefix(while: { $0 != "?" }) == socket.path, Self.isComplete(head) else {
            return false
        }
        let client = proxies.client(peer: peer, forwardedFor: head.headers["x-forwarded-for"])
        return socket.refusal(head) == nil && !rules.isBlocked(client)
    }

    /// What a client's opening handshake must have (RFC 6455, section 4.2.1).
    static func isComplete(_ head: HTTPRequestHead) -> Bool {
        let has = { (name: String, value: String) in
            head.headers[canonicalForm: name].contains { $0.lowercased() == value }
        }
        return head.method == .GET && head.version == .http1_1 && has("upgrade", "websocket")
            && has("connection", "upgrade") && head.headers["sec-websocket-version"] == ["13"]
            && head.headers["sec-websocket-key"].count == 1 && !head.headers.contains(name: "transfer-encoding")
            && head.headers["content-length"].allSatisfy { $0 == "0" }
    }
}
