import Features
import Kernel

/// The words that somebody wants to hear of, and where (contract: REST, Alerts).
struct KeywordAlert: Sendable, Equatable {
    let keywords: [String]
    /// Nil: everywhere.
    let servers: [ServerID]?
    let excludedChannels: [ChannelID]

    static let none = KeywordAlert(keywords: [], servers: nil, excludedChannels: [])
}

extension KeywordAlert: JSONObjectEncodable {
    static let shape = JSONShape<KeywordAlert>(
        "KeywordAlerts",
        .field("keywords", \.keywords), .field("server_ids", \.servers),
        .field("exclude_channel_ids", \.excludedChannels))
}

/// A keyword as it is looked for: whole words, folded as search folds them. Scripts without spaces between words have no whole
/// words, so that one written in them is found wherever it stands.
struct Keyword: Sendable {
    let term: SearchTerm
    /// What a text must have for the keyword to be in it: the longest of its pieces.
    let hint: String

    /// Nil for one with nothing in it.
    init?(_ text: String) {
        let folded = SearchText(text)
        guard let hint = Self.pieces(of: folded).max(by: { $0.unicodeScalars.count < $1.unicodeScalars.count }) else {
            return nil
        }
        term = SearchTerm(text)
        self.hint = hint
    }

    func isIn(_ text: SearchText) -> Bool { text.hasWord(term, freeAt: Self.isUnspaced) }

    /// Runs of letters and digits, and each sign for itself, as each letter of scripts without spaces. A text that has a keyword
    /// has its pieces.
    static func pieces(of text: SearchText) -> Set<String> {
        var pieces: Set<String> = []
        var run = String.UnicodeScalarView()
        func end() {
            if !run.isEmpty { pieces.insert(String(run)) }
            run = String.UnicodeScalarView()
        }
        for scalar in text.scalars {
            if SearchText.isInWord(scalar), !isUnspaced(scalar) {
                run.append(scalar)
                continue
            }
            end()
            if scalar != " " { pieces.insert(String(scalar)) }
        }
        end()
        return pieces
    }

    /// Thai, Lao, Burmese, Khmer, Kana, Han and Hangul, whose particles follow without a space.
    static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x2E80...0x2FDF, 0x3005...0x3007,
            0x3021...0x3029, 0x3031...0x3035, 0x3038...0x303C, 0x3041...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0x1AFF0...0x1B16F, 0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
