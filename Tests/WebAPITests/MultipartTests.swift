import Foundation
import NIOCore
import Testing

@testable import WebAPI

@Suite("Forms")
struct MultipartTests {
    /// A form's parts, with the bytes of each.
    private static func parse(_ bytes: [UInt8], boundary: String = "X", step: Int) throws -> [String: String] {
        var parser = MultipartParser(boundary: boundary)
        var parts: [String: String] = [:]
        var name = ""
        var content: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            for event in try parser.feed(ByteBuffer(bytes: bytes[start..<min(start + step, bytes.count)])) {
                switch event {
                case .part(let header):
                    name = header.name + (header.filename.map { ":\($0)" } ?? "")
                    content = []
                case .bytes(let piece): content += piece.readableBytesView
                case .partEnd: parts[name] = String(decoding: content, as: UTF8.self)
                case .end: break
                }
            }
        }
        try parser.finish()
        return parts
    }

    private static let form = """
        preamble\r\n--X\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--X  not\r\n-- X\r\n\r\n--X\r
        content-disposition: form-data; name=f; filename="a;b \\"c\\" %22d%22.txt"\r\nContent-Type: text/html\r\n\r
        \r\n--\r\n--Y\r\n\r\n--X\r\nContent-Disposition: form-data; name="e"\r\n\r\n\r\n--X--\r\nepilogue --X
        """

    @Test("a form is read whatever the pieces are", arguments: [1, 2, 3, 5, 7, 16, 64, 1000])
    func pieces(step: Int) throws {
        let text = Self.form.replacing("--X  not", with: "--x  not")
        let parts = try Self.parse(Array(text.utf8), step: step)
        #expect(
            parts == [
                "a": "one\r\n--x  not\r\n-- X\r\n", "f:a;b \"c\" \"d\".txt": "\r\n--\r\n--Y\r\n", "e": "",
            ])
    }

    @Test("a part may end with its headers", arguments: [1, 2, 3, 5, 1000])
    func emptyPart(step: Int) throws {
        let body = """
            --X\r\nContent-Disposition: form-data; name=a\r\n\r\n--X\r\nContent-Disposition: form-data; name=b\r\n\r\n-\r\n--X--
            """
        #expect(try Self.parse(Array(body.utf8), step: step) == ["a": "", "b": "-"])
    }

    @Test("any bytes may stand in a file", arguments: 0..<40)
    func anyBytes(seed: Int) throws {
        var generator = SystemRandomNumberGenerator()
        // Mostly what boundaries are made of.
        let alphabet = Array("\r\n--X\r\n".utf8)
        var content = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
            alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        }
        while Data(content).range(of: Data("\r\n--X".utf8)) != nil || content.starts(with: Array("--X".utf8)) {
            content = content.map { $0 == UInt8(ascii: "X") ? UInt8(ascii: "x") : $0 }
        }
        let body =
            Array("--X\r\nContent-Disposition: form-data; name=f\r\n\r\n".utf8) + content + Array("\r\n--X--".utf8)
        for step in [1, 3, 50] {
            #expect(try Self.parse(body, step: step)["f"] == String(decoding: content, as: UTF8.self), "\(content)")
        }
    }

    @Test(
        "what is no form is refused",
        arguments: [
            "", "--X", "--X\r\n", "no boundary at all",
            "--X\r\nContent-Disposition: form-data; name=a\r\n\r\nunfinished",
            "--Xgarbage\r\n", "--X\r\nContent-Type: text/plain\r\n\r\na\r\n--X--",
            "--X\r\nContent-Disposition: attachment; name=a\r\n\r\na\r\n--X--",
            "--X\r\nContent-Disposition: form-data; name=a\r\nX: " + String(repeating: "y", count: 9000)
                + "\r\n\r\na\r\n--X--",
            String(repeating: "--X\r\nContent-Disposition: form-data; name=a\r\n\r\na\r\n", count: 40) + "--X--",
        ])
    func malformed(body: String) {
        for step in [1, 10_000] {
            #expect(throws: MultipartParser.Malformed.self) { try Self.parse(Array(body.utf8), step: step) }
        }
    }

    @Test("names of files in other scripts are understood")
    func names() {
        func filename(_ parameters: String) -> String? {
            MultipartHeader("Content-Disposition: form-data; name=a; \(parameters)")?.filename
        }
        #expect(filename("filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt") == "日本.txt")
        #expect(filename("filename=\"日本.txt\"") == "日本.txt")
        #expect(filename("filename=plain.txt") == "plain.txt")
        #expect(filename("filename=\"\"") == "")
        // The mark of quotation is a part of a character.
        #expect(filename("filename=\"a\u{D4E}\"; other=1") == "a\u{D4E}")
        #expect(filename("filename=\"\u{301};a\"") == "\u{301};a")
        #expect(filename("other=1") == nil)
        #expect(filename("filename*=latin1''%FC; filename=\"u\"") == "u")
    }

    @Test("names are told to browsers in both spellings")
    func disposition() {
        #expect(ContentDisposition.inline.text(nil) == "inline")
        #expect(
            ContentDisposition.attachment.text("a\"b\r\nX: y\\%.txt")
                == "attachment; filename=\"a_b__X: y__.txt\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y%5C%25.txt")
        #expect(
            ContentDisposition.inline.text("日.png")
                == "inline; filename=\"_.png\"; filename*=UTF-8''%E6%97%A5.png")
    }
}
