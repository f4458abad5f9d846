import Features
import Kernel

/// What the index knows of a message: numbers that stand for its pieces, its place and its author. Different things may have
/// the same number, so the index finds what may be meant, and who asks looks at the message itself.
enum SearchToken {
    /// FNV-1a with 32 bits: quick, and the same on every machine for ever.
    private struct Hash {
        private var value: UInt32 = 2_166_136_261

        var number: Int32 { Int32(bitPattern: value) }

        mutating func add(_ byte: UInt8) { value = (value ^ UInt32(byte)) &* 16_777_619 }
    }

    private static func number(_ text: some Sequence<UInt8>) -> Int32 {
        var hash = Hash()
        for byte in text { hash.add(byte) }
        return hash.number
    }

    static func channel(_ id: ChannelID) -> Int32 { number("c\(id)".utf8) }
    /// Said of the messages in a channel's threads.
    static func threads(of id: ChannelID) -> Int32 { number("p\(id)".utf8) }
    /// Said of those in its private threads.
    static func privateThreads(of id: ChannelID) -> Int32 { number("q\(id)".utf8) }
    static func server(_ id: ServerID) -> Int32 { number("s\(id)".utf8) }
    static func author(_ id: UserID) -> Int32 { number("f\(id)".utf8) }
    static func mention(_ token: String) -> Int32 { number("m\(token)".utf8) }
    static func has(_ kind: SearchQuery.Kind) -> Int32 { number("h\(kind.rawValue)".utf8) }

    /// The pieces of a text: within each word all runs of two and of three characters, and of one where a single character
    /// says something, as in Han, Kana, Hangul, Thai and emoji.
    static func pieces(of text: SearchText) -> Set<Int32> {
        var tokens: Set<Int32> = []
        for word in text.words {
            for start in word.indices {
                if isTelling(word[start]) { tokens.insert(piece(word[start...start])) }
                if start + 2 <= word.endIndex { tokens.insert(piece(word[start..<(start + 2)])) }
                if start + 3 <= word.endIndex { tokens.insert(piece(word[start..<(start + 3)])) }
            }
        }
        return tokens
    }

    /// The pieces that a message must have if it contains a text: as long ones as there are.
    static func needed(for text: SearchText) -> Set<Int32> {
        var tokens: Set<Int32> = []
        for word in text.words {
            switch word.count {
            case 1: if isTelling(word[word.startIndex]) { tokens.insert(piece(word)) }
            case 2: tokens.insert(piece(word))
            default:
                for start in word.startIndex...(word.endIndex - 3) { tokens.insert(piece(word[start..<(start + 3)])) }
            }
        }
        return tokens
    }

    private static func isTelling(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x0E00 }

    /// The number of the scalars' UTF-8. There are a hundred pieces in a message, so no string is made of each.
    private static func piece(_ scalars: ArraySlice<Unicode.Scalar>) -> Int32 {
        var hash = Hash()
        for scalar in scalars {
            if scalar.value < 0x80 {
                hash.add(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { hash.add(byte) }
            }
        }
        return hash.number
    }
}
