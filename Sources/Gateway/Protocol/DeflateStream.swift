import CZlib
import NIOCore

/// The zlib stream of one connection (contract: Gateway, Limits): each message ends with a sync flush.
///
/// Window and hash table are small, since thousands of these may exist: about 30 KiB each
/// (4 · 2^windowBits + 2^(memoryLevel + 9) bytes and zlib's own state, see `zconf.h`).
final class DeflateStream {
    private static let windowBits: Int32 = 12
    private static let memoryLevel: Int32 = 4
    /// Every output ends with this empty stored block (RFC 7692, section 7.2.1); it marks the end of a message.
    static let flushMarker: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// zlib keeps a pointer back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil when there is no memory for it.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// The next message of the stream, which is not empty, as a complete binary frame.
    func frame(_ message: UnsafeRawBufferPointer) -> ByteBuffer {
        var body = ByteBufferAllocator().buffer(capacity: message.count / 2 + 64)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: message.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(message.count)
        repeat {
            // With all input taken and room left over, everything is out (zlib.h, deflate).
            body.writeWithUnsafeMutableBytes(minimumWritableBytes: 256) { room in
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(room.count)
                deflate(stream, Z_SYNC_FLUSH)
                return room.count - Int(stream.pointee.avail_out)
            }
        } while stream.pointee.avail_out == 0
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        var frame = ByteBufferAllocator().buffer(capacity: body.readableBytes + WebSocketFrame.maximumHeader_bytes)
        WebSocketFrame.writeHeader(.binary, count: body.readableBytes, to: &frame)
        frame.writeImmutableBuffer(body)
        return frame
    }
}
