import Foundation
import Kernel
import TestPrograms
import Testing

@testable import Community
@testable import Content
@testable import Features
@testable import People

/// A failed check of Swift's ends everybody's server, so these tests fail by ending.
@Suite("Hostile texts in features")
struct HostileTextTests {
    @Test("a file's name keeps its bound, and its ending where there is one", arguments: [UInt64(1), 2, 3])
    func filenames(seed: UInt64) {
        #expect(Filename.cleaned("x.a" + String(repeating: "\u{301}", count: 300)).unicodeScalars.count == 255)
        #expect(Filename.cleaned(String(repeating: "y", count: 300) + ".tar").hasSuffix("y.tar"))
        #expect(Filename.cleaned("x\u{600}/..\u{600}/etc") == "etc" && Filename.cleaned("a/\u{301}b") == "\u{301}b")
        var hostile = HostileText(seed: seed)
        for _ in 0..<2000 {
            let name = Filename.cleaned(hostile.text())
            #expect((1...255).contains(name.unicodeScalars.count), "seed \(seed)")
            #expect(!name.holds(anyOf: ["/", "\\", "\0", "\n"]) && name.unicodeScalars.first != ".", "seed \(seed)")
        }
    }

    @Test("a default picture shows a few letters of any name", arguments: [UInt64(1), 2, 3])
    func pictures(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        for _ in 0..<500 {
            let name =
                hostile.text() + "e" + String(repeating: "\u{301}", count: Int.random(in: 0...400, using: &hostile))
            // One scalar can have three in upper case.
            #expect(DefaultPicture.initials(name).unicodeScalars.count <= 48, "seed \(seed)")
        }
    }

    @Test("names, links, words and mentions are found in any text", arguments: [UInt64(1), 2, 3])
    func scanners(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        for _ in 0..<2000 {
            let (text, other) = (hostile.text(), hostile.text())
            _ = (MessageMarkup.mentions(in: text), LinkScanner.links(in: text), WebLink.isValid(text))
            _ = MessageMarkup.parse(text)
            let words = SearchText(text)
            _ = (words.occurrences(of: SearchTerm(other), stoppingAt: 5), SearchTerm.terms(in: text))
            _ = (TextPieces.pieces(of: words), TextPieces.needed(for: words))
            _ = (NameQuery(text).matches([other, nil]), Password(text), NameRules.keys(text))
            _ = (NameRules.isClean(text), NameRules.isVisible(text), NameRules.key(text), CommonPasswords.contain(text))
            for reader in [NameRules.name(1...100), NameRules.username, NameRules.email, NameRules.text(0...64)] {
                _ = try? reader.value(of: .string(text), named: "name")
            }
            let proposed = ProviderUsername.proposal(from: [text, other])
            #expect((3...32).contains(proposed.count), "seed \(seed)")
            #expect(ProviderUsername.numbered(proposed, 999_999_999).count <= 32, "seed \(seed)")
        }
    }
}
