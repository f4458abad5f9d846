import HTTPTypes
import Kernel
import NIOCore
import NIOHTTP1

/// What the two handlers below share. Confined to the connection's event loop.
final class ConnectionState {
    var progress: ConnectionProgress
    var timer: Scheduled<Void>?
    /// Set once the connection is beyond repair: nothing more goes to the application.
    var isFinished = false

    init(_ progress: ConnectionProgress) { self.progress = progress }
}

/// Sees the bytes, so that also half a head counts as time passing.
final class ByteWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let state: ConnectionState

    init(_ state: ConnectionState) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.progress.bytesArrived(context.eventLoop.now)
        if !state.isFinished { context.fireChannelRead(data) }
    }
}

/// Watches over a connection's requests: cuts off those that take too long, and answers in the envelope what never
/// becomes a request (broken HTTP, too large headers, a head that does not end).
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let state: ConnectionState
    private let limiter: RateLimiter
    private let isEncrypted: Bool
    private var isClosingAfterAnswer = false

    init(_ state: ConnectionState, _ limiter: RateLimiter, isEncrypted: Bool) {
        self.state = state
        self.limiter = limiter
        self.isEncrypted = isEncrypted
    }

    func handlerAdded(context: ChannelHandlerContext) { schedule(context) }

    func handlerRemoved(context: ChannelHandlerContext) { state.timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        state.timer?.cancel()
        context.fireChannelInactive()
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !state.isFinished else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let flaw = RequestHeadRules.flaw(in: head) { return finish(context, with: .malformed(flaw)) }
            state.progress.headArrived(context.eventLoop.now, isLast: !head.isKeepAlive)
            if expectsContinue(head) { goOn(context) }
        case .body(let buffer): state.progress.bodyArrived(buffer.readableBytes)
        case .end: state.progress.requestEnded()
        }
        schedule(context)
        context.fireChannelRead(data)
    }

    /// Whether the client waits to be told to send its body (RFC 9110, section 10.1.1). While an earlier answer is owed there
    /// is no place for the word, and clients go on after a moment anyway.
    private func expectsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1 && state.progress.answersOwed == 1
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        let interim = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(interim)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        switch error {
        case .headerOverflow: finish(context, with: .headersTooLarge)
        default: finish(context, with: .malformed("is not HTTP/1.1"))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, state.progress.quiesce() { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        state.progress.writabilityChanged(to: context.channel.isWritable, context.eventLoop.now)
        schedule(context)
        context.fireChannelWritabilityChanged()
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if state.isFinished {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // RFC 9112, section 9.6. An interim answer is not the last.
            if state.progress.isLastAnswer, head.status.code >= 200 {
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            isClosingAfterAnswer = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            if state.progress.answerEnded(context.eventLoop.now, closing: isClosingAfterAnswer) {
                state.isFinished = true
                context.writeAndFlush(data, promise: promise)
                context.close(mode: .all, promise: nil)
            } else {
                context.write(data, promise: promise)
                schedule(context)
            }
        }
    }

    /// Answers what is no proper request and closes the connection. When an earlier answer is still under way there is
    /// no place for another, so the connection just closes.
    private func finish(_ context: ChannelHandlerContext, with error: APIError) {
        guard !state.isFinished else { return }
        state.isFinished = true
        let isMidAnswer = state.progress.answersOwed > (state.progress.phase.isReceivingBody ? 1 : 0)
        guard !isMidAnswer else { return context.close(promise: nil) }
        let body = ByteBuffer(bytes: error.jsonBytes)
        var headers: HTTPHeaders = [
            "content-type": "application/json; charset=utf-8", "content-length": "\(body.readableBytes)",
            "connection": "close", "x-request-id": RequestID.make(),
        ]
        for (name, value) in SecurityHeaders.all { headers.add(name: name.rawName, value: value) }
        if isEncrypted { headers.add(name: "strict-transport-security", value: StrictTransport.policy) }
        let address = RateLimitSubject(clientAddress: context.remoteAddress?.ipAddress ?? "local")
        for (name, value) in limiter.status(.address, of: address).headers {
            headers.add(name: name.rawName, value: value)
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: error.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    // MARK: Time

    /// One task a connection, which looks when it is due whether there is anything to do.
    private func schedule(_ context: ChannelHandlerContext) {
        guard state.timer == nil, !state.isFinished else { return }
        switch state.progress.check(context.eventLoop.now) {
        case .wait(let deadline):
            state.timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
                self.state.timer = nil
                self.schedule(context)
            }
        case .close:
            state.isFinished = true
            context.close(promise: nil)
        case .answerTimeout: finish(context, with: .requestTimeout)
        }
    }
}

extension ConnectionProgress.Phase {
    fileprivate var isReceivingBody: Bool { if case .body = self { true } else { false } }
}
