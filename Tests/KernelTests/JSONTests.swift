import Kernel
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "well-formed text is read",
        arguments: [
            ("null", JSON.null), (" true ", .bool(true)), ("-12", .integer(-12)), ("1.5e2", .number(150)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            (#""a\"\\\/\b\f\n\r\té😀""#, .string("a\"\\/\u{8}\u{c}\n\r\té😀")),
            (#""\u00e9\ud83d\ude00""#, .string("é😀")), ("[]", .array([])), ("{}", .object([:])),
            (#"{"a":[1,{"b":null}]}"#, .object(["a": .array([.integer(1), .object(["b": .null])])])),
        ])
    func wellFormed(text: String, value: JSON) throws { #expect(try JSONParser.parse(text.utf8) == value) }

    @Test(
        "what readers disagree about is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "'a'", "\"a", "\"\\x\"", "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\u{1}\"", "01", "1.", ".5", "+1", "-", "1e", "NaN", "Infinity",
            "1e999",
            "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}", "tru", "nul", "1 2", "[1 2]", "// x\n1",
        ])
    func malformed(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(text.utf8) }
    }

    @Test(
        "UTF-8 that is broken in the middle is refused",
        arguments: [[0xC3], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC0, 0x80], [0xE2, 0x82]])
    func brokenUTF8(bytes: [UInt8]) {
        let text = [UInt8(ascii: "\"")] + Array("a".utf8) + bytes + Array("z\"".utf8)
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(text) }
        let escaped = [UInt8(ascii: "\"")] + Array("\\n".utf8) + bytes + Array("z\"".utf8)
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(escaped) }
    }

    @Test("nesting is bounded, however deep a text is")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONParser.parse(nested(64).utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(nested(65).utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(nested(10_000).utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(String(repeating: "{\"a\":", count: 10_000).utf8) }
    }

    @Test("what is written is read back, whatever it is")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0 ... .max)
        let random = SeededRandomness(seed: seed)
        for _ in 0..<2000 {
            let value = Self.randomValue(random, depth: 4)
            #expect(try JSONParser.parse(value.jsonBytes) == value, "seed \(seed)")
        }
    }

    @Test("random bytes are read or refused, never a crash")
    func fuzz() {
        let seed = UInt64.random(in: 0 ... .max)
        let random = SeededRandomness(seed: seed)
        print("JSON fuzz seed \(seed)")
        let deadline = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < deadline {
            var bytes = Self.randomValue(random, depth: 5).jsonBytes
            for _ in 0..<Int(random.next() % 8) where !bytes.isEmpty {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                }
            }
            if let value = try? JSONParser.parse(bytes) {
                #expect((try? JSONParser.parse(value.jsonBytes)) == value, "seed \(seed)")
            }
        }
    }

    private static func randomValue(_ random: SeededRandomness, depth: Int) -> JSON {
        switch random.next() % (depth > 0 ? 7 : 5) {
        case 0: return .null
        case 1: return .bool(random.next() % 2 == 0)
        case 2: return .integer(Int64(truncatingIfNeeded: random.next()))
        case 3: return .number(Double(Int32(truncatingIfNeeded: random.next())) / 7)
        case 4: return .string(randomString(random))
        case 5: return .array((0..<random.next() % 4).map { _ in randomValue(random, depth: depth - 1) })
        default:
            let pairs = (0..<random.next() % 4).map { _ in (randomString(random), randomValue(random, depth: depth - 1))
            }
            return .object(Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
        }
    }

    private static func randomString(_ random: SeededRandomness) -> String {
        String(
            String.UnicodeScalarView(
                (0..<random.next() % 12).compactMap { _ in
                    Unicode.Scalar(UInt32(random.next() % 0x11_0000))
                }))
    }
}

@Suite("Declared input")
struct JSONInputTests {
    struct Form: Equatable {
        let name: String
        let count: Int
        let note: String?
    }

    static let input = JSONInput(
        "Form", .required("name", .string(2...5)), .optional("count", .integer(0...10), default: 3),
        .optional("note", .string(0...9)),
        make: { (name, count, note) throws(APIError) in Form(name: name, count: count, note: note) })

    @Test("lengths count Unicode scalars: an emoji with four of them is four")
    func scalars() throws {
        #expect(try Self.input.decode(["name": .string("👩‍🚀a")]).name == "👩‍🚀a")
        #expect(throws: APIError.self) { try Self.input.decode(["name": .string("👩‍🚀👩‍🚀")]) }
        #expect(throws: APIError.self) { try Self.input.decode(["name": .string("é")]) }
        #expect(try Self.input.decode(["name": .string("e\u{301}")]).name == "e\u{301}")
    }

    @Test("every wrong field is named at once")
    func allIssues() {
        let error = #expect(throws: APIError.self) {
            try Self.input.decode(["count": .string("x"), "note": .integer(1)])
        }
        #expect(error?.message == "Invalid input")
        #expect(error?.details.map(\.field) == ["name", "count", "note"])
    }

    @Test("two inputs in one are read from one object, and name their wrong fields together")
    func both() throws {
        let first = JSONInput("First", .required("a", .integer(1...9)), make: { (a) throws(APIError) in a })
        let second = JSONInput("Second", .required("b", .integer(1...9)), make: { (b) throws(APIError) in b })
        let input = JSONInput("Both", first, second)
        let (a, b) = try input.decode(["a": .integer(1), "b": .integer(2)])
        #expect((a, b) == (1, 2))
        #expect(try input.decode(text: ["a": "3", "b": "4"]) == (3, 4))
        let one = JSON.integer(1)
        for (object, fields) in [([:], ["a", "b"]), (["a": one], ["b"]), (["b": one], ["a"])] {
            #expect { try input.decode(object) } throws: { ($0 as? APIError)?.details.map(\.field) == fields }
        }
    }

    @Test("absent fields have their defaults, unknown ones are passed over")
    func defaults() throws {
        let form = try Self.input.decode(["name": .string("abc"), "note": .null, "else": .bool(true)])
        #expect(form == Form(name: "abc", count: 3, note: nil))
    }

    @Test("a query's numbers are read from text")
    func query() throws {
        #expect(try Self.input.decode(text: ["name": "abc", "count": "7"]).count == 7)
        #expect(throws: APIError.self) { try Self.input.decode(text: ["name": "abc", "count": "7.5"]) }
        #expect(throws: APIError.self) { try Self.input.decode(text: ["name": "abc", "count": "11"]) }
    }
}
