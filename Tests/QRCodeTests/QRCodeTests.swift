import Foundation
import QRCodes
import TestPrograms
import Testing

@Suite("QR codes")
struct QRCodeTests {
    static let texts = [
        "a", "0123456789", "https://chat.example.org/invite/abc", "Grüße 👩‍🚀 アリス",
        "otpauth://totp/Aviary:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Aviary&algorithm=SHA1&digits=6&period=30",
        String(repeating: "x", count: 1000),
    ]

    @Test("an independent reader reads what was written, from both formats", arguments: texts)
    func read(text: String) async throws {
        let code = try QRCode(text)
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-qr-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (png, svg) = (folder.appending(path: "code.png"), folder.appending(path: "code.svg"))
        try Data(code.png(size: 300)).write(to: png)
        try Data(code.svg(size: 300).utf8).write(to: svg)
        for file in [png, svg] {
            let output = try await ScriptProgram.run("read_qr_code.py", [file.path])
            #expect(output.status == 0, "\(output.errors)")
            #expect(output.text == text, "\(file.pathExtension)")
        }
    }

    @Test("what no code can hold is refused")
    func tooLong() {
        #expect(throws: QRCode.TooLong.self) { try QRCode(String(repeating: "x", count: 3000)) }
    }

    @Test("a picture that is too small for the code grows to it")
    func tiny() throws {
        let picture = try QRCode(String(repeating: "x", count: 500)).png(size: 1)
        let width = picture[16..<20].reduce(0) { $0 << 8 | Int($1) }
        #expect(width > 60)
    }
}
