import Database
import Kernel
import People

enum ProfileStore {
    private static let shape = RowShape<Profile> { row in
        Profile(
            user: row["user_id", \.user], pronouns: row["pronouns", \.pronouns], location: row["location", \.location],
            timezone: row["timezone", \.timezone], accentColor: row["accent_color", \.accentColor],
            socialLinks: links(row["social_links", { String(decoding: $0.socialLinks.jsonBytes, as: UTF8.self) }]),
            banner: row["banner_id", \.banner],
            circles: circles(row["visibility", { circles($0.circles) }]))
    }

    private static func links(_ text: String) -> [Profile.Link] {
        (JSON(text: text)?.array ?? []).compactMap { link in
            guard let name = link["name"]?.string, let url = link["url"]?.string else { return nil }
            return Profile.Link(name: name, url: url)
        }
    }

    private static func circles(_ circles: [Profile.Field: Circle]) -> String {
        JSON.object(Dictionary(uniqueKeysWithValues: circles.map { ($0.rawValue, .string($1.rawValue)) })).text
    }

    private static func circles(_ text: String) -> [Profile.Field: Circle] {
        let stored = JSON(text: text)?.object ?? [:]
        let known = stored.compactMap { name, value -> (Profile.Field, Circle)? in
            // A circle that only another version knows is the narrowest.
            Profile.Field(rawValue: name).map { ($0, value.string.flatMap(Circle.init) ?? .nobody) }
        }
        return Dictionary(uniqueKeysWithValues: known)
    }

    /// Empty for who has said nothing yet.
    static func profile(of user: UserID, _ tx: Transaction) throws -> Profile {
        try tx.first("SELECT \(shape.columns) FROM profiles WHERE user_id = $1", [user], as: shape)
            ?? Profile(user: user)
    }

    static func set(_ profile: Profile, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO profiles (\(shape.stored)) VALUES (\(shape.placeholders))
            ON CONFLICT (user_id) DO UPDATE SET pronouns = excluded.pronouns, location = excluded.location,
                timezone = excluded.timezone, accent_color = excluded.accent_color,
                social_links = excluded.social_links, banner_id = excluded.banner_id, visibility = excluded.visibility
            """, shape.values(of: profile))
    }
}
