import Foundation
import NIOCore

/// What is to be known of a picture before it is drawn.
public struct PictureSize: Sendable, Equatable {
    /// As it is shown, which may be turned by what the camera noted.
    public let width: Int
    public let height: Int
    public let frames: Int
}

/// What a picture is to fill, in pixels.
public struct PictureArea: Sendable {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }
}

/// Why a file gives no picture.
public enum PictureFailure: Error {
    /// Not one that can be drawn.
    case broken
    /// It unfolds to more than `limit`.
    case tooManyPixels(limit: Int)
}

/// Looks at pictures, cleans and scales them, by libvips, ExifTool and, for PNG pictures that move, ffmpeg in child processes.
public struct PictureTools: Sendable {
    /// Of all frames together. What a phone takes has 12 to 50 million.
    public static let maximumPixels = 100_000_000
    /// The longest that libvips knows.
    private static let longestEdge = 10_000_000

    private let header: Tool
    private let thumbnail: Tool
    private let metadata: Tool
    /// Nil when it is not installed; then the first frame stands for a PNG picture that moves.
    private let encoder: Tool?
    private let staging: Staging
    private let turnstile: Turnstile

    /// Nil when the tools are not installed.
    /// - Parameter path: the folders in which they are looked for; empty for those of `PATH`.
    public init?(staging: Staging, turnstile: Turnstile, path: String = "") {
        guard Tool("prlimit") != nil, let header = Tool("vipsheader", in: path),
            let thumbnail = Tool("vipsthumbnail", in: path),
            let metadata = Tool("exiftool", in: path)
        else { return nil }
        self.header = header
        self.thumbnail = thumbnail
        self.metadata = metadata
        self.encoder = Tool("ffmpeg", in: path)
        self.staging = staging
        self.turnstile = turnstile
    }

    /// Reads the size without drawing anything.
    /// - Throws: `PictureFailure`.
    public func size(of file: ReceivedFile, _ type: MediaType) async throws -> PictureSize {
        let text = try await run(header, ["-a", Self.source(file, type)])
        let (size, pixels) = try Self.size(fromHeader: text)
        let frames = try await animation(of: file, type)?.frames ?? 1
        try Self.requireFew(pixels, frames)
        if type == .gif { return try await onScreen(size, file) }
        return PictureSize(width: size.width, height: size.height, frames: max(size.frames, frames))
    }

    /// - Parameter size: of the frames, and within the bound.
    private func onScreen(_ size: PictureSize, _ file: ReceivedFile) async throws -> PictureSize {
        guard let screen = GIFScreen(Array(try await file.head(GIFScreen.head_bytes).readableBytesView)) else {
            throw PictureFailure.broken
        }
        let (width, height) = (max(size.width, screen.width), max(size.height, screen.height))
        try Self.requireFew(width * height, size.frames)
        return PictureSize(width: width, height: height, frames: size.frames)
    }

    private static func requireFew(_ pixels: Int, _ frames: Int) throws {
        let (allPixels, overflows) = pixels.multipliedReportingOverflow(by: frames)
        guard !overflows, allPixels <= maximumPixels else { throw PictureFailure.tooManyPixels(limit: maximumPixels) }
    }

    /// - Returns: with the number of pixels in all frames.
    static func size(fromHeader text: String) throws -> (PictureSize, pixels: Int) {
        let fields = fields(text)
        func number(_ name: Substring) -> Int? { fields[name].flatMap { Int($0.prefix { $0.isNumber }) } }
        guard let width = number("width"), let whole = number("height"), width > 0, whole > 0 else {
            throw PictureFailure.broken
        }
        let frames = max(1, number("n-pages") ?? 1)
        let height = frames > 1 ? number("page-height") ?? whole / frames : whole
        // 5 to 8 of the orientations lie on their side (Exif 2.32, section 4.6.4).
        let isTurned = (5...8).contains(number("orientation") ?? 1)
        let (pixels, overflows) = width.multipliedReportingOverflow(by: whole)
        return (
            PictureSize(width: isTurned ? height : width, height: isTurned ? width : height, frames: frames),
            overflows ? .max : pixels
        )
    }

    private static func fields(_ header: String) -> [Substring: Substring] {
        var fields: [Substring: Substring] = [:]
        for line in header.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { continue }
            let name = line[..<colon.lowerBound]
            // The first of a name counts: what libvips knows comes before texts out of the file, which may hold such lines, too.
            if fields[name] == nil { fields[name] = line[colon.upperBound...] }
        }
        return fields
    }

    private func animation(of file: ReceivedFile, _ type: MediaType) async throws -> PNGAnimation? {
        guard type == .png else { return nil }
        return PNGAnimation(Array(try await file.head(PNGAnimation.head_bytes).readableBytesView))
    }

    /// The same picture without where, when and by what it was taken; how it is to be turned and its colours stay.
    ///
    /// What ExifTool does not write because it is cut or damaged, though browsers show it, is drawn anew.
    /// - Throws: `PictureFailure.broken`.
    public func cleaned(_ file: ReceivedFile, _ type: MediaType) async throws -> ReceivedFile {
        if try await isTurnedInVain(file, type) { return try await stripped(try await redrawn(file, type)) }
        do {
            return try await stripped(file)
        } catch PictureFailure.broken {
            return try await stripped(try await redrawn(file, type))
        }
    }

    /// Whether a picture tells how it is to be turned, and browsers do not: they do for JPEG and PNG, not for WebP.
    private func isTurnedInVain(_ file: ReceivedFile, _ type: MediaType) async throws -> Bool {
        guard type == .webp else { return false }
        let fields = Self.fields(try await run(header, ["-a", file.path]))
        return fields["n-pages"] == nil && !["1", nil].contains(fields["orientation"])
    }

    /// The same picture in the same format, as it is seen: turned, in sRGB, with all frames that libvips knows.
    private func redrawn(_ file: ReceivedFile, _ type: MediaType) async throws -> ReceivedFile {
        let (suffix, options) =
            switch type {
            case .jpeg: (".jpg", "[strip,Q=92]")
            case .png: (".png", "[strip]")
            case .gif: (".gif", "[strip]")
            default: (".webp", "[strip,Q=92]")
            }
        let target = staging.newPath(suffix: suffix)
        _ = try await run(
            thumbnail,
            [
                Self.source(file, type), "--size", "\(Self.longestEdge)x\(Self.longestEdge)>", "--export-profile",
                "srgb", "-o", target + options,
            ], producing: target)
        return try await staging.adopt(target)
    }

    private func stripped(_ file: ReceivedFile) async throws -> ReceivedFile {
        let target = staging.newPath(suffix: "")
        _ = try await run(
            metadata,
            [
                "-quiet", "-all=", "-tagsfromfile", "@", "-orientation", "-icc_profile", "-o", target, "--", file.path,
            ], producing: target)
        return try await staging.adopt(target)
    }

    /// The picture in WebP and in sRGB, with all its frames and nothing else, at most `edge` wide and high. It is never made
    /// larger.
    /// - Throws: `PictureFailure.broken`.
    public func scaled(_ file: ReceivedFile, _ type: MediaType, edge: Int) async throws -> ReceivedFile {
        if let animation = try await animation(of: file, type),
            let moving = try await moving(file, .png, animation.frames, animation.plays, FilmTools.scaling(into: edge))
        {
            return moving
        }
        let target = staging.newPath(suffix: ".webp")
        _ = try await run(
            thumbnail,
            [
                Self.source(file, type), "--size", "\(edge)x\(edge)>", "--export-profile", "srgb",
                "-o", "\(target)[strip,Q=80,effort=2]",
            ], producing: target)
        return try await bare(target)
    }

    /// The picture in WebP and in sRGB, exactly so large, with all its frames and nothing else: what stands over at two sides is
    /// cut off, and what is too small is made larger.
    /// - Throws: `PictureFailure`.
    public func filling(_ area: PictureArea, _ file: ReceivedFile, _ type: MediaType) async throws -> ReceivedFile {
        if let moving = try await movingFilling(area, file, type) { return moving }
        let target = staging.newPath(suffix: ".webp")
        _ = try await run(
            thumbnail,
            [
                file.path, "--size", "\(area.width)x\(area.height)", "--smartcrop", "centre", "--export-profile",
                "srgb",
                "-o", "\(target)[strip,Q=80,effort=2]",
            ], producing: target)
        return try await bare(target)
    }

    /// libvips cuts only still pictures, and ffmpeg reads no WebP picture that moves.
    private func movingFilling(
        _ area: PictureArea, _ file: ReceivedFile, _ type: MediaType
    ) async throws -> ReceivedFile? {
        let filter = FilmTools.filling(area)
        if let animation = try await animation(of: file, type) {
            return try await moving(file, .png, animation.frames, animation.plays, filter)
        }
        let frames = try await size(of: file, type).frames
        guard frames > 1 else { return nil }
        return try await moving(type == .gif ? file : try await redrawn(file, .gif), .gif, frames, 0, filter)
    }

    /// A PNG or GIF picture that moves as a WebP picture that moves; nil when it can't be made, and the first frame has to do.
    /// - Parameters:
    ///   - plays: how often it is played, 0 for ever.
    ///   - filter: what becomes of each frame.
    private func moving(
        _ file: ReceivedFile, _ type: MediaType, _ frames: Int, _ plays: Int, _ filter: String
    ) async throws -> ReceivedFile? {
        guard let encoder else { return nil }
        let target = staging.newPath(suffix: ".webp")
        do {
            _ = try await run(
                encoder,
                [
                    "-v", "error", "-nostdin", "-threads", "1", "-protocol_whitelist", "file",
                    "-f", type == .gif ? "gif" : "apng",
                    "-i", "file:\(file.path)", "-map", "0:v:0", "-frames:v", "\(frames)",
                    "-fps_mode", "passthrough", "-vf", filter, "-map_metadata", "-1",
                    "-c:v", "libwebp_anim", "-quality", "80", "-compression_level", "2", "-threads", "1",
                    "-loop", "\(min(plays, Int(UInt16.max)))", "-f", "webp", "-y", target,
                ], FilmTools.limits, producing: target)
            return try await bare(target)
        } catch PictureFailure.broken {
            return nil
        }
    }

    /// Takes over a WebP picture that a tool has written, without what the tool has noted in it.
    private func bare(_ target: String) async throws -> ReceivedFile {
        let drawn = try await staging.adopt(target)
        guard let bare = WebPContainer.withoutMetadata(Array(try await drawn.head(drawn.size_bytes).readableBytesView))
        else { throw PictureFailure.broken }
        let file = try await staging.file(limit_bytes: bare.count)
        try await file.write(ByteBuffer(bytes: bare))
        return try await file.finish()
    }

    /// The picture's blurhash, which a client draws until the picture has come.
    /// - Parameter file: preferably small already.
    public func blurHash(of file: ReceivedFile) async throws -> String? {
        let target = staging.newPath(suffix: ".ppm")
        _ = try await run(
            thumbnail, [file.path, "--size", "32x32>", "--export-profile", "srgb", "-o", "\(target)[strip]"],
            producing: target)
        let pixels = try await staging.adopt(target)
        return BlurHash.encode(portablePixmap: Array((try await pixels.head(1 << 16)).readableBytesView))
    }

    /// All frames of formats that have several.
    private static func source(_ file: ReceivedFile, _ type: MediaType) -> String {
        file.path + (type == .gif || type == .webp ? "[n=-1]" : "")
    }

    private func run(
        _ tool: Tool, _ arguments: [String], _ limits: Tool.Limits = Tool.Limits(), producing target: String? = nil
    ) async throws -> String {
        do {
            return try await turnstile.pass { try await tool.run(arguments, limits) }
        } catch Tool.Failure.refused {
            // What a tool that was stopped has left of its result.
            if let target { unlink(target) }
            throw PictureFailure.broken
        }
    }
}
