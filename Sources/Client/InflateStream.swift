import CZlib

/// One zlib stream over a whole connection, each message ended by a sync flush.
final class InflateStream {
    private var stream = z_stream()

    init() { inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) }

    deinit { inflateEnd(&stream) }

    func inflate(_ message: [UInt8]) -> [UInt8] {
        var input = message
        var output: [UInt8] = []
        let chunk = 16 * 1024
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            repeat {
                output += [UInt8](unsafeUninitializedCapacity: chunk) { target, count in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(chunk)
                    _ = CZlib.inflate(&stream, Z_SYNC_FLUSH)
                    count = chunk - Int(stream.avail_out)
                }
            } while stream.avail_out == 0
        }
        return output
    }
}
