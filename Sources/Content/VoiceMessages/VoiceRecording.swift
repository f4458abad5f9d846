import Kernel

/// How something said sounds, before it is played.
struct VoiceRecording: JSONObjectEncodable, Sendable, Equatable {
    /// Measured by the server.
    let duration_ms: Int
    /// Base64 of at most 256 bytes, each the loudness of an equal part of it, from 0 to 255.
    let waveform: String

    static let shape = JSONShape<VoiceRecording>(
        "VoiceRecording", .field("duration_ms", \.duration_ms), .field("waveform", \.waveform))
}
