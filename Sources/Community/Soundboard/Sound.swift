import Files
import Kernel

package enum SoundKind: IdentifierKind {
    package static var invalidIdentifier: APIError { .invalidID("sound") }
}

package typealias SoundID = Identifier<SoundKind>

/// A short sound that is played into a voice channel (contract: REST, Soundboard).
package struct Sound: Sendable {
    package let id: SoundID
    /// Nil for those that every soundboard has.
    let server: ServerID?
    var name: String
    var volume: SoundVolume
    /// One of Unicode, by which it is found.
    var emoji: String?
    /// Its file; nil once that was blocked, and for what every soundboard has.
    let blob: BlobID?
    let duration_ms: Int
    let size_bytes: Int
    let creator: UserID?
    let createdAt: Timestamp?

    /// Whether it can be played.
    var isAvailable: Bool { server == nil || blob != nil }

    /// Whether it is one of a server's, or everybody's.
    func belongs(to server: ServerID) -> Bool { self.server == nil || self.server == server }
}

extension Sound: JSONObjectEncodable {
    package static let shape = JSONShape<Sound>(
        "Sound",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("name", \.name),
        .field("volume", \.volume.share),
        .field("emoji", \.emoji),
        .field("url") { $0.isAvailable ? "/api/v1/media/sounds/\($0.id)" : nil },
        .field("duration_ms", \.duration_ms),
        .field("size", \.size_bytes),
        .field("available", \.isAvailable))
}

/// How loud a sound is, in thousandths of what is in its file.
package struct SoundVolume: Sendable, Equatable {
    static let full = SoundVolume(thousandths: 1000)

    /// From 0 to 1000.
    let thousandths: Int

    /// From 0 to 1.
    var share: Double { Double(thousandths) / 1000 }
}

/// GUILD_SOUNDBOARD_UPDATE: all of a server's sounds.
struct SoundboardEvent: JSONObjectEncodable {
    let server: ServerID
    let sounds: [Sound]

    static let shape = JSONShape<SoundboardEvent>(
        "SoundboardEvent", .field("server_id", \.server), .field("sounds", \.sounds))
}

/// VOICE_SOUND_PLAY.
struct SoundPlayEvent: JSONObjectEncodable {
    let channel: ChannelID
    let server: ServerID
    let user: UserID
    let sound: SoundID
    let volume: SoundVolume

    static let shape = JSONShape<SoundPlayEvent>(
        "SoundPlayEvent",
        .field("channel_id", \.channel), .field("server_id", \.server), .field("user_id", \.user),
        .field("sound_id", \.sound), .field("volume", \.volume.share))
}
