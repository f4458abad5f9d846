/// The films among PNG pictures (PNG, Third Edition, section 11.3.6), which libvips takes for their first frame.
struct PNGAnimation: Equatable {
    /// How much of a file is looked at: what stands before its pictures, a colour profile among it, is not longer.
    static let head_bytes = 1 << 20

    let frames: Int
    /// How often it is played; 0 for ever.
    let plays: Int

    /// - Parameter head: the first bytes of a PNG file. Nil for one that stands still.
    init?(_ head: [UInt8]) {
        var position = 8
        while position + 16 <= head.count {
            let (size, name) = (Self.number(head, at: position), head[position + 4..<position + 8])
            if name.elementsEqual("IDAT".utf8) { return nil }
            if name.elementsEqual("acTL".utf8) {
                (frames, plays) = (Self.number(head, at: position + 8), Self.number(head, at: position + 12))
                guard frames > 1 else { return nil }
                return
            }
            // Its length, its name, what is in it, and a sum.
            position += 12 + size
        }
        return nil
    }

    private static func number(_ bytes: [UInt8], at position: Int) -> Int {
        (0..<4).reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
    }
}
