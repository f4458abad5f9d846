import Foundation
import Kernel

/// Text as search compares it: as people read it, without regard to case, width, accents, invisible characters, and which
/// of several quotation marks, apostrophes, hyphens and kinds of white space somebody's keyboard made.
///
/// Compatibility forms are one (NFKC: ｱ is ア, ﬁ is fi), case is folded in full (ß is ss, İ and ı are i, ς is σ), letters
/// lose their accents and vowel points where these are written as marks of their own (é is e, Hebrew and Arabic points go),
/// but not where they make another letter (が stays が), and those with a stroke or two letters in one are as on a plain keyboard (ł is
/// l, ø is o, æ is ae). White space of any kind and length is one space, so that a phrase
/// goes on in the next line.
///
/// What is stored by this folding has `version` with it, which grows with every change here.
package struct SearchText: Sendable, Equatable {
    package static let version = 3

    package let scalars: [Unicode.Scalar]

    package init(_ text: String) {
        // ASCII is nearly everything in many places, and needs none of the tables.
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else {
            scalars = Self.spaced(
                text.utf8.lazy.map { Self.plain(Unicode.Scalar((0x41...0x5A).contains($0) ? $0 + 0x20 : $0)) })
            return
        }
        // Signs first: their compatibility forms have spaces and accents in them.
        let signs = String(String.UnicodeScalarView(text.unicodeScalars.lazy.map(Self.plain)))
        let kept = signs.decomposedStringWithCompatibilityMapping.unicodeScalars.lazy.filter { !Self.isIgnored($0) }
        // Up and down again, because some letters meet only there.
        let folded = String(String.UnicodeScalarView(kept)).lowercased().uppercased().lowercased()
        scalars = Self.spaced(
            folded.precomposedStringWithCanonicalMapping.unicodeScalars.flatMap { Self.letters[$0] ?? [Self.plain($0)] }
        )
    }

    /// Of scalars that are folded already.
    init(folded scalars: some Sequence<Unicode.Scalar>) { self.scalars = Self.spaced(scalars) }

    /// Letters that people without such a key write otherwise, and that no table of Unicode takes apart.
    private static let letters: [Unicode.Scalar: [Unicode.Scalar]] = [
        "ς": ["σ"], "ł": ["l"], "ø": ["o"], "đ": ["d"], "ð": ["d"], "ħ": ["h"], "ŧ": ["t"], "æ": ["a", "e"],
        "œ": ["o", "e"], "þ": ["t", "h"],
    ]

    /// Signs that stand for one another.
    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x60, 0xB4, 0x02B9, 0x02BB...0x02BD, 0x05F3, 0x2018...0x201B, 0x2032, 0x2035, 0x2039, 0x203A, 0x275B,
            0x275C,
            0xFF07, 0xFF40:
            "'"
        case 0xAB, 0xBB, 0x02BA, 0x05F4, 0x201C...0x201F, 0x2033, 0x2036, 0x275D, 0x275E, 0x276E, 0x276F, 0x2E42,
            0x300A...0x300F, 0x301D...0x301F, 0xFF02, 0xFF62, 0xFF63:
            "\""
        case 0x058A, 0x05BE, 0x2010...0x2015, 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D: "-"
        default: scalar
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

    /// With one space for all white space, and none at the ends.
    private static func spaced(_ scalars: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.underestimatedCount)
        var isBetween = false
        for scalar in scalars {
            if isSpace(scalar) {
                isBetween = !result.isEmpty
            } else {
                if isBetween { result.append(" ") }
                isBetween = false
                result.append(scalar)
            }
        }
        return result
    }

    /// The tables are asked only for what is not ASCII.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x80
            ? scalar == " " || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
    }

    /// The words: what stands between white space.
    package var words: [ArraySlice<Unicode.Scalar>] { scalars.split(separator: " ") }

    package func contains(_ term: SearchTerm) -> Bool {
        var isThere = false
        term.pattern.forEachMatch(in: scalars) { _ in
            isThere = true
            return false
        }
        return isThere
    }

    /// How often a term stands in the text, and whether once as a word of its own.
    package func occurrences(of term: SearchTerm, stoppingAt maximum: Int) -> (count: Int, hasWord: Bool) {
        var (count, hasWord) = (0, false)
        term.pattern.forEachMatch(in: scalars) { range in
            count += 1
            hasWord = hasWord || (!isInWord(range.lowerBound - 1) && !isInWord(range.upperBound))
            return count < maximum || !hasWord
        }
        return (min(count, maximum), hasWord)
    }

    /// Whether a term stands in the text as a word of its own.
    /// - Parameter isFree: of letters beside which a word may begin and end anywhere.
    package func hasWord(_ term: SearchTerm, freeAt isFree: (Unicode.Scalar) -> Bool) -> Bool {
        var hasWord = false
        term.pattern.forEachMatch(in: scalars) { range in
            hasWord =
                isBorder(range.lowerBound - 1, beside: scalars[range.lowerBound], freeAt: isFree)
                && isBorder(range.upperBound, beside: scalars[range.upperBound - 1], freeAt: isFree)
            return !hasWord
        }
        return hasWord
    }

    private func isBorder(
        _ index: Int, beside edge: Unicode.Scalar, freeAt isFree: (Unicode.Scalar) -> Bool
    ) -> Bool {
        !isInWord(index) || isFree(edge) || isFree(scalars[index])
    }

    private func isInWord(_ index: Int) -> Bool { scalars.indices.contains(index) && Self.isInWord(scalars[index]) }

    package static func isInWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}

/// Something that has to stand in a text, word or phrase.
package struct SearchTerm: Sendable, Equatable {
    package let text: SearchText
    let pattern: SearchPattern<Unicode.Scalar>

    package init(_ text: SearchText) {
        self.text = text
        self.pattern = SearchPattern(text.scalars)
    }

    package init(_ text: String) { self.init(SearchText(text)) }

    package static func == (one: Self, other: Self) -> Bool { one.text == other.text }

    // MARK: Taking a question apart

    /// The words of a question, and as one term each what stands in quotation marks of any kind. Single ones quote only
    /// from the beginning of a word to the end of one: elsewhere they are apostrophes.
    package static func terms(in question: String) -> [SearchTerm] {
        let scalars = SearchText(question).scalars
        var terms: [SearchTerm] = []
        var rest = scalars[...]
        while let first = rest.first {
            let term: ArraySlice<Unicode.Scalar>
            if first == "\"" {
                rest = rest.dropFirst()
                term = rest.prefix { $0 != "\"" }
                rest = rest.dropFirst(term.count + 1)
            } else if first == "'", let end = closing(rest) {
                term = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[(end + 1)...]
            } else {
                term = rest.prefix { $0 != "\"" && $0 != " " }
                rest = rest.dropFirst(term.count)
                if rest.first == " " { rest = rest.dropFirst() }
            }
            let text = SearchText(folded: term)
            if !text.scalars.isEmpty { terms.append(SearchTerm(text)) }
        }
        return terms
    }

    /// Where the single quotation ends that a text begins with.
    private static func closing(_ text: ArraySlice<Unicode.Scalar>) -> Int? {
        var before: Unicode.Scalar = " "
        for index in text.indices.dropFirst() {
            let isLast = index + 1 == text.endIndex
            if text[index] == "'", before != " ", isLast || text[index + 1] == " " || text[index + 1] == "\"" {
                return index
            }
            before = text[index]
        }
        return nil
    }
}
