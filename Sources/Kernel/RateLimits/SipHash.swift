/// SipHash-2-4 (Aumasson and Bernstein, 2012) of whole words: a short hash that nobody can aim who does not know its key, and that
/// is the same wherever the key is.
struct SipHash {
    struct Key: Sendable {
        let low: UInt64
        let high: UInt64

        /// - Parameter bytes: of which the first sixteen count; what is missing is zero.
        init(_ bytes: [UInt8]) {
            let word = { (start: Int) in
                bytes.dropFirst(start).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            (low, high) = (word(0), word(8))
        }
    }

    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var count_bytes: UInt64 = 0

    init(_ key: Key) {
        v0 = key.low ^ 0x736f_6d65_7073_6575
        v1 = key.high ^ 0x646f_7261_6e64_6f6d
        v2 = key.low ^ 0x6c79_6765_6e65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    mutating func add(_ word: UInt64) {
        count_bytes &+= 8
        compress(word)
    }

    /// Adds text so that no two texts are the same words.
    mutating func add(_ text: String) {
        var (word, filled, count): (UInt64, UInt64, UInt64) = (0, 0, 0)
        for byte in text.utf8 {
            word |= UInt64(byte) << filled
            filled += 8
            count += 1
            guard filled == 64 else { continue }
            add(word)
            (word, filled) = (0, 0)
        }
        add(word)
        add(count)
    }

    consuming func hash() -> UInt64 {
        compress(count_bytes << 56)
        v2 ^= 0xff
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotated(v1, 13) ^ v0
        v0 = Self.rotated(v0, 32)
        v2 &+= v3
        v3 = Self.rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotated(v1, 17) ^ v2
        v2 = Self.rotated(v2, 32)
    }

    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word &<< bits | word &>> (64 &- bits) }
}
