import Features
import Kernel

/// What a sound is called, and how loud it is.
enum SoundRules {
    static let name = NameRules.name(2...32)

    /// One of Unicode.
    static let emoji = JSONReader.string(1...32).checked("must be an emoji of Unicode") { (text: String) in
        UnicodeEmoji.isOne(text) ? UnicodeEmoji.key(text) : nil
    }

    /// A number from 0 to 1, of which thousandths count.
    static let volume = JSONReader<SoundVolume>(.number) { json in
        let share: Double? =
            switch json {
            case .integer(let whole): Double(whole)
            case .number(let number): number
            default: nil
            }
        guard let share, (0...1).contains(share) else { return .failure(JSONReason("must be a number from 0 to 1")) }
        return .success(SoundVolume(thousandths: Int((share * 1000).rounded())))
    }

    /// What somebody says of a sound in the form with its file.
    /// - Throws: `.invalidInput`.
    static func texts(of fields: [String: String]) throws(APIError) -> Soundboard.Texts {
        let given = fields.filter { !$0.value.isEmpty }.mapValues(JSON.string)
        return Soundboard.Texts(
            name: try name.value(of: given["name"] ?? .null, named: "name"),
            volume: try given["volume"].map { text throws(APIError) in
                try volume.value(of: text.string.flatMap(JSON.init(text:)) ?? text, named: "volume")
            } ?? .full,
            emoji: try given["emoji"].map { text throws(APIError) in try emoji.value(of: text, named: "emoji") })
    }

    /// Who is not heard in a channel plays nothing either.
    /// - Throws: `Permission denied` for whom moderators have muted or deafened, and where only some may speak.
    static func requireHeard(_ state: VoiceState) throws(APIError) {
        if state.measure.isMuted || state.measure.isDeafened || state.isSuppressed {
            throw .permissionDenied(.voiceSpeak)
        }
    }
}
