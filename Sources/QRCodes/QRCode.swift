import CQRencode
import CZlib

/// A QR code (ISO/IEC 18004) with error correction M, made by libqrencode.
public struct QRCode: Sendable {
    public struct TooLong: Error {}

    /// The white border that readers need, in modules.
    private static let quietZone = 4

    /// Modules along a side.
    let width: Int
    /// Row by row; true is black.
    let modules: [Bool]

    /// - Throws: `TooLong` for what no code can hold.
    public init(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { throw TooLong() }
        defer { QRcode_free(code) }
        width = Int(code.pointee.width)
        let data = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
        // The lowest bit is the colour, the others say what a module is for.
        modules = data.map { $0 & 1 == 1 }
    }

    /// Modules along a side, with the quiet zone.
    private var side: Int { width + 2 * Self.quietZone }

    /// - Parameter size: of the picture's sides, in pixels.
    public func svg(size: Int) -> String {
        var path = ""
        for (index, isBlack) in modules.enumerated() where isBlack {
            path += "M\(index % width + Self.quietZone) \(index / width + Self.quietZone)h1v1h-1z"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(size)" height="\(size)" viewBox="0 0 \(side) \(side)" \
            shape-rendering="crispEdges"><rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)"/></svg>
            """
    }

    /// A PNG file. Modules are whole pixels, so the code may be a little smaller than the picture, and in its middle.
    /// - Parameter size: of the picture's sides, in pixels; at least a pixel for each module.
    public func png(size: Int) -> [UInt8] {
        let size = max(size, side)
        let scale = size / side
        let margin = (size - width * scale) / 2
        var rows: [UInt8] = []
        rows.reserveCapacity(size * (size / 8 + 2))
        for y in 0..<size {
            // No filter: a byte in front of each row says so (PNG, section 9).
            rows.append(0)
            var bits = [UInt8](repeating: 0xFF, count: (size + 7) / 8)
            for x in 0..<size where isBlack((x - margin), (y - margin), scale) { bits[x / 8] &= ~(0x80 >> (x % 8)) }
            rows += bits
        }
        return PNG.file(width: size, height: size, rows: rows)
    }

    private func isBlack(_ x: Int, _ y: Int, _ scale: Int) -> Bool {
        guard x >= 0, y >= 0, x < width * scale, y < width * scale else { return false }
        return modules[y / scale * width + x / scale]
    }
}

/// Portable Network Graphics, as far as black and white needs it (W3C PNG Specification).
enum PNG {
    static func file(width: Int, height: Int, rows: [UInt8]) -> [UInt8] {
        let header = bigEndian(width) + bigEndian(height) + [1, 0, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", header) + chunk("IDAT", deflated(rows)) + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return bigEndian(data.count) + body + bigEndian(Int(crc32(0, body, UInt32(body.count))))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    }

    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(UInt(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        // The bound is never too small, and these are the only ways to fail but for want of memory.
        precondition(compress2(&result, &length, bytes, UInt(bytes.count), 9) == Z_OK, "zlib has no memory")
        return Array(result.prefix(Int(length)))
    }
}
