/// Texts and bytes that are made to break what reads them. The same seed gives the same.
public struct HostileText: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Pieces whose lengths in bytes, scalars, UTF-16 and characters differ, that join with their neighbours, or that mean something to
    /// a parser.
    private static let pieces: [String] = [
        "\u{301}", "\u{338}", "\u{D4E}", "\u{600}", "\u{20DD}", "\u{200D}", "\u{200C}", "\u{FE0F}", "\u{FE0E}",
        "\u{1F3FD}",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        "\u{1F1E6}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{FFFF}", "\u{10FFFF}", "\u{202E}", "\u{2066}", "\u{FEFF}",
        "\u{FDFA}", "\u{130}",
        "\u{DF}", "\u{1E9E}", "\u{3C2}", "\u{1100}\u{1161}\u{11A8}", "\u{E0067}", "\u{0}", "\u{7F}", "\u{85}",
        "\u{2028}", "\r\n", "\r", "\n",
        "\t", " ", ".", "..", "/", "\\", "-", "--", "_", ":", "::", ";", ",", "=", "==", "\"", "'", "`", "```", "<",
        ">", "<@", "<@&", "<#", "<:", "@",
        "@everyone", "#", "&", "&#", "&#x", "%", "%00", "%ff", "+", "?", "*", "**", "(", ")", "[", "]", "{", "}", "|",
        "||", "~~", "$1", "0", "1", "-1",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e308", "NaN", "a", "Z", "x.tar.gz",
        "http://", "https://",
        "://", "null", "true",
    ]

    private static let lengths = [0, 1, 2, 3, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 256, 257, 300, 1000]

    /// A text of a few pieces, some of them many times over, so that it lies around every usual bound.
    public mutating func text() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...5, using: &self) {
            let piece = Self.pieces.randomElement(using: &self) ?? ""
            let times = Bool.random(using: &self) ? 1 : Self.lengths.randomElement(using: &self) ?? 1
            text += String(repeating: piece, count: times)
        }
        return text
    }

    /// Random bytes, or a text's, or a sample with some bytes changed, cut or doubled.
    public mutating func bytes(like sample: [UInt8] = []) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &self) {
        case 0:
            return (0..<Int.random(in: 0...300, using: &self)).map { _ in UInt8.random(in: .min ... .max, using: &self)
            }
        case 1: return Array(text().utf8)
        default:
            var bytes = sample + (sample.isEmpty ? Array(text().utf8) : [])
            for _ in 0..<Int.random(in: 1...8, using: &self) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &self)
                switch Int.random(in: 0..<4, using: &self) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
                case 1: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &self) ?? 0
                case 2: bytes.removeSubrange(place...)
                default: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
                }
            }
            return bytes
        }
    }
}
