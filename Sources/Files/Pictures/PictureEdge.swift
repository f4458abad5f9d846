import Kernel

/// How wide and high a picture may be asked for.
package enum PictureEdge: Int, CaseIterable, Sendable {
    case tiny = 64
    case small = 128
    case medium = 256
    case large = 512
    /// A banner of half its size.
    case banner = 600

    /// In which pictures are offered, all but banners.
    package static let offered: [PictureEdge] = [.tiny, .small, .medium, .large]

    package static let reader = JSONReader.integer(1...4096).checked("must be 64, 128, 256 or 512") { size in
        offered.first { $0.rawValue == size }
    }
}
