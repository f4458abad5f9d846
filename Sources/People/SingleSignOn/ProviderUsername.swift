import Foundation
import Kernel

/// A user name for somebody who comes from a provider: what they go by there, as far as our names allow it.
enum ProviderUsername {
    private static let length = 3...32

    /// - Parameter names: the most fitting first.
    static func proposal(from names: [String]) -> String {
        for name in names {
            let plain = plain(name)
            if plain.count >= length.lowerBound { return plain }
        }
        return "user"
    }

    /// The same with a number, which still fits.
    static func numbered(_ name: String, _ number: Int) -> String {
        let suffix = String(number)
        return name.prefix(length.upperBound - suffix.count) + suffix
    }

    /// Letters without their accents, digits and the three signs; words joined by a point.
    private static func plain(_ name: String) -> String {
        let words = name.split(whereSeparator: \.isWhitespace).map { word in
            // Apart from its accent a letter is a scalar of its own; together they are one character.
            let scalars = word.decomposedStringWithCompatibilityMapping.unicodeScalars.filter { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                        || "_.-".unicodeScalars.contains(scalar))
            }
            return String(String.UnicodeScalarView(scalars))
        }
        return String(words.filter { !$0.isEmpty }.joined(separator: ".").prefix(length.upperBound))
    }
}
