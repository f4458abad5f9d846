import Kernel
import TestPrograms
import Testing

@Suite("Bounds of texts")
struct TextBoundTests {
    @Test("a text is cut in the unit that its bound says")
    func units() {
        let text = "a\u{301}\u{301}🇩🇪b"
        #expect(text.beginning(.graphemes(1)) == "a\u{301}\u{301}")
        #expect(text.beginning(.scalars(2)).unicodeScalars.count == 2)
        #expect(text.beginning(.bytes(4)).utf8.count == 3, "half of a scalar is none")
        #expect(text.beginning(.bytes(5)).utf8.count == 5)
        #expect(text.fits(.graphemes(3)) && !text.fits(.graphemes(2)))
        #expect(text.fits(.scalars(6)) && !text.fits(.scalars(5)))
        #expect(text.fits(.bytes(14)) && !text.fits(.bytes(13)))
    }

    @Test("a bound below zero leaves nothing, and nothing fits it")
    func negative() {
        for bound in [
            TextBound.bytes(-1), .scalars(-1), .graphemes(-1), .bytes(.min), .scalars(.min), .graphemes(.min),
        ] {
            #expect("abc".beginning(bound).isEmpty)
            #expect(!"abc".fits(bound))
        }
    }

    @Test("what is left of any text fits its bound and begins it", arguments: [UInt64(1), 2, 3])
    func random(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        for _ in 0..<300 {
            let text = hostile.text()
            for count in [0, 1, 2, 16, 255, 256, .max] {
                for bound in [TextBound.bytes(count), .scalars(count), .graphemes(count)] {
                    let kept = text.beginning(bound)
                    #expect(kept.fits(bound), "seed \(seed)")
                    #expect(text.unicodeScalars.starts(with: kept.unicodeScalars), "seed \(seed)")
                    #expect(text.fits(bound) == (kept.utf8.count == text.utf8.count), "seed \(seed)")
                }
            }
        }
    }

    @Test("whatever a client sends as JSON, version or addresses is read or refused", arguments: [UInt64(1), 2, 3])
    func parsers(seed: UInt64) {
        var hostile = HostileText(seed: seed)
        let sample = Array(#"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00",null,true],"b":{"c":9223372036854775807}}"#.utf8)
        for _ in 0..<2000 {
            if let json = try? JSONParser.parse(hostile.bytes(like: sample)) {
                // What was read can be written, and read again.
                #expect((try? JSONParser.parse(json.jsonBytes)) == json, "seed \(seed)")
            }
            let text = hostile.text()
            _ = (Version(text), AddressRanges(text), Base64URL.decode(text), AddressRanges.bytes(text))
            if let id = try? UserID(parsing: text) { #expect(id.rawValue > 0) }
        }
    }
}
