import NIOCore
import NIOConcurrencyHelpers

/// The requests of a connection as a channel of their own, which lies upon the connection's.
///
/// What serves requests holds its channel to the end and closes it then. With this one the requests can end while the
/// connection lives on as a WebSocket, whatever was asked on it before.
///
/// Unchecked, for NIO's channels are handed across threads by their type: what changes here is touched on the connection's
/// event loop alone.
final class RequestChannel: Channel, ChannelCore, @unchecked Sendable {
    private let connection: any Channel
    private let closed: EventLoopPromise<Void>
    /// Whether this channel has ended, which the connection need not have.
    private let isOver = NIOLockedValueBox(false)
    // Confined to the event loop once they are set.
    // swift-format-ignore: NeverUseImplicitlyUnwrappedOptionals
    private var ownPipeline: ChannelPipeline!
    private var exchange: SocketHandshake?

    init(on connection: any Channel) {
        self.connection = connection
        self.closed = connection.eventLoop.makePromise()
        self.ownPipeline = ChannelPipeline(channel: self)
    }

    // MARK: What the connection tells

    /// - Parameter exchange: through which requests come and answers go.
    func begin(over exchange: SocketHandshake) { self.exchange = exchange }

    /// The requests are over: whoever serves them is told that the client has gone.
    func end() {
        let wasOver = isOver.withLockedValue { isOver in
            defer { isOver = true }
            return isOver
        }
        guard !wasOver else { return }
        pipeline.syncOperations.fireChannelInactive()
        exchange = nil
        closed.succeed()
        // Not at once: a handler of the pipeline may be the one that has brought this about.
        eventLoop.assumeIsolated().execute { self.removeHandlers(pipeline: self.ownPipeline) }
    }

    // MARK: Channel

    var eventLoop: any EventLoop { connection.eventLoop }
    var allocator: ByteBufferAllocator { connection.allocator }
    var closeFuture: EventLoopFuture<Void> { closed.futureResult }
    var pipeline: ChannelPipeline { ownPipeline }
    var localAddress: SocketAddress? { connection.localAddress }
    var remoteAddress: SocketAddress? { connection.remoteAddress }
    var parent: (any Channel)? { connection }
    var isWritable: Bool { connection.isWritable }
    var isActive: Bool { connection.isActive && !isOver.withLockedValue { $0 } }
    var _channelCore: any ChannelCore { self }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        connection.setOption(option, value: value)
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        connection.getOption(option)
    }

    // MARK: ChannelCore

    func localAddress0() throws -> SocketAddress { try connection._channelCore.localAddress0() }
    func remoteAddress0() throws -> SocketAddress { try connection._channelCore.remoteAddress0() }

    func register0(promise: EventLoopPromise<Void>?) { refuse(promise) }
    func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) { refuse(promise) }
    func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) { refuse(promise) }
    func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) { refuse(promise) }
    func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) { refuse(promise) }

    private func refuse(_ promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

    func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let exchange else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        exchange.send(data, promise: promise)
    }

    func flush0() { exchange?.flush() }

    func read0() { exchange?.readMore() }

    func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard let exchange else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        exchange.close(mode: mode, promise: promise)
    }

    func channelRead0(_ data: NIOAny) {}
    func errorCaught0(error: any Error) {}
}
