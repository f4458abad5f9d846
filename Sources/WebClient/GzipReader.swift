import CZlib
import Foundation

/// Unpacks what `web-pack` packed.
enum GzipReader {
    /// Nil when the data is not one whole gzip member (RFC 1952).
    static func inflate(_ data: Data) -> Data? {
        var (stream, input) = (z_stream(), Array(data))
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var output = Data()
        var status = Z_OK
        input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while status == Z_OK {
                output.append(
                    contentsOf: [UInt8](unsafeUninitializedCapacity: 1 << 16) { target, count in
                        stream.next_out = target.baseAddress
                        stream.avail_out = UInt32(target.count)
                        status = CZlib.inflate(&stream, Z_NO_FLUSH)
                        count = target.count - Int(stream.avail_out)
                    })
            }
        }
        return status == Z_STREAM_END ? output : nil
    }
}
