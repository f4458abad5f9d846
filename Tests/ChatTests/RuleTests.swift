import Kernel
import Testing

@testable import Features
@testable import Community
@testable import Content

@Suite("Rules of features")
struct RuleTests {
    static let roles = (1...4).map { RoleID(rawValue: $0) }

    static func moved(_ positions: [Int64: Int]) throws -> [Int64] {
        try RoleOrder.moved(
            roles, Dictionary(uniqueKeysWithValues: positions.map { (RoleID(rawValue: $0), $1) })
        ).map(\.rawValue)
    }

    @Test("roles that move push the others aside")
    func order() throws {
        #expect(try Self.moved([:]) == [1, 2, 3, 4])
        #expect(try Self.moved([4: 1]) == [4, 1, 2, 3])
        #expect(try Self.moved([1: 4]) == [2, 3, 4, 1])
        #expect(try Self.moved([1: 99]) == [2, 3, 4, 1])
        #expect(try Self.moved([1: 2, 2: 1]) == [2, 1, 3, 4])
        #expect(try Self.moved([1: 3, 4: 1]) == [4, 2, 1, 3])
        #expect(throws: APIError.roleNotFound) { try Self.moved([9: 1]) }
    }

    @Test(
        "several devices make one status",
        arguments: [
            (Presence.Status.online, [Presence.Status.online, .idle], Presence.Status.online),
            (.online, [.idle, .idle], .idle), (.online, [.idle, .dnd], .dnd), (.online, [], .offline),
            (.dnd, [.online], .dnd), (.idle, [.online], .idle), (.invisible, [.online], .offline),
            (.offline, [.dnd], .offline), (.online, [.invisible], .offline), (.online, [.invisible, .idle], .idle),
            (.dnd, [], .offline),
        ])
    func presence(choice: Presence.Status, devices: [Presence.Status], merged: Presence.Status) {
        #expect(PresenceMerge.status(choice: choice, devices: devices) == merged)
    }

    @Test("an emoji is one emoji", arguments: ["😀", "👍🏽", "👩‍🚀", "🇩🇪", "❤️", "❤", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©️", "©", "🏳‍🌈", "🫠"])
    func emoji(text: String) {
        #expect(UnicodeEmoji.isOne(text))
        #expect(UnicodeEmoji.isOne(UnicodeEmoji.key(text)))
    }

    @Test(
        "letters, digits, several emoji and nothing are none",
        arguments: [
            "", "a", "1", "é", "😀😀", "東", "🇩", "a😀", " ", "😀\u{34F}", "😀\u{489}", "😀\u{200C}", "1\u{FE0F}\u{489}",
        ])
    func noEmoji(text: String) {
        #expect(!UnicodeEmoji.isOne(text))
    }

    @Test("with and without its sign for a picture an emoji counts as the same")
    func emojiKey() {
        #expect(UnicodeEmoji.key("❤️") == UnicodeEmoji.key("❤"))
        #expect(UnicodeEmoji.emoji(forShortcode: "thumbsup") == "👍")
        #expect(UnicodeEmoji.emoji(forShortcode: "smiling_face_with_sunglasses") == "😎")
        #expect(UnicodeEmoji.emoji(forShortcode: "nonsense") == nil)
    }

    @Test(
        "only addresses of the web are links",
        arguments: [
            ("https://example.org/a?b=c#d", true), ("http://[::1]:8080/", true), ("HTTPS://EXAMPLE.ORG", true),
            ("javascript:alert(1)", false), ("https://", false), ("https:///x", false), ("ftp://example.org", false),
            ("https://a b", false), ("https://a\u{202E}b", false), ("https://\"onload=x", false), (" https://a", false),
            ("data:text/html,x", false), ("https:///\u{338}a@b.example", false), ("https://\u{338}a", false),
        ])
    func links(text: String, isLink: Bool) {
        #expect(WebLink.isValid(text) == isLink)
    }

    @Test("the beginning of a word finds a listing in any script", arguments: ["हिन्द", "हिन्दी", "wörl", "東"])
    func listings(word: String) {
        let candidate = ListingSearch.Candidate(
            server: ServerID(rawValue: 1), name: DirectoryQuery.folded("हिन्दी World"),
            summary: DirectoryQuery.folded("Hello Wörld 東京"), tags: [], listedAt: Timestamp(milliseconds: 0),
            bumpedAt: nil)
        #expect((DirectoryQuery(word).score(of: candidate) ?? 0) > 0)
        #expect(DirectoryQuery("x" + word).score(of: candidate) == nil)
    }

    @Test(
        "nobody's name stands before the host of an address about oneself, whatever hides it",
        arguments: [
            ("https://example.org/@me", true), ("https://example.org?a=b@c", true),
            ("https://bank@evil.example", false),
            ("https://bank\u{D4E}@evil.example", false), ("https://bank@\u{301}evil.example", false),
            ("https://bank.example\u{D4E}/@evil.example", true),
        ])
    func plainLinks(text: String, isPlain: Bool) {
        #expect((try? WebLink.plain.value(of: .string(text), named: "url")) == (isPlain ? text : nil))
    }

    @Test(
        "an address for mail has one sign in the middle, and is somewhere",
        arguments: [
            ("a@example.org", true), ("é@example.org", true), ("a@b@example.org", false),
            ("a@b@\u{301}example.org", false),
            ("a\u{D4E}@example.org", true), ("a@x\u{D4E}.invalid", false), ("a@-x.org", false), ("a@x-.org", false),
        ])
    func addresses(text: String, isOne: Bool) {
        #expect((try? NameRules.email.value(of: .string(text), named: "email")) == (isOne ? text : nil))
    }
}
