import Kernel

/// Who a text speaks to: `<@id>`, `<@&id>`, `@everyone`, `@here`. Code, which is set in backticks, speaks to nobody.
struct MentionedNames: Sendable, Equatable {
    var users: Set<UserID> = []
    var roles: Set<RoleID> = []
    /// `@everyone` or `@here`.
    var everyone = false

    var isEmpty: Bool { users.isEmpty && roles.isEmpty && !everyone }
}

enum MentionScanner {
    static func scan(_ text: String) -> MentionedNames {
        // Most messages speak to nobody.
        guard text.utf8.contains(UInt8(ascii: "@")) else { return MentionedNames() }
        var names = MentionedNames()
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "`"): index = endOfCode(bytes, index)
            case UInt8(ascii: "<"): index = bracket(bytes, index, &names)
            case UInt8(ascii: "@"): index = word(bytes, index, &names)
            default: index += 1
            }
        }
        return names
    }

    /// Past the code that begins here: up to the next run of as many backticks.
    private static func endOfCode(_ bytes: [UInt8], _ start: Int) -> Int {
        let length = run(bytes, start)
        var index = start + length
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "`") else {
                index += 1
                continue
            }
            let closing = run(bytes, index)
            index += closing
            if closing == length { return index }
        }
        return start + length
    }

    private static func run(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] == UInt8(ascii: "`") { end += 1 }
        return end - start
    }

    private static func bracket(_ bytes: [UInt8], _ start: Int, _ names: inout MentionedNames) -> Int {
        guard start + 2 < bytes.count, bytes[start + 1] == UInt8(ascii: "@"),
            let end = bytes[start...].prefix(24).firstIndex(of: UInt8(ascii: ">"))
        else { return start + 1 }
        let isRole = bytes[start + 2] == UInt8(ascii: "&")
        let digits = String(decoding: bytes[(start + (isRole ? 3 : 2))..<end], as: UTF8.self)
        if isRole, let role = try? RoleID(parsing: digits) {
            names.roles.insert(role)
        } else if !isRole, let user = try? UserID(parsing: digits) {
            names.users.insert(user)
        } else {
            return start + 1
        }
        return end + 1
    }

    private static func word(_ bytes: [UInt8], _ start: Int, _ names: inout MentionedNames) -> Int {
        for name in ["@everyone", "@here"] where bytes[start...].starts(with: name.utf8) {
            let end = start + name.utf8.count
            let isFree =
                (start == 0 || !isWordByte(bytes[start - 1])) && (end == bytes.count || !isWordByte(bytes[end]))
            if isFree { names.everyone = true }
            return end
        }
        return start + 1
    }

    /// Part of an ASCII word, so that an e-mail address is no mention.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Whom a sender lets a message speak to, whatever its text says. By default everyone whom it names.
struct AllowedMentions: Sendable, Equatable {
    enum Kind: String, CaseIterable, Sendable {
        case users
        case roles
        case everyone
    }

    var parse: Set<Kind> = Set(Kind.allCases)
    var users: Set<UserID> = []
    var roles: Set<RoleID> = []
    /// Whether the author of the message that is answered is told.
    var repliedUser = true

    static let input = JSONInput(
        "AllowedMentions",
        .optional("parse", .array(of: .oneOf(Kind.self), count: 0...3), default: []),
        .optional("users", .array(of: .id(UserID.self), count: 0...100), default: []),
        .optional("roles", .array(of: .id(RoleID.self), count: 0...100), default: []),
        .optional("replied_user", .bool, default: true),
        make: { (parse, users, roles, repliedUser) throws(APIError) in
            AllowedMentions(
                parse: Set(parse), users: Set(users), roles: Set(roles), repliedUser: repliedUser)
        })

    func filter(_ names: MentionedNames) -> MentionedNames {
        MentionedNames(
            users: parse.contains(.users) ? names.users : names.users.intersection(users),
            roles: parse.contains(.roles) ? names.roles : names.roles.intersection(roles),
            everyone: names.everyone && parse.contains(.everyone))
    }
}
