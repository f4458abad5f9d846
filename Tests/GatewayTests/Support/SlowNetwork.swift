import NIOConcurrencyHelpers
import NIOCore

/// Holds up what the gateway writes, until the channel is told `LetThrough`.
final class SlowNetwork: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct LetThrough {}

    private struct State {
        var isStuck = false
        var held: [(ByteBuffer, EventLoopPromise<Void>?)] = []
    }

    private let state = NIOLockedValueBox(State())

    var holdsAnything: Bool { state.withLockedValue { !$0.held.isEmpty } }

    /// From here on it holds up all that is written.
    func getStuck() { state.withLockedValue { $0.isStuck = true } }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isHeld = state.withLockedValue { state in
            if state.isStuck { state.held.append((unwrapOutboundIn(data), promise)) }
            return state.isStuck
        }
        if !isHeld { context.write(data, promise: promise) }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is LetThrough else { return context.triggerUserOutboundEvent(event, promise: promise) }
        let held = state.withLockedValue { state in
            defer { state.held = [] }
            return state.held
        }
        for (buffer, promise) in held { context.writeAndFlush(wrapOutboundOut(buffer), promise: promise) }
        promise?.succeed()
    }
}
