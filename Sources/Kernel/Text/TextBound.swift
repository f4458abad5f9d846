/// How much of a text there may be, and in which unit that is counted.
///
/// One character as people see it may have thousands of scalars, and one scalar up to four bytes. A length in one unit says nothing about
/// another, so lengths are only ever compared, and taken off each other, within one.
public enum TextBound: Sendable, Equatable {
    /// In UTF-8.
    case bytes(Int)
    /// Unicode scalars, the unit of the API's lengths.
    case scalars(Int)
    /// What people see as one character, of any size in scalars: only for texts that are bounded in another unit, too.
    case graphemes(Int)
}

extension StringProtocol {
    /// The longest beginning within a bound. No scalar is cut in two; a bound below 0 leaves nothing.
    public func beginning(_ bound: TextBound) -> String {
        switch bound {
        case .bytes(let count):
            guard utf8.count > count else { return String(self) }
            var kept = 0
            let scalars = unicodeScalars.prefix { scalar in
                kept += UTF8.width(scalar)
                return kept <= count
            }
            return String(String.UnicodeScalarView(scalars))
        case .scalars(let count):
            return String(String.UnicodeScalarView(unicodeScalars.prefix(Swift.max(0, count))))
        case .graphemes(let count): return String(prefix(Swift.max(0, count)))
        }
    }

    /// Whether the text keeps a bound. It looks no further than it must.
    public func fits(_ bound: TextBound) -> Bool {
        switch bound {
        case .bytes(let count): utf8.count <= count
        case .scalars(let count):
            count >= 0
                && unicodeScalars.index(startIndex, offsetBy: count, limitedBy: endIndex).map { $0 == endIndex } ?? true
        case .graphemes(let count):
            count >= 0 && index(startIndex, offsetBy: count, limitedBy: endIndex).map { $0 == endIndex } ?? true
        }
    }
}
