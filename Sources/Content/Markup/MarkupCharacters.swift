/// What the grammar of messages knows of letters and signs. By ranges of UTF-16 units rather than by the properties of the
/// newest Unicode, so that every browser and the server agree about each of them (`Web/markdown/characters.js`).
enum MarkupCharacters {
    /// Latin, Greek, Cyrillic and Armenian, which put spaces between their words.
    private static let spacedLetters: [ClosedRange<UInt16>] = [
        0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2AF, 0x300...0x58F, 0x1E00...0x1FFF,
    ]

    /// Signs, spaces and symbols beyond ASCII; what is in none of these is a letter.
    private static let signs: [ClosedRange<UInt16>] = [
        0x80...0xA9, 0xAB...0xB4, 0xB6...0xB9, 0xBB...0xBF, 0xD7...0xD7, 0xF7...0xF7, 0x2000...0x2BFF, 0x2E00...0x2E7F,
        0x3000...0x3004, 0x3008...0x3020, 0x3030...0x3030, 0x303D...0x303D, 0xD800...0xF8FF, 0xFE10...0xFE1F,
        0xFE30...0xFE6F, 0xFEFF...0xFEFF, 0xFF00...0xFF0F, 0xFF1A...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFF65,
        0xFFE0...0xFFFF,
    ]

    /// Quotation marks, the ellipsis, and the signs of East Asian texts: none of them is part of an address.
    private static let foreignEnds: [ClosedRange<UInt16>] = [
        0xAB...0xAB, 0xBB...0xBB, 0x2018...0x201F, 0x2026...0x2026, 0x2039...0x203A, 0x3001...0x3003, 0x3008...0x3011,
        0x3014...0x301F, 0xFE30...0xFE4F, 0xFF01...0xFF0F, 0xFF1A...0xFF20, 0xFF3B...0xFF3D, 0xFF5B...0xFF65,
    ]

    private static func isWithin(_ ranges: [ClosedRange<UInt16>], _ unit: UInt16) -> Bool {
        ranges.contains { $0.contains(unit) }
    }

    static func isDigit(_ unit: UInt16) -> Bool { (0x30...0x39).contains(unit) }

    private static func isAlphanumeric(_ unit: UInt16) -> Bool {
        isDigit(unit) || (0x41...0x5A).contains(unit) || (0x61...0x7A).contains(unit)
    }

    /// Part of a word before which, and after which, neither an address nor `@everyone` stands. Other scripts may touch
    /// them: some put no spaces between words, others join endings to them.
    static func isWord(_ unit: UInt16) -> Bool {
        unit < 0x80 ? isAlphanumeric(unit) : isWithin(spacedLetters, unit)
    }

    /// A letter of any script, a digit or `_`: between two of them an underscore is only an underscore.
    static func isLetter(_ unit: UInt16) -> Bool {
        unit < 0x80 ? isAlphanumeric(unit) || unit == 0x5F : !isWithin(signs, unit)
    }

    /// White space as ECMAScript has it.
    static func isSpace(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x20, 0x09...0x0D, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }

    /// What an address in a sentence ends before: spaces and `"<>\|*` and the backtick, and the signs above.
    static func endsAddress(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x22, 0x2A, 0x3C, 0x3E, 0x5C, 0x60, 0x7C: true
        case 0..<0x80: isSpace(unit)
        default: isSpace(unit) || isWithin(foreignEnds, unit)
        }
    }
}

/// The signs of the grammar.
enum MarkupSign {
    static let backtick = unit("`")
    static let backslash = unit("\\")
    static let less = unit("<")
    static let greater = unit(">")
    static let at = unit("@")
    static let and = unit("&")
    static let hash = unit("#")
    static let colon = unit(":")
    static let minus = unit("-")
    static let star = unit("*")
    static let underscore = unit("_")
    static let tilde = unit("~")
    static let bar = unit("|")
    static let bracket = unit("[")
    static let bracketEnd = unit("]")
    static let parenthesis = unit("(")
    static let parenthesisEnd = unit(")")
    static let space = unit(" ")
    static let lineFeed = unit("\n")
    static let carriageReturn = unit("\r")

    static func unit(_ scalar: Unicode.Scalar) -> UInt16 { UInt16(truncatingIfNeeded: scalar.value) }

    static func units(_ text: String) -> Set<UInt16> { Set(text.utf16) }
}
