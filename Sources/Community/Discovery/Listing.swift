import Features
import Files
import Kernel

/// What a server says of itself in the directory (contract: REST, Discovery).
package struct Listing: Sendable, Equatable {
    package enum Category: String, CaseIterable, Sendable {
        case community, gaming, music, art, entertainment, education, science, technology, programming, sports, language
        case business, local, other
    }

    package enum Status: String, CaseIterable, Sendable {
        /// Waits for an administrator.
        case pending
        case listed
        case rejected
        /// Taken out by an administrator, until one puts it back.
        case hidden
    }

    /// What people read in the directory.
    package struct Texts: Sendable, Equatable {
        package let summary: String
        /// Of a-z, 0-9 and -.
        package let tags: [String]
        package let category: Category
        /// As BCP 47 writes it.
        package let language: String?
    }

    package let server: ServerID
    package var isEnabled: Bool
    package var texts: Texts
    package var status: Status
    /// What an administrator said of it.
    package var reason: String?
    /// Since when it has been in the directory.
    package var listedAt: Timestamp?
    var bumpedAt: Timestamp?

    package var isListed: Bool { isEnabled && status == .listed }

    /// How it stands when its server has said it otherwise. What an administrator decided no server undoes.
    /// - Parameter review: whether an administrator looks at each before it is listed.
    static func status(after old: Listing?, _ texts: Texts, _ review: Review) -> Status {
        guard let old else { return review == .before ? .pending : .listed }
        guard texts != old.texts else {
            // Nobody has looked at what was only said while nobody had to.
            let isUnseen = old.status == .listed && old.listedAt == nil && review == .before
            return isUnseen ? .pending : old.status
        }
        switch old.status {
        case .hidden: return .hidden
        case .pending, .rejected: return .pending
        case .listed: return review == .before ? .pending : .listed
        }
    }

    enum Review: Sendable {
        case before
        case none
    }
}

extension ChatConfiguration {
    var review: Listing.Review { reviewsListings ? .before : .none }
}

/// `GET /servers/{id}/discovery`: for those who manage the server.
struct ListingReport: JSONObjectEncodable {
    let listing: Listing?

    static let shape = JSONShape<ListingReport>(
        "DiscoveryListing",
        .field("enabled") { $0.listing?.isEnabled ?? false },
        .field("summary", \.listing?.texts.summary),
        .field("tags") { $0.listing?.texts.tags ?? [] },
        .field("category", \.listing?.texts.category.rawValue),
        .field("language", \.listing?.texts.language),
        .field("status", \.listing?.status.rawValue),
        .field("reason", \.listing?.reason),
        .field("listed_at", \.listing?.listedAt),
        .field("bumped_at", \.listing?.bumpedAt))
}

/// A server in the directory.
struct ListedServer: JSONObjectEncodable {
    let server: Server
    let texts: Listing.Texts
    let onlineCount: Int
    let isMember: Bool

    static let shape = JSONShape<ListedServer>(
        "ListedServer",
        .field("id", \.server.id),
        .field("name", \.server.name),
        .field("icon_url") { PictureLinks.icon(of: $0.server.id, $0.server.icon) },
        .field("summary", \.texts.summary),
        .field("tags", \.texts.tags),
        .field("category", \.texts.category.rawValue),
        .field("language", \.texts.language),
        .field("member_count", \.server.memberCount),
        .field("online_count", \.onlineCount),
        .field("joined", \.isMember))
}

struct ListedServers: JSONObjectEncodable {
    let servers: [ListedServer]
    let total: Int

    static let shape = JSONShape<ListedServers>(
        "ListedServers", .field("servers", \.servers), .field("total", \.total))
}

/// A server as strangers see it before they join.
struct ServerPreview: JSONObjectEncodable {
    let listed: ListedServer
    let emojis: [Emoji]
    let rules: [String]

    static let shape = JSONShape<ServerPreview>(
        "ServerPreview",
        .field("id", \.listed.server.id),
        .field("name", \.listed.server.name),
        .field("icon_url") { PictureLinks.icon(of: $0.listed.server.id, $0.listed.server.icon) },
        .field("summary", \.listed.texts.summary),
        .field("tags", \.listed.texts.tags),
        .field("category", \.listed.texts.category.rawValue),
        .field("language", \.listed.texts.language),
        .field("member_count", \.listed.server.memberCount),
        .field("online_count", \.listed.onlineCount),
        .field("joined", \.listed.isMember),
        .field("emojis") { $0.emojis.map(PreviewEmoji.init) },
        .field("rules", \.rules))
}

/// An emoji without who made it.
private struct PreviewEmoji: JSONObjectEncodable {
    let emoji: Emoji

    static let shape = JSONShape<PreviewEmoji>(
        "PreviewEmoji",
        .field("id", \.emoji.id),
        .field("name", \.emoji.name),
        .field("animated", \.emoji.isAnimated),
        .field("url") { PictureLinks.emoji($0.emoji.id) })
}

/// A tag or a category, and how many servers of the directory have it.
struct ListingTopic: JSONObjectEncodable {
    let name: String
    let serverCount: Int

    static let shape = JSONShape<ListingTopic>(
        "DiscoveryTopic", .field("name", \.name), .field("server_count", \.serverCount))
}

struct Bump: JSONObjectEncodable {
    let at: Timestamp

    static let shape = JSONShape<Bump>(
        "DiscoveryBump", .field("success") { _ in true }, .field("bumped_at", \.at),
        .field("next_bump_at") { $0.at + Discovery.bumpPause })
}
