import Database
import Features
import Kernel

package enum UserStore {
    private static let shape = RowShape<User> { row in
        User(
            id: row["id"], username: row["username"], email: row["email"], displayName: row["display_name"],
            bio: row["bio"], bioCircle: Circle(rawValue: row["bio_visibility"]) ?? .nobody,
            emailVerified: row["email_verified"], isAdmin: row["is_admin"],
            hasTwoFactor: row["EXISTS (SELECT 1 FROM two_factor WHERE user_id = users.id AND is_confirmed)"],
            createdAt: row["created_at"], isBot: row["is_bot"], tier: Tier(rawValue: row["tier"]) ?? .standard,
            badges: BadgeStore.badges(row["badges"]), avatar: row["avatar_id"], ageVerifiedAt: row["age_verified_at"],
            lockedAt: row["locked_at"],
            deletionAt: row["deletion_at"], deletedAt: row["deleted_at"])
    }

    private static let columns = shape.columns

    private static let face = RowShape<UserFace> { row in
        UserFace(id: row["id"], username: row["username"], displayName: row["display_name"], avatar: row["avatar_id"])
    }

    static func user(_ id: UserID, _ tx: Transaction) throws -> User? { try tx.ask(user(id)) }

    package static func user(_ id: UserID) -> Query<User?> {
        .first("SELECT \(columns) FROM users WHERE id = $1", [id], as: shape)
    }

    /// - Throws: `.userNotFound`.
    package static func required(_ id: UserID, _ tx: Transaction) throws -> User {
        guard let user = try user(id, tx) else { throw APIError.userNotFound }
        return user
    }

    /// Exact but for case.
    package static func user(named username: String, _ tx: Transaction) throws -> User? {
        try tx.first(
            "SELECT \(columns) FROM users WHERE username_key = $1", [NameRules.key(username)], as: shape)
    }

    static func user(withEmail email: String, _ tx: Transaction) throws -> User? {
        try tx.first(
            "SELECT \(columns) FROM users WHERE email_key = ANY ($1)", [SQLList(NameRules.keys(email))], as: shape)
    }

    package static func users(_ ids: some Collection<UserID>, _ tx: Transaction) throws -> [UserID: User] {
        guard !ids.isEmpty else { return [:] }
        let users = try tx.all("SELECT \(columns) FROM users WHERE id = ANY ($1)", [SQLList(ids)], as: shape)
        return Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0) })
    }

    /// Those of `ids` that are accounts.
    package static func present(_ ids: [Int64], _ tx: Transaction) throws -> [Int64] {
        guard !ids.isEmpty else { return [] }
        return try tx.all("SELECT id FROM users WHERE id = ANY ($1)", [SQLList(ids)]) { $0.integer(0) }
    }

    /// How users appear beside what they write, by their ids.
    package static func faces(of users: Set<UserID>, _ tx: Transaction) throws -> [UserID: UserFace] {
        let rows = try tx.all(
            "SELECT \(face.columns) FROM users WHERE id = ANY ($1)", [SQLList(users)], as: face)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    }

    /// Those of some accounts that are people's, and no bots.
    package static func people(among users: [UserID], _ tx: Transaction) throws -> [UserID] {
        try tx.all("SELECT id FROM users WHERE id = ANY ($1) AND NOT is_bot ORDER BY id", [SQLList(users)]) { $0.id(0) }
    }

    package static func setAvatar(_ blob: BlobID?, of user: UserID, _ tx: Transaction) throws {
        try tx.execute("UPDATE users SET avatar_id = $2 WHERE id = $1", [user, blob])
    }

    package static func update(_ user: User, _ tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE users SET username = $2, username_key = $3, email = $4, email_key = $5, display_name = $6,
                display_name_key = $7, bio = $8, email_verified = $9, bio_visibility = $10
            WHERE id = $1
            """,
            [
                user.id, user.username, NameRules.key(user.username), user.email, NameRules.key(user.email),
                user.displayName, user.displayName.map(NameRules.key), user.bio, user.emailVerified,
                user.bioCircle.rawValue,
            ])
    }
}
