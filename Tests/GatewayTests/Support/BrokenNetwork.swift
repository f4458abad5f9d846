import NIOConcurrencyHelpers
import NIOCore

/// Takes some writes, and fails all that come after.
final class BrokenNetwork: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let left: NIOLockedValueBox<Int>

    init(after writes: Int) { left = NIOLockedValueBox(writes) }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isTaken = left.withLockedValue { left in
            left -= 1
            return left >= 0
        }
        if isTaken { context.write(data, promise: promise) } else { promise?.fail(ChannelError.ioOnClosedChannel) }
    }
}
