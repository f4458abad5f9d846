import Files
import Kernel
import People

/// What somebody says of themselves besides the name, as it is stored (contract: REST, Profiles).
struct Profile: Sendable, Equatable {
    /// What has a circle of its own.
    enum Field: String, CaseIterable, Sendable {
        case bio
        case pronouns
        case socialLinks = "social_links"
        case accentColor = "accent_color"
        case timezone
        case location

        /// Who sees it as long as nothing else was said.
        var standardCircle: Circle {
            switch self {
            case .bio, .pronouns, .socialLinks, .accentColor: .everyone
            case .timezone: .contacts
            case .location: .friends
            }
        }
    }

    struct Link: Sendable, Equatable {
        let name: String
        let url: String
    }

    let user: UserID
    var pronouns: String?
    var location: String?
    /// As the IANA names it.
    var timezone: String?
    /// `#rrggbb`
    var accentColor: String?
    var socialLinks: [Link] = []
    var banner: BlobID?
    /// What was said otherwise than `standardCircle`. That of the bio stands with the account.
    var circles: [Field: Circle] = [:]

    var bannerURL: String? { PictureLinks.banner(of: user, banner) }
}

/// A profile as somebody sees it. What they may not see is empty.
struct ShownProfile: Sendable {
    let user: User
    var profile: Profile
    var presence: Presence?
    var mutualServers: [ServerID] = []
    var mutualFriendCount = 0
    let closeness: Closeness

    private func shows(_ field: Profile.Field) -> Bool { circle(of: field).includes(closeness) }

    func circle(of field: Profile.Field) -> Circle {
        field == .bio ? user.bioCircle : profile.circles[field] ?? field.standardCircle
    }

    private func shown<Value>(_ field: Profile.Field, _ value: Value?) -> Value? { shows(field) ? value : nil }
}

extension ShownProfile: JSONObjectEncodable {
    static let shape = JSONShape<ShownProfile>(
        "Profile",
        .field("user_id", \.user.id),
        .field("username", \.user.username),
        .field("display_name", \.user.displayName),
        .field("avatar_url", \.user.avatarURL),
        .field("banner_url", \.profile.bannerURL),
        .field("accent_color") { $0.shown(.accentColor, $0.profile.accentColor) },
        .field("bio") { $0.shown(.bio, $0.user.bio) },
        .field("pronouns") { $0.shown(.pronouns, $0.profile.pronouns) },
        .field("location") { $0.shown(.location, $0.profile.location) },
        .field("timezone") { $0.shown(.timezone, $0.profile.timezone) },
        .field("social_links") { $0.shown(.socialLinks, $0.profile.socialLinks) ?? [] },
        .field("status", \.presence?.customStatus),
        .field("status_emoji", \.presence?.customEmoji),
        .field("badges") { $0.user.badges.map(\.rawValue) },
        .field("created_at", \.user.createdAt),
        .field("mutual_server_ids", \.mutualServers),
        .field("mutual_friend_count", \.mutualFriendCount),
        .field("visibility") { $0.closeness == .oneself ? ProfileCircles(profile: $0) : nil })
}

extension Profile.Link: JSONObjectEncodable {
    static let shape = JSONShape<Profile.Link>("SocialLink", .field("name", \.name), .field("url", \.url))
}

/// Who sees what of a profile.
struct ProfileCircles: JSONEncodable {
    let profile: ShownProfile

    static let schema = JSONSchema.named(
        "ProfileVisibility",
        .object(
            Profile.Field.allCases.map {
                .init($0.rawValue, .enumeration(Circle.allCases.map(\.rawValue)), isRequired: true)
            }))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        for field in Profile.Field.allCases { json.member(field.rawValue, profile.circle(of: field).rawValue) }
        json.endObject()
    }
}
