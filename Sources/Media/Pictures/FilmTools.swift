import Foundation
import Kernel

/// What is to be known of a film or a sound.
public struct FilmFacts: Sendable, Equatable {
    public let duration_ms: Int?
    /// Nil for what has no picture.
    public let width: Int?
    public let height: Int?
}

/// Looks at films and sounds, by ffprobe and ffmpeg in child processes.
public struct FilmTools: Sendable {
    private let probe: Tool
    private let encoder: Tool
    private let metadata: Tool
    private let staging: Staging
    private let turnstile: Turnstile

    /// Nil when the tools are not installed.
    /// - Parameter path: the folders in which they are looked for; empty for those of `PATH`.
    public init?(staging: Staging, turnstile: Turnstile, path: String = "") {
        guard Tool("prlimit") != nil, let probe = Tool("ffprobe", in: path), let encoder = Tool("ffmpeg", in: path),
            let metadata = Tool("exiftool", in: path)
        else { return nil }
        self.probe = probe
        self.encoder = encoder
        self.metadata = metadata
        self.staging = staging
        self.turnstile = turnstile
    }

    /// Nil for what can't be played.
    public func facts(of file: ReceivedFile, _ type: MediaType) async throws -> FilmFacts? {
        let text: String?
        do {
            text = try await turnstile.pass {
                try await probe.run(
                    ["-v", "error"] + Self.input(file, type)
                        + ["-show_entries", "format=duration:stream=codec_type,width,height", "-of", "json"],
                    Self.limits)
            }
        } catch Tool.Failure.refused {
            return nil
        }
        return text.flatMap(Self.facts(fromJSON:))
    }

    static func facts(fromJSON text: String) -> FilmFacts? {
        guard let answer = JSON(text: text), let streams = answer["streams"]?.array, !streams.isEmpty else {
            return nil
        }
        let picture = streams.first { $0["codec_type"]?.string == "video" }
        let seconds = answer["format"]?["duration"]?.string.flatMap(Double.init)
        return FilmFacts(
            duration_ms: seconds.flatMap { (0..<1e9).contains($0) ? Int($0 * 1000) : nil },
            width: picture?["width"]?.integer.map(Int.init), height: picture?["height"]?.integer.map(Int.init))
    }

    /// The same film without where it was taken. What ExifTool can't write stays as it is.
    public func cleaned(_ file: ReceivedFile, _ type: MediaType) async throws -> ReceivedFile {
        guard [MediaType.mp4, .quickTime, .mp4Audio].contains(type) else { return file }
        let target = staging.newPath(suffix: "")
        do {
            _ = try await turnstile.pass {
                try await metadata.run(["-quiet", "-all=", "-o", target, "--", file.path], Self.limits)
            }
        } catch Tool.Failure.refused {
            unlink(target)
            return file
        }
        return try await staging.adopt(target)
    }

    /// A frame from the beginning, as a picture; nil when there is none.
    public func poster(of file: ReceivedFile, _ type: MediaType, edge: Int) async throws -> ReceivedFile? {
        let target = staging.newPath(suffix: ".webp")
        do {
            _ = try await turnstile.pass {
                try await encoder.run(
                    ["-v", "error", "-threads", "1"] + Self.input(file, type)
                        + [
                            "-map", "0:v:0", "-frames:v", "1", "-threads", "1",
                            "-vf", "scale='min(\(edge),iw)':'min(\(edge),ih)':force_original_aspect_ratio=decrease",
                            "-map_metadata", "-1", "-f", "webp", "-y", target,
                        ], Self.limits)
            }
        } catch Tool.Failure.refused {
            unlink(target)
            return nil
        }
        return try await staging.adopt(target)
    }

    private static let limits = Tool.Limits(memory_bytes: 2 << 30, processor_s: 20, time_s: 30)

    /// The format is told, so that nothing that only looks like a film (a playlist, a script) is followed anywhere.
    private static func input(_ file: ReceivedFile, _ type: MediaType) -> [String] {
        ["-protocol_whitelist", "file", "-f", demuxer(type), "-i", "file:\(file.path)"]
    }

    private static func demuxer(_ type: MediaType) -> String {
        switch type {
        case .webm, .matroska: "matroska"
        case .mp3: "mp3"
        case .ogg: "ogg"
        case .wave: "wav"
        case .flac: "flac"
        default: "mov"
        }
    }
}
