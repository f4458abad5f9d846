import Kernel
import TestPrograms
import Testing

@Suite struct EscapingTests {
    /// Signs that Swift takes for a part of another character.
    @Test(arguments: ["<", ">", "&", "\"", "'"])
    func `A sign is escaped with a mark upon it, behind a letter that takes to the next one, and by itself`(
        _ sign: String
    ) {
        for text in [
            sign, sign + "\u{301}", sign + "\u{338}x", "\u{D4E}" + sign, "\u{600}" + sign + "script>",
            sign + "\u{FE0F}",
        ] {
            #expect(
                !text.escapedForHTML.unicodeScalars.contains { "<>\"'".unicodeScalars.contains($0) },
                "\(text)")
        }
        #expect("\u{D4E}<script>".escapedForHTML == "\u{D4E}&lt;script&gt;")
        #expect("a&b".escapedForHTML == "a&amp;b")
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `Of any text nothing stays that means something to HTML, and nothing else changes`(_ seed: UInt64) {
        var hostile = HostileText(seed: seed)
        let written: [Unicode.Scalar: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"]
        for _ in 0..<1000 {
            let text = hostile.text()
            let wanted = text.unicodeScalars.flatMap { Array((written[$0] ?? String($0)).utf8) }
            #expect(Array(text.escapedForHTML.utf8) == wanted, "seed \(seed)")
        }
    }

    @Test func `A sign is found as a part of a character`() {
        #expect("a,\u{301}b".holds(anyOf: [","]) && "\u{D4E},".holds(anyOf: [",", ";"]))
        #expect(!"ab".holds(anyOf: [",", ";"]) && !"".holds(anyOf: [","]))
    }
}
