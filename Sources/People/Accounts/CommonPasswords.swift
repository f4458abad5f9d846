/// Passwords that are guessed first.
///
/// None of the commonest meets the rules on length and kinds of characters as it stands, so what counts is what is left of a password
/// when its ornaments are taken off: `P@ssw0rd2024!` is `password`.
enum CommonPasswords {
    private static let words = Set(list.split { $0 == " " || $0 == "\n" })

    private static let replacements: [Character: Character] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i",
    ]

    static func contain(_ password: String) -> Bool {
        let password = password.lowercased()
        let core = core(of: password[...])
        // Of a long password that only has such a word in it, the rest is worth something.
        guard core.count * 2 >= password.count else { return words.contains(password[...]) }
        let plain = String(core.map { replacements[$0] ?? $0 })
        return [password[...], core, plain[...]].contains(where: words.contains)
    }

    /// Without the digits and signs at both ends.
    private static func core(of password: Substring) -> Substring {
        let isLetter = { (character: Character) in character.isLetter }
        guard let first = password.firstIndex(where: isLetter), let last = password.lastIndex(where: isLetter) else {
            return password
        }
        return password[first...last]
    }
}
