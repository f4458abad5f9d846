/// The surface on which a GIF picture is drawn (GIF89a, section 18). Browsers keep all of it in memory, however little of it its
/// frames fill; libvips tells of the frames alone.
struct GIFScreen: Equatable {
    static let head_bytes = 10

    let width: Int
    let height: Int

    /// - Parameter head: the first bytes of a GIF file. Nil when there are too few.
    init?(_ head: [UInt8]) {
        guard head.count >= Self.head_bytes else { return nil }
        width = Int(head[6]) | Int(head[7]) << 8
        height = Int(head[8]) | Int(head[9]) << 8
    }
}
