import Kernel

/// Emoji of Unicode: what is one, and which one a shortcode means.
package enum UnicodeEmoji {
    /// Whether a text is exactly one emoji (UTS #51, ED-17): not a letter, not two emoji, no digit by itself.
    package static func isOne(_ text: String) -> Bool {
        guard text.count == 1, let first = text.unicodeScalars.first, text.unicodeScalars.count <= 16 else {
            return false
        }
        let scalars = text.unicodeScalars
        let properties = first.properties
        // Whatever else may stand in one character, such as marks without number, would be seen beside others' emoji.
        guard properties.isEmoji || properties.isEmojiPresentation, scalars.dropFirst().allSatisfy(isJoined) else {
            return false
        }
        if properties.isEmojiPresentation { return isRegionPairIfRegion(scalars) }
        // Digits are emoji only with a sign that says so; ©, ❤ and 🏳‍🌈 are the same with and without the sign for colour.
        return !first.isASCII || scalars.contains { $0.value == 0xFE0F || $0.value == 0x20E3 }
    }

    /// What may follow the first scalar of an emoji: joiners, signs of presentation, skins, tags, and further emoji.
    private static func isJoined(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200D, 0xFE0F, 0x20E3, 0xE0020...0xE007F: true
        default: scalar.properties.isEmojiModifier || (scalar.properties.isEmoji && !scalar.isASCII)
        }
    }

    /// Flags are two regional indicators; one alone is a letter.
    private static func isRegionPairIfRegion(_ scalars: String.UnicodeScalarView) -> Bool {
        guard let first = scalars.first, (0x1F1E6...0x1F1FF).contains(first.value) else { return true }
        return scalars.count == 2
    }

    /// The form under which an emoji is counted: with and without the sign for a colourful picture it is the same.
    package static func key(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { $0.value != 0xFE0F }
        guard scalars.count < text.unicodeScalars.count else { return text }
        let bare = String(String.UnicodeScalarView(scalars))
        return isOne(bare) ? bare : text
    }

    /// The emoji that `name` stands for in `:name:`: by one of the usual short names, or by its name in Unicode with `_` for
    /// spaces.
    package static func emoji(forShortcode name: String) -> String? { aliases[name] ?? names[name] }

    private static let names: [String: String] = {
        var names: [String: String] = [:]
        for value in Array(0x203C...0x3299) + Array(0x1F000...0x1FAFF) {
            guard let scalar = Unicode.Scalar(UInt32(value)), scalar.properties.isEmoji,
                let name = scalar.properties.name
            else { continue }
            names[name.lowercased().replacing(" ", with: "_").replacing("-", with: "_")] = String(scalar)
        }
        return names
    }()

    private static let aliases: [String: String] = [
        "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "heart": "❤", "joy": "😂", "smile": "😄", "grin": "😁",
        "laughing": "😆", "sweat_smile": "😅", "rofl": "🤣", "wink": "😉", "blush": "😊", "heart_eyes": "😍", "kiss": "💋",
        "thinking": "🤔", "neutral_face": "😐", "unamused": "😒", "sob": "😭", "cry": "😢", "rage": "😡", "angry": "😠",
        "scream": "😱", "sleeping": "😴", "sunglasses": "😎", "tada": "🎉", "confetti_ball": "🎊", "fire": "🔥", "100": "💯",
        "eyes": "👀", "wave": "👋", "clap": "👏", "pray": "🙏", "muscle": "💪", "ok_hand": "👌", "raised_hands": "🙌",
        "point_up": "☝", "v": "✌", "handshake": "🤝", "rocket": "🚀", "star": "⭐", "sparkles": "✨", "zap": "⚡",
        "boom": "💥",
        "warning": "⚠", "white_check_mark": "✅", "heavy_check_mark": "✔", "x": "❌", "question": "❓", "exclamation": "❗",
        "bulb": "💡", "bug": "🐛", "wrench": "🔧", "hammer": "🔨", "lock": "🔒", "key": "🔑", "bell": "🔔", "mega": "📣",
        "memo": "📝", "calendar": "📅", "pushpin": "📌", "link": "🔗", "mag": "🔍", "gear": "⚙", "gift": "🎁", "trophy": "🏆",
        "medal": "🏅", "beer": "🍺", "coffee": "☕", "tea": "🍵", "pizza": "🍕", "cake": "🍰", "apple": "🍎", "dog": "🐶",
        "cat": "🐱", "penguin": "🐧", "bird": "🐦", "unicorn": "🦄", "sunny": "☀", "cloud": "☁", "rainbow": "🌈",
        "snowflake": "❄", "earth_africa": "🌍", "broken_heart": "💔", "blue_heart": "💙", "green_heart": "💚",
        "yellow_heart": "💛", "purple_heart": "💜", "skull": "💀", "poop": "💩", "ghost": "👻", "robot": "🤖", "alien": "👽",
        "see_no_evil": "🙈", "facepalm": "🤦", "shrug": "🤷", "upside_down": "🙃", "salute": "🫡", "melting": "🫠",
        "musical_note": "🎵", "camera": "📷", "computer": "💻", "phone": "📱", "email": "📧", "money": "💰", "clock": "🕐",
        "hourglass": "⌛", "checkered_flag": "🏁", "house": "🏠", "car": "🚗", "airplane": "✈", "bike": "🚲",
    ]
}
