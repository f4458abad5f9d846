import Foundation
import Testing
import TestPrograms

@testable import Media

@Suite("Types of files")
struct MediaTypeTests {
    /// A header for DOS that says where the one for Windows begins.
    private static func windowsProgram(at start: Int, _ name: String = "PE\0\0") -> [UInt8] {
        var head = Array("MZ\u{1}\0".utf8) + [UInt8](repeating: 0, count: max(start, 60) - 4)
        head.insert(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: start >> (8 * $0)) }, at: 60)
        return Array(head.prefix(start)) + Array(name.utf8)
    }

    private static let table: [(String, [UInt8])] = [
        ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0]),
        ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]),
        ("image/gif", Array("GIF89a\u{1}\0\u{1}\0".utf8)),
        ("image/webp", Array("RIFF\u{1A}\0\0\0WEBPVP8 ".utf8)),
        ("audio/wav", Array("RIFF\u{24}\0\0\0WAVEfmt ".utf8)),
        ("video/mp4", [0, 0, 0, 0x20] + Array("ftypisom".utf8)),
        ("video/quicktime", [0, 0, 0, 0x14] + Array("ftypqt  ".utf8)),
        ("audio/mp4", [0, 0, 0, 0x14] + Array("ftypM4A ".utf8)),
        ("application/octet-stream", [0, 0, 0, 0x18] + Array("ftypheic".utf8)),
        ("video/webm", [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84] + Array("webm".utf8)),
        ("video/x-matroska", [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x88] + Array("matroska".utf8)),
        ("video/mp4", [0, 0, 0, 0x1C] + Array("ftyp3gp4".utf8)),
        ("audio/mpeg", Array("ID3\u{4}\0".utf8)),
        ("audio/mpeg", [0xFF, 0xFB, 0x90, 0x64, 0]),
        ("audio/aac", [0xFF, 0xF1, 0x50, 0x40, 0x21]),
        ("audio/aac", [0xFF, 0xF9, 0x50, 0x40, 0x21]),
        ("audio/ogg", Array("OggS\0\u{2}".utf8)),
        ("audio/flac", Array("fLaC\0".utf8)),
        ("application/pdf", Array("%PDF-1.7".utf8)),
        ("application/pdf", Array("%PDF-2.0\n% all letters".utf8)),
        ("application/zip", [0x50, 0x4B, 0x03, 0x04, 0x14]),
        ("application/gzip", [0x1F, 0x8B, 0x08, 0]),
        ("application/vnd.microsoft.portable-executable", windowsProgram(at: 0x80)),
        ("application/vnd.microsoft.portable-executable", windowsProgram(at: 0x80, "NE\0\0")),
        ("application/vnd.microsoft.portable-executable", Array(windowsProgram(at: 5000).prefix(MediaType.head_bytes))),
        ("application/octet-stream", Array("MZ\u{1}\0".utf8)),
        ("application/octet-stream", windowsProgram(at: 0x80, "none")),
        ("application/x-executable", [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
        ("application/x-mach-binary", [0xFE, 0xED, 0xFA, 0xCF, 1, 0]),
        ("application/x-mach-binary", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2]),
        ("application/octet-stream", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52]),
        ("text/plain", Array("<script>alert(1)</script>".utf8)),
        ("text/plain", Array("#EXTM3U\nfile:///etc/passwd".utf8)),
        ("text/plain", Array("日本語 🎉\n".utf8)),
        ("application/octet-stream", [0xFF, 0xFE, 0x41, 0x00]),
        ("application/octet-stream", [0, 1, 2, 3]),
        ("application/octet-stream", Array("日".utf8).dropLast()),
        ("text/plain", []),
    ]

    @Test("the content tells what a file is", arguments: table)
    func detection(name: String, head: [UInt8]) {
        #expect(MediaType.detect(head).name == name)
        #expect(MediaType(named: name).name == name)
    }

    @Test(
        "a text may begin with the letters of any format",
        arguments: [
            "MZ", "ID3", "GIF89a", "GIF87a", "fLaC", "BM", "II", "MM", "%PDF-", "RIFF is WEBP", "RIFF is WAVE",
            "The ftypisom",
        ])
    func textWithLetters(of format: String) {
        for text in [format, format + " is what it begins with.\n" + String(repeating: "So be it.\n", count: 1000)] {
            #expect(MediaType.detect(Array(text.utf8.prefix(MediaType.head_bytes))) == .text, "\(text.prefix(20))")
        }
    }

    @Test("a character that is cut at the end of the head does not make a text something else")
    func cutCharacter() {
        let text = Array(repeating: UInt8(ascii: "a"), count: MediaType.head_bytes - 1) + [0xE6]
        #expect(MediaType.detect(text) == .text)
    }

    @Test("nothing that a browser could run is shown in place")
    func inline() {
        for name in ["text/plain", "application/pdf", "application/octet-stream", "image/svg+xml", "text/html"] {
            #expect(!MediaType(named: name).isShownInline, "\(name)")
        }
        #expect(MediaType.png.isShownInline)
    }
}

@Suite("Keys of objects")
struct ObjectKeyTests {
    @Test(
        "a key can't mean anything to a file system",
        arguments: ["", "/", "a//b", "../a", "a/../b", "a/.", "A", "a b", "a\0", "a/", "/a", "a%2f", "日"])
    func refused(text: String) { #expect(ObjectKey(text) == nil) }

    @Test("keys tell what they belong to")
    func numbers() {
        let blob = ObjectKey.blob(sha256: String(repeating: "ab", count: 32), number: 77)
        #expect(ObjectKey(blob.description) == blob)
        #expect(blob.blobNumber == 77)
        #expect(blob.uploadNumber == nil)
        let chunk = ObjectKey.chunk(3, of: 99)
        #expect(ObjectKey(chunk.description) == chunk)
        #expect(chunk.uploadNumber == 99)
        #expect(chunk.blobNumber == nil)
    }
}
