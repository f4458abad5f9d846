import Kernel
import Synchronization
import Testing

@testable import Content
@testable import Features

@Suite("Text for searching")
struct SearchTextTests {
    @Test(
        "what people take for the same is found",
        arguments: [
            ("HELLO World", "hello"), ("Straße", "straße"), ("café", "CAFE"), ("cafe\u{301}", "café"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("Ὀδυσσεύς", "οδυσσεύσ"), ("ЁЛКА", "елка"), ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"), ("مــرحبا", "مرحبا"), ("नमस्ते", "मस्ते"), ("สวัสดีครับ", "ดีครับ"), ("東京都", "京都"),
            ("ﾄｳｷｮｳ", "トウキョウ"),
            ("STRASSE", "straße"), ("Straße", "STRASSE"), ("GROẞ", "gross"), ("İstanbul", "istanbul"),
            ("ISPARTA", "ısparta"),
            ("don’t", "don't"), ("don't", "don‘t"), ("geht´s", "geht’s"), ("5′ 3″", "5' 3\""), ("„so“", "\"so\""),
            ("«так»", "“так”"), ("e‑mail", "e-mail"), ("1914–1918", "1914-1918"), ("−5", "-5"), ("ﬀ ﬃ ﬆ", "ff ffi st"),
            ("red\nhouse", "red house"), ("red  \t house", "red house"), ("red\u{A0}house", "red house"),
            ("東京\u{3000}都", "東京 都"), ("co\u{AD}operate", "cooperate"), ("½ ①②", "1⁄2 12"), ("ᾳ", "α"), ("צ״ל", "צ\"ל"),
            ("がぎぐ", "がぎ"), ("한국어", "국"), ("👩\u{200D}🚀 gone", "👩🚀"), ("❤\u{FE0F}", "❤"), ("ＡＢＣ", "abc"), ("ﬁsh", "fish"),
        ])
    func same(text: String, term: String) {
        #expect(SearchText(text).contains(SearchTerm(term)))
    }

    @Test(
        "other words and other letters are not",
        arguments: [
            ("がぎ", "か"), ("hello", "help"), ("तक", "ता"), ("ab", "abc"), ("redhouse", "red house"), ("dont", "don't"),
            ("", "a"), ("a", ""),
        ])
    func different(text: String, term: String) {
        #expect(!SearchText(text).contains(SearchTerm(term)))
    }

    @Test("the pieces of a term are among the pieces of every text that contains it")
    func pieces() {
        var random = SystemRandomNumberGenerator()
        let alphabets = ["abc de", "абв гд", "東京 都か", "한국 어", "😀🚀 ❤", "नमस् ते", "שלו ם", "กขค ง", "ا ب ت"]
        for _ in 0..<2000 {
            let alphabet = Array(alphabets[Int.random(in: 0..<alphabets.count, using: &random)])
            let text = String((0..<20).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
            let folded = SearchText(text)
            let start = Int.random(in: 0..<folded.scalars.count, using: &random)
            let end = Int.random(in: start..<folded.scalars.count, using: &random)
            let term = SearchText(String(String.UnicodeScalarView(folded.scalars[start...end])))
            guard folded.contains(SearchTerm(term)) else { continue }
            #expect(
                TextPieces.needed(for: term).isSubset(of: TextPieces.pieces(of: folded)),
                "\(text.debugDescription) \(String(String.UnicodeScalarView(term.scalars)).debugDescription)")
        }
    }

    @Test("folding what is folded changes nothing")
    func idempotence() {
        for block in [
            0x20...0x24FF, 0x2E00...0x33FF, 0xA640...0xA7FF, 0xAC00...0xAC40, 0xF900...0xFFEE, 0x1D400...0x1D7FF,
        ] {
            for value in block {
                guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
                let folded = SearchText("a\(Character(scalar))b")
                let again = SearchText(String(String.UnicodeScalarView(folded.scalars)))
                #expect(again == folded, "U+\(String(value, radix: 16))")
            }
        }
    }

    @Test(
        "quoted words are one term",
        arguments: [
            ("a \"b c\" d", ["a", "b c", "d"]), ("  ", []), ("\"\"", []), ("\"open end", ["open end"]),
            ("“b c” d", ["b c", "d"]), ("„b c“", ["b c"]), ("« b c »", ["b c"]), ("»b c«", ["b c"]), ("＂b c＂", ["b c"]),
            ("'b c' d", ["b c", "d"]), ("‘b c’", ["b c"]), ("‚b c‘", ["b c"]), ("don't can’t", ["don't", "can't"]),
            ("'tis so", ["'tis", "so"]), ("dogs' bed", ["dogs'", "bed"]), ("'don't go' now", ["don't go", "now"]),
            ("a\"b c\"d", ["a", "b c", "d"]), ("\"b\n c\"", ["b c"]), ("'", ["'"]), ("''", ["''"]),
            ("\"it's 'b' c\"", ["it's 'b' c"]),
        ])
    func terms(question: String, terms: [String]) {
        #expect(SearchTerm.terms(in: question) == terms.map { SearchTerm($0) })
    }

    // MARK: Cost

    private final class Counter: Sendable {
        let count = Mutex(0)
    }

    /// An element that counts how often it is compared.
    private struct Counted: Equatable, Sendable {
        let value: Character
        let counter: Counter

        static func == (one: Self, other: Self) -> Bool {
            one.counter.count.withLock { $0 += 1 }
            return one.value == other.value
        }
    }

    private func comparisons(_ pattern: String, in text: String) -> Int {
        let counter = Counter()
        let text = text.map { Counted(value: $0, counter: counter) }
        SearchPattern(pattern.map { Counted(value: $0, counter: counter) }).forEachMatch(in: text) { _ in true }
        return counter.count.withLock { $0 }
    }

    @Test(
        "twice the text costs twice as much, whatever it consists of",
        arguments: [("a", "b"), ("ab", "b"), ("aab", "a"), ("abab", "c")])
    func linearity(unit: String, ending: String) {
        for length in [50, 100, 200, 400] {
            for size in [1000, 2000, 4000, 8000] {
                let pattern = String(repeating: unit, count: length) + ending
                let text = String(repeating: unit, count: size / unit.count)
                #expect(comparisons(pattern, in: text) <= 3 * (pattern.count + text.count))
            }
        }
    }

    @Test("every place is found, also where places overlap")
    func places() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let make = { (count: Int) in (0..<count).map { _ in Int.random(in: 0...1, using: &random) } }
            let (text, pattern) = (make(30), make(Int.random(in: 1...4)))
            var found: [Int] = []
            SearchPattern(pattern).forEachMatch(in: text) { range in
                found.append(range.lowerBound)
                return true
            }
            let expected = (0...(30 - pattern.count)).filter { Array(text[$0..<($0 + pattern.count)]) == pattern }
            #expect(found == expected)
        }
    }

    @Test(
        "people are found by any part of any word of any name",
        arguments: [
            ("zoe", true), ("ZOË", true), ("Zoe\u{308}", true), ("oe", true), ("bla", true), ("@bla", true),
            ("zoë blatt", true),
            ("blatt zoë", true), ("boss", true), ("zoeblatt", false), ("zoe x", false), ("", false), (" ", false),
            ("%", false),
            ("_", false),
        ])
    func names(query: String, isFound: Bool) {
        #expect(NameQuery(query).matches(["black.bird", "Zoë Blättermann", nil, "The Boss"]) == isFound)
    }
}
