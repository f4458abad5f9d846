import Community
import Database
import Kernel

/// Who a message speaks to, after what its author may do and who can read it: nobody else is told, and nobody else stands
/// in the message's `mentions`.
struct Mentions: Sendable, Equatable {
    /// More people than these are not spoken to by name.
    private static let maximumUsers = 50
    /// So many are looked at together until there are enough.
    private static let groupSize = 50
    private static let maximumRoles = 20
    /// A role with more members is marked in their channels, but not in each one's notifications.
    private static let largestNotifiedRole = 250

    var users: [UserID] = []
    var roles: [RoleID] = []
    var everyone = false

    static let none = Mentions()

    /// - Parameter author: whose rights count.
    static func resolve(_ names: MentionedNames, in place: Place, _ tx: Transaction) throws -> Mentions {
        guard !names.isEmpty else { return .none }
        guard let id = place.channel.server, let server = try ServerStore.server(id, tx) else {
            return Mentions(users: names.users.intersection(place.participants).sorted())
        }
        let mayAddressAll = place.permissions.contains(.messagesMentionEveryone)
        let users = try readers(names.users.sorted(), of: server, in: place, tx)
        let roles =
            names.roles.isEmpty
            ? []
            : try RoleStore.roles(of: id, tx).filter {
                names.roles.contains($0.id) && !$0.isDefault && ($0.mentionable || mayAddressAll)
            }.map(\.id).prefix(maximumRoles)
        return Mentions(users: Array(users), roles: Array(roles), everyone: names.everyone && mayAddressAll)
    }

    /// The first of `users` who can read the channel. Ids that are nobody's here take no place of others.
    private static func readers(
        _ users: [UserID], of server: Server, in place: Place, _ tx: Transaction
    ) throws -> [UserID] {
        var readers: [UserID] = []
        for start in stride(from: 0, to: users.count, by: groupSize) {
            let group = users[start..<min(start + groupSize, users.count)]
            let members = try MemberStore.members(among: group, of: server.id, tx)
            readers +=
                place.channel.thread?.isPrivate == true
                ? try Threads.reachable(members, from: place, tx)
                : try members.filter { try canRead($0, place, of: server, tx) }
            if readers.count >= maximumUsers { break }
        }
        return Array(readers.prefix(maximumUsers))
    }

    private static func canRead(
        _ user: UserID, _ place: Place, of server: Server, _ tx: Transaction
    ) throws -> Bool {
        try Channels.permissions(of: user, in: place.channel.id, of: server, tx).contains(.messagesRead)
    }

    /// Everyone who is told of the message by a notification of their own.
    func notified(in place: Place, _ tx: Transaction) throws -> Set<UserID> {
        var notified = Set(users)
        let isPrivateThread = place.channel.thread?.isPrivate == true
        guard let id = place.channel.server, isPrivateThread || !roles.isEmpty,
            let server = try ServerStore.server(id, tx)
        else { return notified }
        // Who was named there and could not be brought in is not led there.
        if isPrivateThread { notified = try notified.filter { try Self.canRead($0, place, of: server, tx) } }
        for role in roles {
            let members = try MemberStore.holders(of: role, limit: Self.largestNotifiedRole + 1, tx)
            guard members.count <= Self.largestNotifiedRole else { continue }
            for member in members where !notified.contains(member) {
                if try Self.canRead(member, place, of: server, tx),
                    try !NotificationSettings.attention(of: member, to: place.channel, tx).suppressesRoles
                {
                    notified.insert(member)
                }
            }
        }
        return notified
    }

    // MARK: As it is stored

    /// ` 12 &34 * `: users, roles and everyone between spaces, so that a search finds one of them whole. Nil when there are
    /// none.
    var stored: String? {
        guard self != .none else { return nil }
        let tokens = users.map(Self.token) + roles.map(Self.token) + (everyone ? [Self.everyoneToken] : [])
        return " " + tokens.joined(separator: " ") + " "
    }

    static let everyoneToken = "*"

    /// What speaks to somebody where it stands in a message.
    static func names(of user: UserID, _ roles: [RoleID]) -> [String] {
        [token(user), everyoneToken] + roles.map(token)
    }

    static func token(_ user: UserID) -> String { user.description }

    static func token(_ role: RoleID) -> String { "&\(role)" }

    init(users: [UserID] = [], roles: [RoleID] = [], everyone: Bool = false) {
        self.users = users
        self.roles = roles
        self.everyone = everyone
    }

    init(stored: String?) {
        guard let stored else { return }
        for token in stored.split(separator: " ") {
            if token == Self.everyoneToken {
                everyone = true
            } else if token.hasPrefix("&") {
                if let id = Int64(token.dropFirst()) { roles.append(RoleID(rawValue: id)) }
            } else if let id = Int64(token) {
                users.append(UserID(rawValue: id))
            }
        }
    }
}
