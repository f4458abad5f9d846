import Community
import Database
import Features
import Kernel

/// What administrators decide of the directory of servers: who stands in it.
struct DiscoveryReviews: Feature {
    static let module: Module? = .discovery

    let parts: Parts
    let log: AdminLog

    struct Page: Sendable {
        let status: Listing.Status?
        let after: ServerID?
        let limit: Int
    }

    func list(_ page: Page) async throws -> [ReviewedListing] {
        try await parts.database.read { tx in
            let listings = try ListingStore.listings(page.status, after: page.after, limit: page.limit, tx)
            return try listings.compactMap { listing in
                try ServerStore.server(listing.server, tx).map { ReviewedListing(listing: listing, server: $0) }
            }
        }
    }

    struct Decision: Sendable {
        let status: Listing.Status
        let reason: String?
    }

    /// - Throws: `.serverNotFound`; `.resourceNotFound` for a server that never wanted to be listed; `.invalidInput` where
    ///   the directory is full.
    func decide(_ decision: Decision, on id: ServerID, by caller: Caller) async throws -> ReviewedListing {
        try await parts.database.write { tx in
            guard let server = try ServerStore.server(id, tx) else { throw APIError.serverNotFound }
            guard let old = try ListingStore.listing(of: id, tx) else { throw APIError.resourceNotFound }
            var new = old
            new.status = decision.status
            new.reason = decision.reason
            if new.status == .listed { new.listedAt = new.listedAt ?? tx.now }
            guard new != old else { return ReviewedListing(listing: old, server: server) }
            try Discovery.store(new, insteadOf: old, of: server, tx)
            let changes = AuditChanges.between(
                ReviewedListing(listing: old, server: server), ReviewedListing(listing: new, server: server))
            try log.record("discovery.update", id.description, changes: changes, by: caller, tx)
            return ReviewedListing(listing: new, server: server)
        }
    }
}

/// What a server says of itself, as administrators see it.
struct ReviewedListing: JSONObjectEncodable {
    let listing: Listing
    let server: Server

    static let shape = JSONShape<ReviewedListing>(
        "ReviewedListing",
        .field("server_id", \.server.id),
        .field("name", \.server.name),
        .field("icon_url", \.server.iconURL),
        .field("owner_id", \.server.owner),
        .field("member_count", \.server.memberCount),
        .field("enabled", \.listing.isEnabled),
        .field("summary", \.listing.texts.summary),
        .field("tags", \.listing.texts.tags),
        .field("category", \.listing.texts.category.rawValue),
        .field("language", \.listing.texts.language),
        .field("status", \.listing.status.rawValue),
        .field("reason", \.listing.reason))
}
