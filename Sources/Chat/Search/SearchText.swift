import Foundation
import Kernel

/// Text as search compares it: without regard to case, width, accents and invisible characters.
///
/// Compatibility forms are one (NFKC: ｱ is ア, ﬁ is fi), letters lose their accents and vowel points where these are written
/// as marks of their own (é is e, Hebrew and Arabic points go), but not where they make another letter (が stays が).
struct SearchText: Sendable, Equatable {
    let scalars: [Unicode.Scalar]

    init(_ text: String) {
        // ASCII is nearly everything in many places, and needs none of the tables.
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            scalars = text.utf8.map { Unicode.Scalar((0x41...0x5A).contains($0) ? $0 + 0x20 : $0) }
            return
        }
        let decomposed = text.lowercased().decomposedStringWithCompatibilityMapping
        let kept = String.UnicodeScalarView(decomposed.unicodeScalars.lazy.filter { !Self.isIgnored($0) })
        scalars = String(kept).lowercased().precomposedStringWithCanonicalMapping.unicodeScalars.map {
            $0 == "ς" ? "σ" : $0
        }
    }

    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Accents; Hebrew points; Arabic vowel signs and the stretcher; variation selectors.
        case 0x0300...0x036F, 0x0591...0x05BD, 0x05BF, 0x05C1...0x05C2, 0x05C4...0x05C5, 0x05C7, 0x0610...0x061A,
            0x0640, 0x064B...0x065F, 0x0670, 0x06D6...0x06DC, 0xFE00...0xFE0F, 0xE0100...0xE01EF:
            true
        default: scalar.properties.generalCategory == .format
        }
    }

    /// The words: what stands between white space.
    var words: [ArraySlice<Unicode.Scalar>] { scalars.split(whereSeparator: Self.isSpace) }

    /// The tables are asked only for what is not ASCII.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80
            ? scalar == " " || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
    }

    func contains(_ other: SearchText) -> Bool { count(of: other, stoppingAt: 1) > 0 }

    /// How often another text stands in this one.
    func count(of other: SearchText, stoppingAt maximum: Int = .max) -> Int {
        guard let first = other.scalars.first, other.scalars.count <= scalars.count else { return 0 }
        var count = 0
        for start in 0...(scalars.count - other.scalars.count) where scalars[start] == first {
            if scalars[start..<(start + other.scalars.count)].elementsEqual(other.scalars) { count += 1 }
            if count == maximum { break }
        }
        return count
    }

    /// Whether another text stands in this one as a word of its own.
    func containsWord(_ other: SearchText) -> Bool {
        scalars.split { !$0.properties.isAlphabetic && $0.properties.numericType == nil }
            .contains { $0.elementsEqual(other.scalars) }
    }
}

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
