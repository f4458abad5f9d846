import Foundation
import TestPrograms
import Testing

@testable import Media

@Suite("Opus in Ogg, read without tools")
struct OggOpusTests {
    @Test("a recording is as long as it is, and loses its names")
    func recording() async throws {
        let file = try await SampleFiles.bytes("voice.ogg")
        let sound = try #require(OggOpus(file))
        #expect((1900...2150).contains(sound.duration_ms), "\(sound.duration_ms)")
        #expect((8...256).contains(sound.waveform.count) && sound.waveform.max() == 255)
        #expect(Data(sound.bytes).range(of: Data("Lavf".utf8)) == nil)
        #expect(OggOpus(sound.bytes) == sound)
        try await Scene.with { scene in
            let films = try #require(
                FilmTools(staging: scene.staging, turnstile: Turnstile(places: 2, longestLine: 100)))
            let facts = try #require(try await films.facts(of: try await scene.file(sound.bytes), .ogg))
            #expect(abs((facts.duration_ms ?? 0) - sound.duration_ms) < 60, "others read the same")
        }
    }

    @Test("what is damaged, cut, or something else is none")
    func damaged() async throws {
        let file = try await SampleFiles.bytes("voice.ogg")
        for index in stride(from: 0, to: file.count, by: 97) {
            var broken = file
            broken[index] ^= 0x10
            #expect(OggOpus(broken) == nil, "\(index)")
        }
        for length in stride(from: 0, to: file.count, by: 211) { #expect(OggOpus(Array(file.prefix(length))) == nil) }
        #expect(OggOpus(file + file) == nil, "a second stream")
        for name in ["voice.webm", "covered.mp3", "photo.jpg"] {
            #expect(OggOpus(try await SampleFiles.bytes(name)) == nil, "\(name)")
        }
    }

    @Test("a length that is only claimed does not count")
    func claims() async throws {
        var file = OggPage.Writing(serial: 7)
        let head = Array("OpusHead".utf8) + [1, 1, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0]
        file.add(head, at: 0)
        file.add(Array("OpusTags".utf8) + [UInt8](repeating: 0, count: 8), at: 0)
        // Twenty milliseconds that are said to be years.
        file.add([0x98, 1, 2, 3], at: 1 << 60)
        file.end()
        #expect(OggOpus(file.bytes)?.duration_ms == 20)
        var silent = OggPage.Writing(serial: 7)
        silent.add(head, at: 0)
        silent.end()
        #expect(OggOpus(silent.bytes) == nil)
    }
}
