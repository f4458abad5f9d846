/// The chunks of a WebP file (RFC 9649, section 2).
enum WebPContainer {
    private static let metadata: Set<[UInt8]> = [Array("EXIF".utf8), Array("XMP ".utf8), Array("ICCP".utf8)]
    /// The bits of `VP8X` that say that there is such metadata.
    private static let metadataFlags: UInt8 = 0x2C

    /// The same picture with nothing but the picture. libvips leaves EXIF in WebP files also when it is told to strip them.
    /// - Returns: nil for what is no WebP file.
    static func withoutMetadata(_ file: [UInt8]) -> [UInt8]? {
        guard file.starts(with: Array("RIFF".utf8)), file.dropFirst(8).starts(with: Array("WEBP".utf8)) else {
            return nil
        }
        var result = Array(file[..<12])
        var position = 12
        while position + 8 <= file.count {
            let name = Array(file[position..<position + 4])
            let size = number(file, at: position + 4)
            // Chunks of odd size are followed by a byte of nothing.
            let end = position + 8 + size + size % 2
            guard position + 8 + size <= file.count else { return nil }
            if !metadata.contains(name) {
                let start = result.count
                result += file[position..<min(end, file.count)]
                if name == Array("VP8X".utf8), size > 0 { result[start + 8] &= ~metadataFlags }
            }
            position = end
        }
        let size = UInt32(result.count - 8)
        for index in 0..<4 { result[4 + index] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(index))) }
        return result
    }

    private static func number(_ bytes: [UInt8], at position: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    }
}
