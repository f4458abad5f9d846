import Foundation
import Kernel

/// What is to be known of a film or a sound.
public struct FilmFacts: Sendable, Equatable {
    public let duration_ms: Int?
    /// As people see it, which may be turned and stretched. Nil for a sound, also for one with a picture on its cover.
    public let width: Int?
    public let height: Int?

    public var hasPictures: Bool { width != nil }
}

/// Looks at films and sounds, by ffprobe and ffmpeg in child processes.
public struct FilmTools: Sendable {
    private let probe: Tool
    let encoder: Tool
    private let metadata: Tool
    let staging: Staging
    let turnstile: Turnstile

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
                        + ["-show_entries", Self.wanted, "-of", "json"],
                    Self.limits)
            }
        } catch Tool.Failure.refused {
            return nil
        }
        guard let facts = text.flatMap(Self.facts(fromJSON:)) else { return nil }
        guard facts.duration_ms == nil else { return facts }
        return FilmFacts(
            duration_ms: try await measuredDuration_ms(of: file, type), width: facts.width, height: facts.height)
    }

    private static let wanted =
        "format=duration:stream=codec_type,width,height,sample_aspect_ratio"
        + ":stream_disposition=attached_pic:stream_side_data=rotation"

    static func facts(fromJSON text: String) -> FilmFacts? {
        guard let answer = JSON(text: text), let all = answer["streams"]?.array else { return nil }
        func streams(_ type: String) -> [JSON] { all.filter { $0["codec_type"]?.string == type } }
        // A cover is told as a film of one frame.
        let film = streams("video").filter { $0["disposition"]?["attached_pic"]?.integer != 1 }
        let size = film.lazy.compactMap(shownSize).first
        guard size != nil || !streams("audio").isEmpty else { return nil }
        return FilmFacts(
            duration_ms: answer["format"]?["duration"]?.string.flatMap(milliseconds), width: size?.width,
            height: size?.height)
    }

    /// The size after the points were stretched and the whole was turned, as browsers do it.
    private static func shownSize(_ stream: JSON) -> (width: Int, height: Int)? {
        func number(_ name: String) -> Int { stream[name]?.integer.map { Int(clamping: $0) } ?? 0 }
        var (width, height) = (number("width"), number("height"))
        guard (1...longestEdge).contains(width), (1...longestEdge).contains(height) else { return nil }
        let ratio = (stream["sample_aspect_ratio"]?.string ?? "").split(separator: ":").compactMap { Double($0) }
        if ratio.count == 2, ratio.allSatisfy({ (1..<1e6).contains($0) }) {
            width = max(1, min(Int((Double(width) * ratio[0] / ratio[1]).rounded()), longestEdge))
        }
        let rotation = (stream["side_data_list"]?.array ?? []).lazy.compactMap { $0["rotation"]?.integer }.first ?? 0
        return abs(rotation % 180) == 90 ? (height, width) : (width, height)
    }

    private static let longestEdge = 1 << 16

    private static func milliseconds(_ seconds: String) -> Int? {
        Double(seconds).flatMap { $0 > 0 && $0 < 1e9 ? Int($0 * 1000) : nil }
    }

    /// Browsers that record write no length at the beginning, since they do not know it yet. Then all of it is read, but not
    /// decoded.
    private func measuredDuration_ms(of file: ReceivedFile, _ type: MediaType) async throws -> Int? {
        do {
            let report = try await turnstile.pass {
                try await encoder.run(
                    ["-v", "error", "-nostdin"] + Self.input(file, type)
                        + ["-map", "0", "-c", "copy", "-f", "null", "-progress", "pipe:1", "-stats_period", "10", "-"],
                    Self.limits)
            }
            return Self.lastMoment_ms(inProgress: report)
        } catch Tool.Failure.refused {
            return nil
        }
    }

    /// The last of the moments that ffmpeg tells while it works, in microseconds.
    static func lastMoment_ms(inProgress report: String) -> Int? {
        let moments = report.split(separator: "\n").filter { $0.hasPrefix("out_time_us=") }
        guard let moment = moments.last.flatMap({ Int($0.dropFirst("out_time_us=".count)) }) else { return nil }
        return moment > 0 ? moment / 1000 : nil
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
                            "-vf", "scale='iw*sar':ih,setsar=1,\(Self.scaling(into: edge))",
                            "-map_metadata", "-1", "-f", "webp", "-y", target,
                        ], Self.limits)
            }
        } catch Tool.Failure.refused {
            unlink(target)
            return nil
        }
        return try await staging.adopt(target)
    }

    static let limits = Tool.Limits(memory_bytes: 2 << 30, processor_s: 20, time_s: 30)

    /// The filter that makes frames at most `edge` wide and high, and never larger than they are.
    static func scaling(into edge: Int) -> String {
        "scale='min(\(edge),iw)':'min(\(edge),ih)':force_original_aspect_ratio=decrease"
    }

    /// The filter that makes frames fill an area, cut at two sides.
    static func filling(_ area: PictureArea) -> String {
        let size = "\(area.width):\(area.height)"
        return "scale=\(size):force_original_aspect_ratio=increase,crop=\(size)"
    }

    /// The format is told, so that nothing that only looks like a film (a playlist, a script) is followed anywhere.
    static func input(_ file: ReceivedFile, _ type: MediaType) -> [String] {
        ["-protocol_whitelist", "file", "-f", demuxer(type), "-i", "file:\(file.path)"]
    }

    private static func demuxer(_ type: MediaType) -> String {
        switch type {
        case .webm, .matroska, .webmAudio, .matroskaAudio: "matroska"
        case .mp3: "mp3"
        case .aac: "aac"
        case .ogg, .oggVideo: "ogg"
        case .wave: "wav"
        case .flac: "flac"
        default: "mov"
        }
    }
}
