import Kernel

/// Texts as an index has them: numbers that stand for their pieces. Different pieces may have the same number, so an index finds
/// what may be meant, and who asks looks at the texts themselves.
///
/// Both databases have indexes of words or numbers, and none that finds two characters of Japanese as well as one of Korean.
package enum TextPieces {
    /// FNV-1a with 32 bits: quick, and the same on every machine for ever.
    private struct Hash {
        private var value: UInt32 = 2_166_136_261

        var number: Int32 { Int32(bitPattern: value) }

        mutating func add(_ byte: UInt8) { value = (value ^ UInt32(byte)) &* 16_777_619 }
    }

    /// Of something that is no piece, but stands in the same index.
    package static func number(of text: some Sequence<UInt8>) -> Int32 {
        var hash = Hash()
        for byte in text { hash.add(byte) }
        return hash.number
    }

    /// The pieces of a text: within each word all runs of two and of three characters, and of one where a single character
    /// says something, as in Han, Kana, Hangul, Thai and emoji.
    package static func pieces(of text: SearchText) -> Set<Int32> {
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

    /// The pieces that a longer text must have if it contains this one: as long ones as there are.
    package static func needed(for text: SearchText) -> Set<Int32> {
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

    // MARK: How they are stored

    /// As words of an FTS5 table, written digit by digit, for a message has a hundred: `t` and the number in hexadecimal.
    package static func words(_ numbers: some Sequence<Int32>) -> String {
        var text: [UInt8] = []
        for number in numbers {
            if !text.isEmpty { text.append(UInt8(ascii: " ")) }
            text.append(UInt8(ascii: "t"))
            for shift in stride(from: 28, through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: UInt32(bitPattern: number) >> UInt32(shift) & 0xF)
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A condition of an FTS5 table: that all of them are there.
    package static func all(_ numbers: some Sequence<Int32>) -> String { quoted(numbers.sorted(), " AND ") }

    /// A condition of an FTS5 table: that one of them is there.
    package static func any(_ numbers: some Sequence<Int32>) -> String { quoted(numbers, " OR ") }

    private static func quoted(_ numbers: some Sequence<Int32>, _ separator: String) -> String {
        numbers.map { "\"\(words([$0]))\"" }.joined(separator: separator)
    }

    /// As an array of PostgreSQL.
    package static func array(_ numbers: some Sequence<Int32>) -> String {
        "{\(numbers.map(String.init).joined(separator: ","))}"
    }
}
