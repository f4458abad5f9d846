import Foundation
import NIOCore

/// What is to be known of a picture before it is drawn.
public struct PictureSize: Sendable, Equatable {
    /// As it is shown, which may be turned by what the camera noted.
    public let width: Int
    public let height: Int
    public let frames: Int
}

/// Why a file gives no picture.
public enum PictureFailure: Error {
    /// Not one that can be drawn.
    case broken
    /// It unfolds to more than `limit`.
    case tooManyPixels(limit: Int)
}

/// Looks at pictures, cleans and scales them, by libvips and ExifTool in child processes.
public struct PictureTools: Sendable {
    /// Of all frames together. What a phone takes has 12 to 50 million.
    public static let maximumPixels = 100_000_000

    private let header: Tool
    private let thumbnail: Tool
    private let metadata: Tool
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
        self.staging = staging
        self.turnstile = turnstile
    }

    /// Reads the size without drawing anything.
    /// - Throws: `PictureFailure`.
    public func size(of file: ReceivedFile, _ type: MediaType) async throws -> PictureSize {
        let text = try await run(header, ["-a", Self.source(file, type)])
        let (size, pixels) = try Self.size(fromHeader: text)
        guard pixels <= Self.maximumPixels else { throw PictureFailure.tooManyPixels(limit: Self.maximumPixels) }
        return size
    }

    /// - Returns: with the number of pixels in all frames.
    static func size(fromHeader text: String) throws -> (PictureSize, pixels: Int) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { continue }
            let name = line[..<colon.lowerBound]
            // The first of a name counts: what libvips knows comes before texts out of the file, which may hold such lines, too.
            if fields[name] == nil { fields[name] = line[colon.upperBound...] }
        }
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

    /// The same picture without where, when and by what it was taken; how it is to be turned and its colours stay.
    /// - Throws: `PictureFailure.broken`.
    public func cleaned(_ file: ReceivedFile, _ type: MediaType) async throws -> ReceivedFile {
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
        let target = staging.newPath(suffix: ".webp")
        _ = try await run(
            thumbnail,
            [
                Self.source(file, type), "--size", "\(edge)x\(edge)>", "--export-profile", "srgb",
                "-o", "\(target)[strip,Q=80,effort=2]",
            ], producing: target)
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

    private func run(_ tool: Tool, _ arguments: [String], producing target: String? = nil) async throws -> String {
        do {
            return try await turnstile.pass { try await tool.run(arguments) }
        } catch Tool.Failure.refused {
            // What a tool that was stopped has left of its result.
            if let target { unlink(target) }
            throw PictureFailure.broken
        }
    }
}
