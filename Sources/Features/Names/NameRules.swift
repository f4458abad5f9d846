import Foundation
import Kernel

/// What names that people give to things may consist of. Lengths count Unicode scalars.
package enum NameRules {
    /// A visible, one-line name: white space at the ends is cut off; control characters, direction overrides and invisible
    /// filling are refused; something must be there to see.
    package static func name(_ length: ClosedRange<Int>) -> JSONReader<String> {
        JSONReader.string(0...length.upperBound)
            .checked(
                "must have \(length.lowerBound) to \(length.upperBound) visible characters and no control characters"
            ) {
                let trimmed = trim($0)
                return length.contains(trimmed.unicodeScalars.count) && isOneVisibleLine(trimmed) ? trimmed : nil
            }
    }

    /// One line as a name has it, or nothing: white space alone is nothing.
    package static func line(_ maximum: Int) -> JSONReader<String> {
        JSONReader.string(0...maximum).checked("must be one line without control characters") {
            let trimmed = trim($0)
            return trimmed.isEmpty || isOneVisibleLine(trimmed) ? trimmed : nil
        }
    }

    /// Text of several lines that may be empty.
    package static func text(_ length: ClosedRange<Int>) -> JSONReader<String> {
        JSONReader.string(length).checked("must not have control characters") { isClean($0) ? $0 : nil }
    }

    /// ASCII letters, digits, `_`, `.` and `-`, so that no two names can look alike; people write themselves in
    /// their own script in the display name.
    package static let username = JSONReader.string(3...32)
        .checked("may have letters A-Z, digits, '_', '.' and '-'") { (name: String) -> String? in
            name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            } ? name : nil
        }

    /// A colour, as CSS writes it: `#rrggbb`.
    package static let color = JSONReader.string(7...7).checked("must be #rrggbb") { (color: String) -> String? in
        color.hasPrefix("#") && color.dropFirst().allSatisfy { $0.isASCII && $0.isHexDigit } ? color.lowercased() : nil
    }

    /// The form of RFC 5321 without its rarities: one `@`, no spaces or controls, a domain of labels.
    package static let email = JSONReader.string(3...254)
        .checked("must be an e-mail address") { (address: String) -> String? in
            // By bytes, as mail servers read it: a sign may be a part of a character.
            let halves = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
            guard halves.count == 2, (1...64).contains(halves[0].count), isClean(address),
                !address.unicodeScalars.contains(where: isForeignToAddresses)
            else { return nil }
            let labels = halves[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            let isDomain = labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            }
            // Nobody has mail there (RFC 6761, section 6.4), so that the server has addresses for accounts without one.
            let isNowhere = labels.last.map { key(String(Substring($0))) } == "invalid"
            return isDomain && !isNowhere ? address : nil
        }

    private static func isForeignToAddresses(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .format
            || "<>()[]:;,\\\"".unicodeScalars.contains(scalar)
    }

    /// The form under which names are compared (RFC 8265, profile UsernameCaseMapped): wide and narrow letters are ordinary
    /// ones, case does not count, and everything is composed (NFC). U+0000, which no stored name has and PostgreSQL can't
    /// even compare with, becomes another character that none has.
    package static func key(_ name: String) -> String {
        let plain = name.utf8.allSatisfy { $0 < 0x80 } ? name : withOrdinaryWidth(name)
        return plain.lowercased().precomposedStringWithCanonicalMapping.replacing("\0", with: "\u{FFFD}")
    }

    /// The keys under which a name may stand that was stored by earlier versions, which only minded the case.
    package static func keys(_ name: String) -> [String] {
        let (key, lowered) = (key(name), name.lowercased().replacing("\0", with: "\u{FFFD}"))
        return [key, key.decomposedStringWithCanonicalMapping, lowered]
    }

    private static func withOrdinaryWidth(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            let isWideOrNarrow = (0xFF01...0xFFEE).contains(scalar.value)
            let letter = String(scalar)
            result += isWideOrNarrow ? letter.precomposedStringWithCompatibilityMapping : letter
        }
    }

    private static func trim(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    /// No control characters but line feed, carriage return and tab. PostgreSQL could not even store U+0000.
    package static func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control || scalar == "\n" || scalar == "\r" || scalar == "\t"
        }
    }

    /// Whether there is anything to see in a text.
    package static func isVisible(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            // What is unassigned here may be an emoji that is newer than this program.
            case .control, .format, .surrogate, .spaceSeparator, .lineSeparator, .paragraphSeparator,
                .nonspacingMark, .enclosingMark:
                false
            // Hangul fillers and the blank braille pattern are letters and symbols that nobody can see.
            default: ![0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800].contains(scalar.value)
            }
        }
    }

    private static func isOneVisibleLine(_ text: String) -> Bool {
        isVisible(text)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
                // Joiners are part of Persian and Indic words and of emoji, tags of flags.
                case .format:
                    scalar.value == 0x200C || scalar.value == 0x200D || (0xE0020...0xE007F).contains(scalar.value)
                default: true
                }
            }
    }
}
