import Kernel

/// The picture of who has chosen none: the first letters of the name on a colour that stays the same.
enum DefaultPicture {
    /// SVG 1.1.
    static func svg(_ name: String, number: Int64) -> String {
        // Snowflakes of one moment differ in few bits, so they are mixed (Fibonacci hashing).
        let hue = (UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15) >> 32 % 360
        let letters = initials(name).escapedForHTML
        let text =
            letters.isEmpty
            ? ""
            : """
            <text x="256" y="256" dy="0.35em" text-anchor="middle" fill="#fff" font-family="sans-serif" font-size="224"\
            >\(letters)</text>
            """
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512">\
            <rect width="512" height="512" fill="hsl(\(hue),45%,38%)"/>\
            \(text)</svg>
            """
    }

    /// Of the first two words that have any.
    static func initials(_ name: String) -> String {
        let words = name.split { !$0.isLetter && !$0.isNumber && !$0.unicodeScalars.contains { $0.properties.isEmoji } }
        return words.prefix(2).compactMap(\.first)
            // One letter may carry any number of accents, and one emoji a whole family.
            .map { String($0).beginning(.scalars(8)).uppercased() }.joined()
    }
}
