import Janus
import Kernel

/// What devices say of the streams that they publish.
enum VoiceStreams {
    private static let media: [String: SessionDescription.Section.Medium] = [
        "mic": .audio, "camera": .video, "screen": .video, "screen_audio": .audio,
    ]

    /// The kind of each media section: what was said of it, or else a microphone or a camera.
    /// - Throws: `.invalidInput` for one that there is not, that is of another kind, or that there is twice.
    static func kinds(of offer: SessionDescription, as said: [String: String]) throws(APIError) -> [String: String] {
        let sent = offer.sections.filter { $0.isSent && $0.medium != .application }
        var kinds: [String: String] = [:]
        for section in sent {
            let kind = said[section.mid] ?? (section.medium == .audio ? "mic" : "camera")
            guard media[kind] == section.medium else {
                throw .invalidInput("streams", "say of a media section what it can't be")
            }
            kinds[section.mid] = kind
        }
        guard said.keys.allSatisfy({ kinds[$0] != nil }) else {
            throw .invalidInput("streams", "name media sections that send nothing")
        }
        guard Set(kinds.values).count == kinds.count else {
            throw .invalidInput("streams", "have a kind twice")
        }
        return kinds
    }
}
