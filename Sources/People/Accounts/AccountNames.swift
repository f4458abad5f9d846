import Database
import Features
import Files
import Kernel

/// Which user names and addresses can be had: by people, by bots, by those who come from another provider, and by renaming.
package enum AccountNames {
    /// - Throws: `.usernameTaken`; `.invalidInput` for a name that administrators or the server keep for themselves.
    package static func requireFree(_ username: String, _ tx: Transaction) throws {
        guard try isAllowed(username, tx) else { throw APIError.invalidInput("username", "is not to be had here") }
        if try AccountStore.isTaken(username: username, tx) { throw APIError.usernameTaken }
    }

    /// - Throws: `.emailTaken`.
    static func requireFree(email: String, _ tx: Transaction) throws {
        if try AccountStore.isTaken(email: email, tx) { throw APIError.emailTaken }
    }

    /// The first of a few names that can be had, or one that the server makes.
    /// - Parameter proposals: the most fitting first.
    static func firstFree(of proposals: some Sequence<String>, for user: UserID, _ tx: Transaction) throws -> String {
        for name in proposals {
            if try isAllowed(name, tx), try !AccountStore.isTaken(username: name, tx) { return name }
        }
        return GeneratedName.user(user)
    }

    private static func isAllowed(_ username: String, _ tx: Transaction) throws -> Bool {
        guard !ReservedName.contains(username), !GeneratedName.contains(username) else { return false }
        return try !BlockStore.isBanned(username: username, tx)
    }
}

/// Names that would speak for the server itself (decision 013). The operator can have them, on the command line.
enum ReservedName {
    private static let folded = Set(
        [
            "admin", "admins", "administration", "administrator", "administrators", "aviary", "channel", "everyone",
            "here",
            "moderation", "official", "security", "staff", "support", "system", "webhook",
        ].map(fold))

    private static let foldedDeleted = fold("deleted")

    /// Also for names that only look like one: other case, other signs between the letters, digits in place of letters.
    static func contains(_ username: String) -> Bool {
        let name = fold(username)
        return folded.contains(name) || name.hasPrefix(foldedDeleted)
    }

    /// User names are ASCII, so that this is all that can look alike.
    private static func fold(_ name: String) -> String {
        let letters = NameRules.key(name).utf8.compactMap { byte -> Character? in
            switch Character(Unicode.Scalar(byte)) {
            case "_", ".", "-": nil
            case "0": "o"
            case "1", "i", "l": "l"
            case "3": "e"
            case "4": "a"
            case "5": "s"
            case "7": "t"
            case "8": "b"
            case "9": "g"
            case let letter: letter
            }
        }
        return String(letters).replacing("rn", with: "m").replacing("vv", with: "w")
    }
}

/// Names that the server gives. Nobody can take one beforehand.
package enum GeneratedName {
    private static let prefixes = ["user-", "bot-"]

    package static func user(_ id: UserID) -> String { "user-\(id)" }

    static func bot(_ id: UserID) -> String { "bot-\(id)" }

    package static func contains(_ username: String) -> Bool {
        let name = NameRules.key(username)
        return prefixes.contains { prefix in
            let rest = name.dropFirst(prefix.count)
            return name.hasPrefix(prefix) && !rest.isEmpty && rest.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }
}
