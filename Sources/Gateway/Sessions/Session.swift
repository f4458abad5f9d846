import Events
import Kernel
import NIOConcurrencyHelpers
import NIOCore

/// One connection of a client: its handler in the channel's pipeline, and all that is kept of it while it is quiet.
///
/// Used on its event loop only. What is allowed when is decided by `SessionLife`, what waits to be written is in
/// `SendQueue`, and the way in (IDENTIFY, RESUME) is `Entrance`.
final class Session: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a client may ask for before it has its answers.
    private static let maximumRequests = 32
    /// The same of a call: each of some people finds some dozen ways to each other at once.
    private static let maximumVoiceRequests = 256

    let shard: Shard
    /// Tells the process's connections apart.
    let connection: UInt64
    private var slot: Int32?
    private var context: ChannelHandlerContext?
    private var life: SessionLife
    private var parser: WebSocketFrameParser
    private var queue = SendQueue()
    private var deflate: DeflateStream?
    /// Nil once the client has entered, to save its memory.
    private var request: ConnectionRequest?
    private(set) var identity: GatewayIdentity?
    /// -1 for connections that can only be written to through NIO.
    private var socket: Int32 = -1
    private var entrance: Task<Void, Never>?
    private var sent: EventLoopPromise<Void>?
    private var requests: [FeatureRequest] = []
    /// What this connection alone listens to.
    private var deviceAudience: Audience?

    init(_ shard: Shard, _ request: ConnectionRequest) {
        self.shard = shard
        self.connection = shard.services.nextConnection()
        self.request = request
        self.life = SessionLife(shard.services.limits, now: shard.eventLoop.now)
        self.parser = WebSocketFrameParser(
            maximumMessage_bytes: shard.services.configuration.maximumFrame_bytes)
    }

    private var limits: SessionLife.Limits { shard.services.limits }
    private var now: NIODeadline { shard.eventLoop.now }
    var isOpen: Bool { life.isOpen }
    var isCompressed: Bool { deflate != nil }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard slot == nil else { return }
        slot = shard.add(self)
        let socket = SocketOptions.prepare(context.channel)
        if !shard.services.configuration.isEncrypted { self.socket = socket }
        greet()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        disconnected()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        disconnected()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { disconnect() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { disconnect() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard life.isListening else { return }
        do throws(CloseReason) {
            try parse(unwrapInboundIn(data))
        } catch {
            close(error)
            life.understandsNoMore()
        }
    }

    private func parse(_ buffer: ByteBuffer) throws(CloseReason) {
        let failure = buffer.withUnsafeReadableBytes { bytes -> CloseReason? in
            do throws(CloseReason) {
                try parser.parse(bytes) { item in
                    received(item)
                    return life.isListening
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func disconnected() {
        guard let slot else { return }
        self.slot = nil
        leave()
        life.disconnected()
        queue = SendQueue()
        shard.remove(slot)
        sent?.fail(ChannelError.ioOnClosedChannel)
        sent = nil
    }

    /// Ends what the session holds while it can still be sent to. To be called before its life goes on to the end.
    private func leave() {
        entrance?.cancel()
        entrance = nil
        requests = []
        deflate = nil
        if let slot { shard.detach(slot) }
        if let identity {
            shard.services.admission.leave(identity.user)
            if life.isLive { shard.services.backend.disconnected(identity, connection: connection) }
        }
        identity = nil
    }

    // MARK: What the client says

    private func greet() {
        guard let request else { return }
        if request.wantsCompression { compress() }
        send(shard.services.hello)
        if let stop = shard.services.suspension.withLockedValue({ $0 }) {
            send(stop.frame)
            return close(stop.closeReason)
        }
        if let refusal = request.refusal { return close(refusal) }
        if let version = request.clientVersion { admit(version) }
    }

    private func received(_ item: WebSocketFrameParser.Item) {
        if case .text(let text) = item { return heard(text) }
        if let reason = life.frameArrived(limits, now: now) { return close(reason) }
        switch item {
        case .text: break
        case .binary: close(.undecodable("frames from clients are text"))
        case .ping(let payload): if isOpen { write(WebSocketFrame.frame(.pong, payload)) }
        case .fragment, .pong: break
        case .close(let code): clientCloses(code)
        }
    }

    private func heard(_ text: [UInt8]) {
        guard isOpen else { return }
        do throws(CloseReason) {
            let message = try ClientMessage.decode(text)
            if case .voice(let request) = message, request.isMedia {
                switch life.mediaFrameArrived(limits, now: now) {
                case .counted: break
                case .refused: return dispatch(VoiceError(APIError(.rateLimited), to: request).answer)
                case .tooMany: throw .tooManyFrames
                }
            } else if let reason = life.frameArrived(limits, now: now) {
                throw reason
            }
            act(life.receive(message, now: now))
        } catch {
            close(error)
        }
    }

    private func act(_ effect: SessionLife.Effect) {
        switch effect {
        case .nothing: break
        case .acknowledge(let position):
            send(ServerFrame.heartbeatAck)
            noteAcknowledged(position)
        case .identify(let request): enter { await $0.identify(request) }
        case .resume(let request): enter { await $0.resume(request) }
        case .forward(let request): forward(request)
        case .checkVersion(let version): checkVersion(version)
        case .close(let reason): close(reason)
        case .disconnect: disconnect()
        }
    }

    /// What the client has can't be more than it was sent.
    private func noteAcknowledged(_ position: Int64?) {
        guard let position, position > 0, life.isLive, let identity, let slot else { return }
        shard.services.backend.acknowledged(min(position, shard.position(of: slot)), by: identity)
    }

    private func enter(_ way: @escaping @Sendable (Entrance) async -> Void) {
        guard let context, let request else { return }
        let entrance = Entrance(
            session: NIOLoopBound(self, eventLoop: context.eventLoop), services: shard.services, request: request,
            moment: shard.now)
        self.entrance = Task { await way(entrance) }
    }

    // MARK: Requests to the features

    /// One after the other: who starts to type and stops must not be heard in the opposite order.
    private func forward(_ request: FeatureRequest) {
        if case .voice(let voice) = request {
            guard requests.count < Self.maximumVoiceRequests, identity.map({ mayAsk(voice, $0) }) ?? true else {
                return dispatch(VoiceError(APIError(.rateLimited), to: voice).answer)
            }
        } else {
            guard requests.count(where: { !$0.isVoice }) < Self.maximumRequests else { return close(.tooManyFrames) }
        }
        requests.append(request)
        forwardNext()
    }

    private func mayAsk(_ request: VoiceRequest, _ identity: GatewayIdentity) -> Bool {
        !request.isToldToMany || shard.services.admission.changesPlace(identity)
    }

    /// Only when the last answer is sent, so that who does not read them can't pile them up.
    private func forwardNext() {
        guard queue.isEmpty, !requests.isEmpty, let context, let identity, life.beginAnswer() else { return }
        let (request, services, connection) = (requests.removeFirst(), shard.services, connection)
        context.eventLoop.makeFutureWithTask { await request.answer(to: identity, on: connection, services) }
            .assumeIsolated().whenSuccess { answer in
                // What came to be after the connection had ended is told of its end, too.
                if !self.life.isLive { services.backend.disconnected(identity, connection: connection) }
                self.life.endAnswer()
                if let answer { self.dispatch(answer) }
                self.forwardNext()
            }
    }

    // MARK: Entering

    /// Takes note of who this is.
    /// - Parameters:
    ///   - elsewhere: how many connections they have on other nodes.
    ///   - moment: when the token was looked at; the login may have ended since.
    /// - Returns: false when that can't be told any more.
    func admit(_ identity: GatewayIdentity, elsewhere: Int, since moment: UInt64) throws(CloseReason) -> Bool {
        guard let hasEnded = shard.hasEnded(identity.login, since: moment) else { return false }
        if hasEnded { throw .loginEnded }
        try shard.services.admission.enter(identity, elsewhere: elsewhere)
        self.identity = identity
        return true
    }

    /// There is nothing to resume from.
    func refuse() {
        guard life.refused(limits, now: now) else { return close(.internalError) }
        if let identity { shard.services.admission.leave(identity.user) }
        identity = nil
        entrance = nil
        send(ServerFrame.invalidSession)
    }

    /// Sends READY. From here on the client may say whatever a session may.
    func welcome(_ ready: EventFrame) {
        deliverUnbounded([ready])
        life.welcomed()
        request = nil
    }

    /// Sends the events of a place and after, then takes part in what happens.
    /// - Parameter announce: makes the frame that goes out once it is all sent, given the `s` for it.
    /// - Returns: false when it is too far behind for that.
    func attach(
        at place: Place, intents: Intents, since moment: UInt64, announce: ((Int64) -> EventFrame)?
    ) throws(CloseReason) -> Bool {
        guard let slot, let identity else { return false }
        switch shard.attach(slot, at: place, identity, intents: intents, since: moment) {
        case .behind: return false
        case .loginEnded: throw .loginEnded
        case .attached(let missed):
            deliverUnbounded(missed)
            if let announce { deliver([announce(shard.position(of: slot))]) }
            // What was just written may have shown that the connection is broken.
            guard life.attached() else { return true }
            shard.services.backend.connected(identity, connection: connection)
            request = nil
            entrance = nil
            forwardNext()
            return true
        }
    }

    func compress() {
        guard deflate == nil else { return }
        deflate = DeflateStream()
        if let slot { shard.setSocket(-1, of: slot) }
    }

    // MARK: What the server says

    /// Sends a frame's JSON.
    func send(_ json: [UInt8]) {
        guard isOpen else { return }
        if let deflate {
            write(json.withUnsafeBytes(deflate.frame))
        } else {
            write(WebSocketFrame.frame(.text, json))
        }
    }

    func deliver(_ frames: [EventFrame]) {
        for frame in frames {
            guard isOpen else { return }
            if let deflate {
                write(frame.payload.withUnsafeReadableBytes(deflate.frame))
            } else {
                write(frame.bytes)
            }
        }
    }

    /// Sends what may be longer than the queue, because the client asked for it.
    func deliverUnbounded(_ frames: [EventFrame]) {
        for frame in frames { queue.allow(frame.bytes.readableBytes) }
        deliver(frames)
        queue.settle()
    }

    private func dispatch(_ answer: FeatureAnswer) {
        guard let slot, isOpen else { return }
        switch answer {
        case .event(let name, let data):
            deliverUnbounded([EventFrame(name, position: shard.position(of: slot), data: data)])
        case .listens(let audience):
            if let deviceAudience { shard.unsubscribe(slot, from: deviceAudience) }
            deviceAudience = audience
            shard.subscribe(slot, to: audience)
        }
    }

    /// When nearly all is sent.
    func whenSent() -> EventLoopFuture<Void> {
        guard let context, slot != nil else {
            return shard.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        guard !queue.isEmpty else { return context.eventLoop.makeSucceededVoidFuture() }
        let promise = sent ?? context.eventLoop.makePromise(of: Void.self)
        sent = promise
        return promise.futureResult
    }

    /// Writes whole frames.
    func write(_ buffer: ByteBuffer) {
        guard isOpen, let slot else { return }
        let socket = shard.socket(of: slot)
        guard socket >= 0 else { return enqueue(buffer) }
        let result = DirectWrite.write(buffer, to: socket)
        if result != .complete { finishWrite(of: buffer, after: result) }
    }

    /// Sees to what a direct write left.
    func finishWrite(of buffer: ByteBuffer, after result: DirectWrite.Result) {
        switch result {
        case .complete: break
        case .blocked: enqueue(buffer)
        case .partial(let count):
            var rest = buffer
            rest.moveReaderIndex(forwardBy: count)
            enqueue(rest)
        case .failed: disconnect()
        }
    }

    private func enqueue(_ buffer: ByteBuffer) {
        if let slot { shard.setSocket(-1, of: slot) }
        queue.append(buffer)
        pump()
        if queue.isLonger(than: shard.services.configuration.maximumQueue_bytes) { close(.tooSlow) }
    }

    private func pump() {
        let portion = queue.nextPortion()
        guard let context, let last = portion.last else { return }
        for buffer in portion.dropLast() { context.write(wrapOutboundOut(buffer), promise: nil) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { self.portionWritten($0) }
        context.writeAndFlush(wrapOutboundOut(last), promise: promise)
    }

    private func portionWritten(_ result: Result<Void, any Error>) {
        guard case .success = result else { return disconnect() }
        queue.portionWritten()
        guard queue.isEmpty else { return pump() }
        if life.disconnectsWhenSent { return disconnect() }
        if let slot, isOpen, deflate == nil { shard.setSocket(socket, of: slot) }
        sent?.succeed()
        sent = nil
        forwardNext()
    }

    // MARK: The end

    func check(_ now: NIODeadline) { act(life.check(limits, now: now)) }

    /// Sends a close frame and waits a little for the client's.
    func close(_ reason: CloseReason) {
        guard isOpen else { return }
        leave()
        life.close(limits, now: now)
        shard.services.metrics.closed(reason.code)
        if reason == .tooSlow { queue.dropWaiting() }
        queue.append(WebSocketFrame.close(reason))
        pump()
    }

    private func clientCloses(_ code: UInt16?) {
        guard isOpen else { return disconnect() }
        leave()
        life.clientCloses(limits, now: now)
        shard.services.metrics.closedByClient()
        queue.append(WebSocketFrame.close(code: code))
        pump()
    }

    func disconnect() {
        leave()
        life.disconnected()
        context?.close(promise: nil)
    }
}
