import Foundation
import NIOCore
import TestPrograms
import Testing

@testable import Media

@Suite("Pictures", .serialized)
struct PictureTests {
    static func with(_ body: (PictureTools, Scene) async throws -> Void) async throws {
        try await Scene.with { scene in
            let tools = try #require(
                PictureTools(staging: scene.staging, turnstile: Turnstile(places: 2, longestLine: 100)))
            try await body(tools, scene)
        }
    }

    private static func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        Data(bytes).range(of: Data(word.utf8)) != nil
    }

    @Test("sizes are those that people see")
    func sizes() async throws {
        try await Self.with { tools, scene in
            let photo = try await scene.file(try await SampleFiles.bytes("photo.jpg"))
            #expect(try await tools.size(of: photo, .jpeg) == PictureSize(width: 600, height: 800, frames: 1))
            let dance = try await scene.file(try await SampleFiles.bytes("dance.gif"))
            #expect(try await tools.size(of: dance, .gif) == PictureSize(width: 100, height: 50, frames: 10))
        }
    }

    @Test("a GIF is as large as its screen, however little of it its frames fill")
    func screens() async throws {
        func gif(_ edge: Int, frames: Int) -> [UInt8] {
            let edges = [UInt8(edge & 255), UInt8(edge >> 8), UInt8(edge & 255), UInt8(edge >> 8)]
            let screen = Array("GIF89a".utf8) + edges + [0x80, 0, 0] + [0, 0, 0, 255, 255, 255]
            let frame: [UInt8] =
                [0x21, 0xF9, 4, 8, 5, 0, 0, 0] + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0] + [2, 2, 0x44, 1, 0]
            return screen + Array(repeating: frame, count: frames).joined() + [0x3B]
        }
        try await Self.with { tools, scene in
            let wide = try await tools.size(of: try await scene.file(gif(300, frames: 2)), .gif)
            #expect(wide == PictureSize(width: 300, height: 300, frames: 2))
            for (edge, frames) in [(16_000, 50), (5_000, 5), (65_535, 1)] {
                await #expect(throws: PictureFailure.self) {
                    try await tools.size(of: try await scene.file(gif(edge, frames: frames)), .gif)
                }
            }
        }
        #expect(GIFScreen(Array("GIF89a".utf8)) == nil)
    }

    @Test(
        "where and by what a picture was taken is gone, how it is turned stays", arguments: ["photo.jpg", "photo.webp"])
    func cleaning(name: String) async throws {
        try await Self.with { tools, scene in
            let type: MediaType = name.hasSuffix("jpg") ? .jpeg : .webp
            let bytes = try await SampleFiles.bytes(name)
            #expect(Self.contains(bytes, "SecretCamera"))
            let clean = try await tools.cleaned(try await scene.file(bytes), type)
            #expect(!Self.contains(try await clean.pieces.bytes(), "SecretCamera"))
            #expect(try await tools.size(of: clean, type) == PictureSize(width: 600, height: 800, frames: 1))
            let scaled = try await tools.scaled(try await scene.file(bytes), type, edge: 64)
            let content = try await scaled.pieces.bytes()
            for word in ["SecretCamera", "EXIF", "Exif", "ICCP", "XMP "] {
                #expect(!Self.contains(content, word), "\(word)")
            }
            #expect(try await tools.size(of: scaled, .webp) == PictureSize(width: 48, height: 64, frames: 1))
        }
    }

    @Test("texts in a picture can't lie about its size")
    func lies() throws {
        let header = """
            a: 30000x30000 uchar, 1 band, b-w, pngload
            width: 30000
            height: 30000
            png-comment-0-a: hello
            width: 1
            height: 1
            n-pages: 3
            page-height: 1
            """
        let (size, pixels) = try PictureTools.size(fromHeader: header)
        #expect(pixels == 900_000_000)
        #expect(size.width == 30_000)
        for header in ["", "width: 5", "width: 0\nheight: 5", "width: -5\nheight: 5", "width: a\nheight: b"] {
            #expect(throws: PictureFailure.self) { try PictureTools.size(fromHeader: header) }
        }
        let huge = "width: 9223372036854775807\nheight: 9223372036854775807"
        #expect(try PictureTools.size(fromHeader: huge).pixels == .max)
    }

    @Test("frames are kept, and nothing is made larger")
    func frames() async throws {
        try await Self.with { tools, scene in
            let dance = try await scene.file(try await SampleFiles.bytes("dance.gif"))
            let small = try await tools.scaled(dance, .gif, edge: 64)
            #expect(try await tools.size(of: small, .webp) == PictureSize(width: 64, height: 32, frames: 10))
            let same = try await tools.scaled(dance, .gif, edge: 512)
            #expect(try await tools.size(of: same, .webp) == PictureSize(width: 100, height: 50, frames: 10))
        }
    }

    @Test("what fills an area has its size and all its frames", arguments: ["photo.jpg", "dance.gif", "dance.png"])
    func filling(name: String) async throws {
        try await Self.with { tools, scene in
            let file = try await scene.file(try await SampleFiles.bytes(name))
            let type: MediaType = name.hasSuffix("jpg") ? .jpeg : name.hasSuffix("gif") ? .gif : .png
            let filled = try await tools.filling(PictureArea(width: 300, height: 100), file, type)
            let frames = type == .jpeg ? 1 : 10
            #expect(try await tools.size(of: filled, .webp) == PictureSize(width: 300, height: 100, frames: frames))
            #expect(!Self.contains(try await filled.pieces.bytes(), "SecretCamera"))
            // And what moves in WebP already goes on moving.
            let again = try await tools.filling(PictureArea(width: 90, height: 60), filled, .webp)
            #expect(try await tools.size(of: again, .webp) == PictureSize(width: 90, height: 60, frames: frames))
        }
    }

    @Test("a PNG picture that moves goes on moving, as often as it says")
    func movingPNG() async throws {
        try await Self.with { tools, scene in
            let dance = try await scene.file(try await SampleFiles.bytes("dance.png"))
            #expect(try await tools.size(of: dance, .png) == PictureSize(width: 100, height: 50, frames: 10))
            let clean = try await tools.cleaned(dance, .png)
            #expect(try await tools.size(of: clean, .png).frames == 10)
            let small = try await tools.scaled(clean, .png, edge: 64)
            #expect(try await tools.size(of: small, .webp) == PictureSize(width: 64, height: 32, frames: 10))
            let same = try await tools.scaled(clean, .png, edge: 512)
            #expect(try await tools.size(of: same, .webp) == PictureSize(width: 100, height: 50, frames: 10))
            // The chunk `ANIM` has the colour behind the picture, and how often it is played (RFC 9649, section 2.7.1.1).
            let bytes = Data(try await same.pieces.bytes())
            let loops = try #require(bytes.range(of: Data("ANIM".utf8)))
            #expect(bytes[loops.upperBound + 8] == 3)
            #expect(try await tools.blurHash(of: small)?.count == 28)
        }
    }

    @Test("all frames of a PNG picture together have no more pixels than a still one may have")
    func endlessPNG() async throws {
        try await Self.with { tools, scene in
            let endless = try await scene.file(try await SampleFiles.bytes("endless.png"))
            await #expect(throws: PictureFailure.self) { try await tools.size(of: endless, .png) }
        }
    }

    @Test("what says that it moves and has one frame to show is shown as it is")
    func brokenAnimation() async throws {
        try await Self.with { tools, scene in
            let bytes = try await SampleFiles.bytes("dance.png")
            let second = try #require(Data(bytes).range(of: Data("fdAT".utf8)))
            let file = try await scene.file(Array(bytes[..<(second.lowerBound - 4)]))
            let clean = try await tools.cleaned(file, .png)
            let scaled = try await tools.scaled(clean, .png, edge: 64)
            #expect(try await tools.size(of: scaled, .webp) == PictureSize(width: 64, height: 32, frames: 1))
        }
    }

    @Test(
        "a picture that is cut is shown as far as it goes, and tells nothing either",
        arguments: [
            ("photo.jpg", 0.6), ("photo.jpg", 0.9999), ("dance.gif", 0.6), ("dance.gif", 0.9999), ("dance.png", 0.9999),
            ("drawing.png", 0.9999),
        ])
    func cut(name: String, part: Double) async throws {
        try await Self.with { tools, scene in
            let whole = try await SampleFiles.bytes(name)
            let file = try await scene.file(Array(whole.prefix(Int(Double(whole.count) * part))))
            let type = MediaType.detect(whole)
            let size = try await tools.size(of: file, type)
            let clean = try await tools.cleaned(file, type)
            let bytes = try await clean.pieces.bytes()
            #expect(MediaType.detect(bytes) == type)
            #expect(!Self.contains(bytes, "SecretCamera"))
            #expect(!Self.contains(bytes, "GPS"))
            let shown = try await tools.size(of: clean, type)
            #expect((shown.width, shown.height) == (size.width, size.height))
        }
    }

    @Test("a WebP picture that lies on its side is turned, since browsers do not turn it")
    func turnedWebP() async throws {
        try await Self.with { tools, scene in
            let photo = try await scene.file(try await SampleFiles.bytes("photo.webp"))
            let clean = try await tools.cleaned(photo, .webp)
            #expect(try await tools.size(of: clean, .webp) == PictureSize(width: 600, height: 800, frames: 1))
            // Also for those who do not read what is noted in it.
            let bare = try #require(WebPContainer.withoutMetadata(try await clean.pieces.bytes()))
            let seen = try await tools.size(of: try await scene.file(bare), .webp)
            #expect(seen == PictureSize(width: 600, height: 800, frames: 1))
        }
    }

    @Test("a decompression bomb is refused before it is unpacked")
    func bomb() async throws {
        try await Self.with { tools, scene in
            let bomb = try await scene.file(try await SampleFiles.bytes("bomb.png"))
            await #expect(throws: PictureFailure.self) { try await tools.size(of: bomb, .png) }
        }
    }

    @Test("what is broken is said to be broken, and leaves nothing behind")
    func broken() async throws {
        try await Self.with { tools, scene in
            let photo = try await SampleFiles.bytes("photo.jpg")
            let file = try await scene.file(Array(photo.prefix(10)))
            await #expect(throws: PictureFailure.self) { try await tools.size(of: file, .jpeg) }
            await #expect(throws: PictureFailure.self) { _ = try await tools.scaled(file, .jpeg, edge: 64) }
            #expect(scene.staged.count == 1)
        }
    }

    @Test("a picture has a blurhash")
    func blurHash() async throws {
        try await Self.with { tools, scene in
            let drawing = try await scene.file(try await SampleFiles.bytes("drawing.png"))
            let hash = try await tools.blurHash(of: try await tools.scaled(drawing, .png, edge: 64))
            #expect(hash?.count == 28)
        }
    }

    /// The expected ones are those of the Python package `blurhash`.
    @Test("blurhashes are those that others make")
    func plainBlurHash() {
        let header = Array("P6\n4 3\n255\n".utf8)
        let red = [[UInt8]](repeating: [255, 0, 0], count: 12).flatMap { $0 }
        #expect(BlurHash.encode(portablePixmap: header + red) == "L~TI:j|cfQ|c|c$5fQ$5fQfQfQfQ")
        let colours = (0..<12).flatMap { index -> [UInt8] in
            let (x, y) = (index % 4, index / 4)
            return [x * 60, y * 80, x * y * 30].map { UInt8($0 % 256) }
        }
        #expect(BlurHash.encode(portablePixmap: header + colours) == "LNDI{z3dA,}[@bIvN{#9dFebfTeT")
        #expect(BlurHash.encode(portablePixmap: Array("P6\n4 3\n255\n".utf8)) == nil)
        #expect(BlurHash.encode(portablePixmap: Array("GIF89a".utf8)) == nil)
        #expect(BlurHash.encode(portablePixmap: []) == nil)
        #expect(BlurHash.encode(portablePixmap: Array("P6\n99999999999999999999 3\n255\n".utf8)) == nil)
    }
}

@Suite("Films")
struct FilmTests {
    static func with(_ body: (FilmTools, Scene) async throws -> Void) async throws {
        try await Scene.with { scene in
            let tools = try #require(
                FilmTools(staging: scene.staging, turnstile: Turnstile(places: 2, longestLine: 100)))
            try await body(tools, scene)
        }
    }

    @Test("length and size of films and sounds are known")
    func facts() async throws {
        try await Self.with { tools, scene in
            let film = try await scene.file(try await SampleFiles.bytes("film.mp4"))
            let facts = try #require(try await tools.facts(of: film, .mp4))
            #expect((facts.width, facts.height) == (320, 240))
            #expect((1900...2200).contains(facts.duration_ms ?? 0))
            let tone = try await scene.file(try await SampleFiles.bytes("tone.wav"))
            #expect(try await tools.facts(of: tone, .wave) == FilmFacts(duration_ms: 1000, width: nil, height: nil))
        }
    }

    @Test(
        "a film has the size that people see, and so has its picture",
        arguments: [
            ("film-90.mp4", 240, 320), ("film-180.mp4", 320, 240), ("film-270.mp4", 240, 320),
            ("film-wide.mp4", 640, 240),
        ])
    func shape(name: String, width: Int, height: Int) async throws {
        try await Self.with { tools, scene in
            let pictures = try #require(
                PictureTools(staging: scene.staging, turnstile: Turnstile(places: 2, longestLine: 100)))
            let film = try await tools.cleaned(try await scene.file(try await SampleFiles.bytes(name)), .mp4)
            let facts = try #require(try await tools.facts(of: film, .mp4))
            #expect((facts.width, facts.height) == (width, height))
            let poster = try #require(try await tools.poster(of: film, .mp4, edge: 2 * max(width, height)))
            #expect(try await pictures.size(of: poster, .webp) == PictureSize(width: width, height: height, frames: 1))
        }
    }

    @Test(
        "a container tells only when it is looked into whether it holds a film or a sound",
        arguments: [
            ("voice.webm", "audio/webm"), ("voice.mkv", "audio/x-matroska"), ("voice.mp4", "audio/mp4"),
            ("voice.mov", "audio/mp4"), ("voice.3gp", "audio/mp4"), ("voice.ogg", "audio/ogg"),
            ("voice.aac", "audio/aac"),
            ("covered.mp3", "audio/mpeg"), ("covered.m4a", "audio/mp4"), ("film.ogv", "video/ogg"),
            ("film.mp4", "video/mp4"),
        ])
    func contents(name: String, expected: String) async throws {
        try await Self.with { tools, scene in
            let bytes = try await SampleFiles.bytes(name)
            let type = MediaType.detect(Array(bytes.prefix(MediaType.head_bytes)))
            let facts = try #require(try await tools.facts(of: try await scene.file(bytes), type))
            #expect(type.holding(pictures: facts.hasPictures).name == expected)
            #expect(facts.hasPictures == expected.hasPrefix("video/"))
            #expect((900...2200).contains(facts.duration_ms ?? 0), "\(name)")
        }
    }

    @Test("what a tool tells of a film is read with care")
    func hostileFacts() {
        func facts(_ stream: String) -> FilmFacts? {
            FilmTools.facts(fromJSON: #"{"streams": [\#(stream)], "format": {"duration": "-1"}}"#)
        }
        let sizes = [
            (#""width": 320, "height": 240, "sample_aspect_ratio": "0:1""#, 320, 240),
            (#""width": 320, "height": 240, "sample_aspect_ratio": "999999:1""#, 65536, 240),
            (#""width": 320, "height": 240, "sample_aspect_ratio": "1:999999""#, 1, 240),
            (#""width": 320, "height": 240, "side_data_list": [{}, {"rotation": -90}]"#, 240, 320),
            (#""width": 320, "height": 240, "side_data_list": [{"rotation": 45}]"#, 320, 240),
        ]
        for (fields, width, height) in sizes {
            #expect(
                facts(#"{"codec_type": "video", \#(fields)}"#)
                    == FilmFacts(duration_ms: nil, width: width, height: height), "\(fields)")
        }
        for stream in [
            "", #"{"codec_type": "subtitle"}"#, #"{"codec_type": "video", "width": 0, "height": 0}"#,
            #"{"codec_type": "video", "width": 9223372036854775807, "height": 1}"#,
        ] { #expect(facts(stream) == nil, "\(stream)") }
        #expect(facts(#"{"codec_type": "audio"}"#) == FilmFacts(duration_ms: nil, width: nil, height: nil))
        #expect(FilmTools.lastMoment_ms(inProgress: "out_time_us=0\nx=1\nout_time_us=2006500\nprogress=end\n") == 2006)
        for report in ["", "out_time_us=N/A", "out_time_us=-5"] {
            #expect(FilmTools.lastMoment_ms(inProgress: report) == nil, "\(report)")
        }
    }

    @Test("a film's first frame is its picture, and where it was taken is gone")
    func poster() async throws {
        try await Self.with { tools, scene in
            let bytes = try await SampleFiles.bytes("film.mp4")
            #expect(Data(bytes).range(of: Data("+52.5+013.4".utf8)) != nil)
            let film = try await scene.file(bytes)
            let poster = try #require(try await tools.poster(of: film, .mp4, edge: 128))
            #expect(MediaType.detect(Array(try await poster.head(64).readableBytesView)) == .webp)
            let clean = try await tools.cleaned(film, .mp4)
            #expect(Data(try await clean.pieces.bytes()).range(of: Data("+52.5+013.4".utf8)) == nil)
            #expect(try await tools.facts(of: clean, .mp4)?.width == 320)
        }
    }

    @Test("a playlist that calls itself a film leads nowhere")
    func playlist() async throws {
        try await Self.with { tools, scene in
            let playlist = try await scene.file(try await SampleFiles.bytes("playlist.mp4"))
            #expect(try await tools.facts(of: playlist, .mp4) == nil)
            #expect(try await tools.poster(of: playlist, .mp4, edge: 64) == nil)
        }
    }
}

@Suite("Tools")
struct ToolTests {
    @Test("a tool that is not there is not there")
    func absent() { #expect(Tool("aviary-no-such-tool") == nil) }

    @Test("a tool is stopped when its time is over, and when it takes too much")
    func limits() async throws {
        let shell = try #require(Tool("sh"))
        await #expect(throws: Tool.Failure.self) {
            _ = try await shell.run(["-c", "sleep 60"], Tool.Limits(time_s: 1))
        }
        await #expect(throws: Tool.Failure.self) {
            _ = try await shell.run(["-c", "while :; do :; done"], Tool.Limits(processor_s: 1, time_s: 60))
        }
        let memory = try #require(Tool("python3"))
        await #expect(throws: Tool.Failure.self) {
            _ = try await memory.run(["-c", "bytearray(900_000_000)"], Tool.Limits(memory_bytes: 300 << 20))
        }
        #expect(
            try await shell.run(["-c", "echo $HOME.$LC_ALL"]) == ".C.UTF-8\n", "it gets nothing of our environment")
    }

    @Test("so many go through at a time, the others wait, and the line has an end")
    func turnstile() async throws {
        let turnstile = Turnstile(places: 1, longestLine: 1)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (leaving, leave) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await turnstile.pass {
                    enter.yield()
                    for await _ in leaving { break }
                    return 1
                }
            }
            for await _ in entered { break }
            for _ in 1...2 {
                group.addTask {
                    do {
                        return try await turnstile.pass { 2 }
                    } catch is Turnstile.Crowded {
                        return 3
                    }
                }
            }
            // Whoever of the two comes later finds the line full.
            var ended = [try await group.next()]
            leave.yield()
            for _ in 1...2 { ended.append(try await group.next()) }
            #expect(ended == [3, 1, 2])
        }
        #expect(try await turnstile.pass { 4 } == 4)
    }

    @Test("who stands in line can go away")
    func impatience() async throws {
        let turnstile = Turnstile(places: 1, longestLine: 1)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (leaving, leave) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await turnstile.pass {
                enter.yield()
                for await _ in leaving { break }
            }
        }
        for await _ in entered { break }
        await withTaskGroup(of: String.self) { group in
            for _ in 1...2 {
                group.addTask {
                    do {
                        return try await turnstile.pass { "inside" }
                    } catch {
                        return "\(type(of: error))"
                    }
                }
            }
            #expect(await group.next() == "Crowded")
            group.cancelAll()
            #expect(await group.next() == "CancellationError")
        }
        leave.yield()
        try await first.value
        try await turnstile.pass {}
    }
}
