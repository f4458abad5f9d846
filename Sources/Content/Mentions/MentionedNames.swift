import Kernel

/// Who a text speaks to: `<@id>`, `<@&id>`, `@everyone`, `@here`, where they are shown as such.
struct MentionedNames: Sendable, Equatable {
    var users: Set<UserID> = []
    var roles: Set<RoleID> = []
    /// `@everyone` or `@here`.
    var everyone = false

    var isEmpty: Bool { users.isEmpty && roles.isEmpty && !everyone }
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

    // MARK: As it is stored

    private static let replyToken: Substring = "reply"

    /// `users roles 12 &34 reply`: the kinds, ids of users and of roles, and whether who is answered is told. Nil when
    /// everyone is spoken to whom the text names.
    var stored: String? {
        guard self != AllowedMentions() else { return nil }
        let kinds = Kind.allCases.filter(parse.contains).map(\.rawValue)
        let ids = users.sorted().map(Mentions.token) + roles.sorted().map(Mentions.token)
        return (kinds + ids + (repliedUser ? [String(Self.replyToken)] : [])).joined(separator: " ")
    }

    init(stored: String?) {
        guard let stored else { return }
        (parse, repliedUser) = ([], false)
        for token in stored.split(separator: " ") {
            if let kind = Kind(rawValue: String(token)) {
                parse.insert(kind)
            } else if token == Self.replyToken {
                repliedUser = true
            } else if token.hasPrefix("&") {
                if let id = Int64(token.dropFirst()) { roles.insert(RoleID(rawValue: id)) }
            } else if let id = Int64(token) {
                users.insert(UserID(rawValue: id))
            }
        }
    }

    init(
        parse: Set<Kind> = Set(Kind.allCases), users: Set<UserID> = [], roles: Set<RoleID> = [],
        repliedUser: Bool = true
    ) {
        self.parse = parse
        self.users = users
        self.roles = roles
        self.repliedUser = repliedUser
    }
}
