import NIOCore
import NIOHTTP1
import NIOPosix

import Glibc

/// Sends parts of files straight from the kernel's cache to the socket (sendfile(2)), past the buffers of the program.
///
/// It stands between the HTTP encoder and the application and lets everything pass; the head of the answer comes that way. The
/// encoder takes a part of a file as it takes bytes. Only for connections without TLS, which has to see the bytes.
final class FileSender: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What is given to the socket at a time.
    static let segment_bytes = 1 << 20
    /// The kernel reads a good deal more than what is touched.
    private static let touch_bytes = 64 * 1024

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Sends a part of a file as the body of the answer whose head was written before.
    /// - Parameter descriptor: of the file, which has to stay open until this returns.
    /// - Throws: what the channel throws, `ChannelError.ioOnClosedChannel` when the client has gone.
    static func send(_ descriptor: CInt, _ range: Range<Int>, on channel: any Channel) async throws {
        var start = range.lowerBound
        try await warm(descriptor, start..<min(start + segment_bytes, range.upperBound))
        while start < range.upperBound {
            let segment = start..<min(start + segment_bytes, range.upperBound)
            let following = segment.upperBound..<min(segment.upperBound + segment_bytes, range.upperBound)
            async let isWarm: Void = warm(descriptor, following)
            try await write(descriptor, segment, on: channel)
            try await isWarm
            start = segment.upperBound
        }
    }

    /// Returns once a segment is in memory, so that nothing waits for the disk on an event loop.
    private static func warm(_ descriptor: CInt, _ range: Range<Int>) async throws {
        guard !range.isEmpty else { return }
        try await NIOThreadPool.singleton.runIfActive {
            posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
            var byte: UInt8 = 0
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: touch_bytes) {
                _ = pread(descriptor, &byte, 1, offset)
            }
        }
    }

    private static func write(_ descriptor: CInt, _ range: Range<Int>, on channel: any Channel) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute {
            do {
                let sender = try channel.pipeline.syncOperations.handler(type: FileSender.self)
                sender.write(descriptor, range, promise)
            } catch {
                promise.fail(ChannelError.ioOnClosedChannel)
            }
        }
        try await promise.futureResult.get()
    }

    private func write(_ descriptor: CInt, _ range: Range<Int>, _ promise: EventLoopPromise<Void>) {
        guard let context else { return promise.fail(ChannelError.ioOnClosedChannel) }
        // A handle of its own, because a handle is closed by its user and the file by its owner.
        let copy = dup(descriptor)
        guard copy >= 0 else { return promise.fail(IOError(errnoCode: errno, reason: "dup")) }
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: copy)
        let region = FileRegion(fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound)
        let isWritten = context.eventLoop.makePromise(of: Void.self)
        isWritten.futureResult.whenComplete { _ in try? handle.close() }
        isWritten.futureResult.cascade(to: promise)
        context.writeAndFlush(wrapOutboundOut(.body(.fileRegion(region))), promise: isWritten)
    }
}
