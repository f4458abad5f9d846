import Foundation
import NIOCore

/// Something said, as it is kept: one channel of Opus in Ogg (RFC 7845), without what else was in the file.
public struct Speech: Sendable {
    public let file: ReceivedFile
    /// Of what can be heard, counted in samples.
    public let duration_ms: Int
    /// At most 256 parts of equal length, each as loud as its loudest sample, from 0 to 255.
    public let waveform: [UInt8]

    public init(file: ReceivedFile, duration_ms: Int, waveform: [UInt8]) {
        self.file = file
        self.duration_ms = duration_ms
        self.waveform = waveform
    }
}

extension FilmTools {
    /// What is taken down as something said.
    public static let speechTypes: [MediaType] = [.ogg, .webmAudio, .mp4Audio, .mp3, .wave]

    private static let rate_hz = 8000
    private static let bytesPerSample = 2

    private static let speechForm = ["-ac", "1", "-b:a", "32k", "-application", "voip"]
    private static let soundForm = ["-ac", "2", "-b:a", "96k", "-application", "audio"]

    /// Hears what somebody says.
    /// - Parameter limit_s: what is longer is cut a second behind it, which its length tells.
    /// - Returns: nil for a file in which nothing can be heard.
    public func speech(in file: ReceivedFile, _ type: MediaType, limit_s: Int) async throws -> Speech? {
        guard let (kept, bytes) = try await heard(file, type, keptAs: Self.speechForm, limit_ms: limit_s * 1000),
            let waveform = Self.waveform(ofSamples: bytes)
        else { return nil }
        return Speech(file: kept, duration_ms: Self.duration_ms(ofSamples: bytes), waveform: waveform)
    }

    /// Hears a sound that is to be played to others: two channels of Opus in Ogg are kept of it, without what else was in the file.
    /// - Parameter limit_ms: as for what somebody says.
    /// - Returns: nil for a file in which nothing can be heard.
    public func sound(
        in file: ReceivedFile, _ type: MediaType, limit_ms: Int
    ) async throws -> (file: ReceivedFile, duration_ms: Int)? {
        guard let (kept, bytes) = try await heard(file, type, keptAs: Self.soundForm, limit_ms: limit_ms),
            bytes.count >= Self.bytesPerSample
        else { return nil }
        return (kept, Self.duration_ms(ofSamples: bytes))
    }

    private static func duration_ms(ofSamples bytes: [UInt8]) -> Int {
        max(1, bytes.count / bytesPerSample * 1000 / rate_hz)
    }

    /// Hears a file once: into what is kept, and into samples that are measured and thrown away.
    private func heard(
        _ file: ReceivedFile, _ type: MediaType, keptAs form: [String], limit_ms: Int
    ) async throws -> (kept: ReceivedFile, samples: [UInt8])? {
        let (kept, samples) = (staging.newPath(suffix: ".ogg"), staging.newPath(suffix: ".pcm"))
        let bare = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]
        let cut = ["-t", "\(limit_ms + 1000)ms"]
        do {
            _ = try await turnstile.pass {
                try await encoder.run(
                    ["-v", "error", "-nostdin", "-threads", "1"] + Self.input(file, type) + bare + form + cut
                        + ["-ar", "48000", "-c:a", "libopus"]
                        + ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "ogg", "-y", kept] + bare + cut
                        + ["-ac", "1", "-ar", String(Self.rate_hz), "-f", "s16le", "-y", samples],
                    Tool.Limits(memory_bytes: 2 << 30, processor_s: 60, time_s: 90, output_bytes: 64 << 20))
            }
        } catch Tool.Failure.refused {
            unlink(kept)
            unlink(samples)
            return nil
        }
        let (sound, measured) = (try await staging.adopt(kept), try await staging.adopt(samples))
        return (sound, Array(try await measured.head(measured.size_bytes).readableBytesView))
    }

    /// - Parameter bytes: signed samples of 16 bits, the lower byte first.
    /// - Returns: nil for none.
    static func waveform(ofSamples bytes: [UInt8]) -> [UInt8]? {
        let count = bytes.count / bytesPerSample
        guard count > 0 else { return nil }
        // A part is a tenth of a second long, or longer where there would be too many.
        let parts = min(256, max(1, count / (rate_hz / 10)))
        return (0..<parts).map { part in
            var loudest = 0
            for sample in (part * count / parts)..<((part + 1) * count / parts) {
                let value = Int16(bitPattern: UInt16(bytes[2 * sample]) | UInt16(bytes[2 * sample + 1]) << 8)
                loudest = max(loudest, Int(value.magnitude))
            }
            return UInt8(min(255, loudest * 255 / Int(Int16.max)))
        }
    }
}
