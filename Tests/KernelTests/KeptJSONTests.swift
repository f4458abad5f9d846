import Testing

@testable import Kernel

/// What was written of something is given again as long as it is the same.
@Suite struct KeptJSONTests {
    private struct Thing: Keepable {
        let id: Int
        var name: String
        var place = 0

        var texts: [String] { [name] }

        static var schema: JSONSchema { String.schema }

        func encode(to json: inout JSONWriter) { json.string("\(id) \(name) \(place)") }
    }

    @Test func `What is kept is given for the same value alone`() {
        let kept = KeptJSON<Thing>(maximumWeight: 1 << 20)
        var things = (1...50).map { Thing(id: $0, name: "thing \($0)") }
        let random = SeededRandomness(seed: 3)
        for _ in 0..<500 {
            let index = Int(random.next() % 50)
            switch random.next() % 3 {
            case 0: things[index].place += 1
            case 1: things[index].name += "!"
            default: break
            }
            #expect(kept.encoded(things).map(\.jsonBytes) == things.map(\.jsonBytes))
        }
    }

    @Test func `A name that only looks the same is another one`() {
        let kept = KeptJSON<Thing>(maximumWeight: 1 << 20)
        for name in ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}"] {
            let thing = Thing(id: 1, name: name)
            #expect(kept.encoded([thing])[0].jsonBytes == thing.jsonBytes)
        }
    }

    @Test func `Of much only some is kept, and all is given`() {
        let kept = KeptJSON<Thing>(maximumWeight: 10_000)
        let things = (1...1000).map { Thing(id: $0, name: "thing") }
        for _ in 0..<3 {
            #expect(kept.encoded(things).map(\.jsonBytes) == things.map(\.jsonBytes))
            #expect((1...10_000).contains(kept.weight_bytes))
        }
    }
}
