import Crypto
import Foundation
import Kernel

/// What every soundboard has: sounds of our own, which are in the program.
struct DefaultSound: Sendable {
    let sound: Sound
    let bytes: [UInt8]
    /// Another one for another content.
    let tag: String

    static let contentType = "audio/ogg"

    /// Their ids never change; those of servers' sounds begin with the time at which they were made, and are larger.
    static let all: [DefaultSound] = [
        DefaultSound(1, "Bell", "🔔", 1100, DefaultSoundBytes.bell),
        DefaultSound(2, "Fanfare", "🎉", 1200, DefaultSoundBytes.fanfare),
        DefaultSound(3, "Drums", "🥁", 1100, DefaultSoundBytes.drums),
        DefaultSound(4, "Trombone", "🎺", 1600, DefaultSoundBytes.trombone),
        DefaultSound(5, "Buzzer", "🚨", 800, DefaultSoundBytes.buzzer),
        DefaultSound(6, "Crickets", "🦗", 1300, DefaultSoundBytes.crickets),
    ]

    static func sound(_ id: SoundID) -> DefaultSound? { all.first { $0.sound.id == id } }

    private init(_ number: Int64, _ name: String, _ emoji: String, _ duration_ms: Int, _ base64: String) {
        let data = Data(base64Encoded: base64) ?? Data()
        bytes = Array(data)
        tag = SHA256.hash(data: data).prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined()
        sound = Sound(
            id: SoundID(rawValue: number), server: nil, name: name, volume: .full, emoji: emoji, blob: nil,
            duration_ms: duration_ms, size_bytes: data.count, creator: nil, createdAt: nil)
    }
}
