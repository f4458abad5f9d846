import Kernel
import Testing

@testable import Chat

@Suite("Text for searching")
struct SearchTextTests {
    @Test(
        "what people take for the same is found",
        arguments: [
            ("HELLO World", "hello"), ("Straße", "straße"), ("café", "CAFE"), ("cafe\u{301}", "café"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("Ὀδυσσεύς", "οδυσσεύσ"), ("ЁЛКА", "елка"), ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"), ("مــرحبا", "مرحبا"), ("नमस्ते", "मस्ते"), ("สวัสดีครับ", "ดีครับ"), ("東京都", "京都"),
            ("ﾄｳｷｮｳ", "トウキョウ"),
            ("がぎぐ", "がぎ"), ("한국어", "국"), ("👩\u{200D}🚀 gone", "👩🚀"), ("❤\u{FE0F}", "❤"), ("ＡＢＣ", "abc"), ("ﬁsh", "fish"),
        ])
    func same(text: String, term: String) {
        #expect(SearchText(text).contains(SearchText(term)))
    }

    @Test(
        "other words and other letters are not",
        arguments: [("がぎ", "か"), ("hello", "help"), ("तक", "ता"), ("ab", "abc")])
    func different(text: String, term: String) {
        #expect(!SearchText(text).contains(SearchText(term)))
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
            guard folded.contains(term) else { continue }
            #expect(
                SearchToken.needed(for: term).isSubset(of: SearchToken.pieces(of: folded)),
                "\(text.debugDescription) \(String(String.UnicodeScalarView(term.scalars)).debugDescription)")
        }
    }

    @Test("quoted words are one term")
    func terms() {
        #expect(SearchQuery.terms("a \"b c\" d") == ["a", "b c", "d"].map { SearchText($0) })
        #expect(SearchQuery.terms("  ") == [])
        #expect(SearchQuery.terms("\"\"") == [])
        #expect(SearchQuery.terms("\"open end") == [SearchText("open end")])
    }
}
