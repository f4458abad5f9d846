import Foundation
import Kernel
import TestPrograms
import Testing

@testable import Chat

@Suite("The grammar of messages")
struct MessageMarkupTests {
    @Test("texts are read as the grammar says")
    func grammar() throws {
        let texts = try ReadText.grammar()
        #expect(texts.count > 200)
        for text in texts {
            let read = JSON.array(MessageMarkup.parse(text.text).map(\.outline))
            #expect(Array(read.text.utf8) == Array(text.tree.text.utf8), "\(text.text): \(read.text)")
            #expect(MessageMarkup.mentions(in: text.text) == text.mentions, "\(text.text)")
        }
    }

    private static func read(_ arguments: [String]) async throws -> [ReadText] {
        let output = try await ScriptProgram.runJavaScript("random_texts.mjs", arguments)
        try #require(output.status == 0, "\(output.errors)")
        return try output.text.split(separator: "\n").map { line in
            try #require(ReadText(try JSONParser.parse(Array(line.utf8))))
        }
    }

    @Test("server and web client read random texts alike")
    func random() async throws {
        // Another one each time; what it found is found again with the same one.
        let seed = ProcessInfo.processInfo.environment["AVIARY_SEED"] ?? String(UInt32.random(in: 1...2_000_000_000))
        print("seed of the random texts (AVIARY_SEED): \(seed)")
        let texts = try await Self.read([seed, "4000"])
        #expect(texts.count == 4000)
        #expect(texts.contains { !$0.mentions.isEmpty })
        let different = texts.filter { !$0.isReadAlike }
        for text in different.prefix(5) {
            let read = JSON.array(MessageMarkup.parse(text.text).map(\.outline))
            Issue.record("seed \(seed): \(JSON.string(text.text).text)\n\(text.tree.text)\n\(read.text)")
        }
    }

    @Test("server and web client know the same letters, signs and spaces")
    func units() async throws {
        let texts = try await Self.read(["units"])
        #expect(texts.count > 12_000)
        for text in texts.filter({ !$0.isReadAlike }).prefix(5) {
            Issue.record("\(JSON.string(text.text).text)\n\(text.tree.text)")
        }
    }

    private static func times(_ text: String, _ length: Int) -> String {
        String(repeating: text, count: length / text.utf16.count)
    }

    /// Each has driven some parser to time that grows with the square of the length, or worse.
    private static let shapes: [@Sendable (Int) -> String] = [
        { times("word ", $0) }, { "https://a/" + times(")", $0) },
        { times("https://a/" + times("(", $0 / 8) + times(")", $0 / 8) + " ", $0) },
        { "https://a/" + times(".", $0) + " x" }, { times("https://.", $0) },
        { times("`", $0 / 2) + times("x", $0 / 2) },
        { length in (1...Int(Double(2 * length).squareRoot())).map { times("`", $0) + "x" }.joined() },
        { length in (1...Int(Double(2 * length).squareRoot())).reversed().map { times("`", $0) + "x" }.joined() },
        { times("`", $0 / 2) + times("a` ", $0 / 2) }, { times("```a\n", $0) }, { times("```a b\n", $0) + "```x" },
        { times("a```b", $0) }, { times("```a` ", $0) }, { times(">>>>>>a\n", $0) }, { times("     - a\n  - b\n", $0) },
        { times("[", $0) }, { times("[", $0 / 2) + times("](https://a.org)", $0 / 2) }, { times("[a](https://b", $0) },
        { times("[a](", $0) }, { "[a](https://b" + times("(", $0 / 2) + times(")", $0 / 2) },
        { times("[                ", $0 / 2) + times("](https://a)", $0 / 2) }, { times("<", $0) },
        { times("<https://aaaaaaa ", $0) }, { times("<https://" + times("a", $0 / 4) + " ", $0) }, { times("*", $0) },
        { times("*a", $0) }, { times("*a**b__c~~d||", $0) }, { times("***a** b_c___d", $0) }, { times("\\", $0) },
        { times("@everyon", $0) }, { times("@everyone____", $0) }, { times("||\n", $0) }, { times("||\n```\n", $0) },
        { times("||a\n\nb||\n", $0) }, { times(" \n", $0) }, { times("# #\n", $0) },
    ]

    @Test("steps grow as the text does", arguments: shapes.indices)
    func linear(number: Int) {
        func steps(_ length: Int) -> Int {
            var parser = MarkupBlockParser(Self.shapes[number](length))
            _ = parser.parse()
            return parser.steps
        }
        let (small, large) = (steps(4096), steps(8192))
        #expect(small >= 4096 / 2)
        #expect(large <= small * 22 / 10 + 100)
        #expect(small <= 100 * 4096)
    }

    @Test("half a mention speaks to nobody")
    func half() {
        for text in ["hello", "a@b.org", "<#1> @", "<:a:1>", "@", "<", String(repeating: "`<", count: 2000)] {
            #expect(MessageMarkup.mentions(in: text).isEmpty)
        }
    }

    @Test("links are known with their brackets and spoilers; code and words of links have none")
    func links() {
        let text = """
            https://a.org <HTTP://b.org> `https://c.org` [https://d.org](https://e.org) ||https://f.org||

            ```
            https://g.org
            ```
            > - https://h.org
            """
        #expect(
            MessageMarkup.links(in: text) == [
                MarkupLink(address: "https://a.org", isQuiet: false, isHidden: false),
                MarkupLink(address: "HTTP://b.org", isQuiet: true, isHidden: false),
                MarkupLink(address: "https://e.org", isQuiet: false, isHidden: false),
                MarkupLink(address: "https://f.org", isQuiet: false, isHidden: true),
                MarkupLink(address: "https://h.org", isQuiet: false, isHidden: false),
            ])
        #expect(MessageMarkup.links(in: "http: // a").isEmpty)
    }
}
