import Files
import Kernel

/// How a user stands to another one, as the first of them sees it (contract: REST, Relationships).
package struct Relationship: Sendable {
    package enum Status: String, CaseIterable, Sendable {
        case friend
        case pendingIncoming = "pending_incoming"
        case pendingOutgoing = "pending_outgoing"
        case blocked
    }

    let user: UserID
    let username: String
    let avatar: BlobID?
    let status: Status
    /// What came with the request.
    let message: String?
    let createdAt: Timestamp
    /// Of friends only.
    var presence: Presence?
}

extension Relationship: JSONObjectEncodable {
    package static let shape = JSONShape<Relationship>(
        "Relationship",
        .field("user_id", \.user),
        .field("username", \.username),
        .field("avatar_url") { PictureLinks.avatar(of: $0.user, $0.avatar) },
        .field("status", \.status.rawValue),
        .field("message", \.message),
        .field("presence", \.presence),
        .field("created_at", \.createdAt))
}

/// RELATIONSHIP_REMOVE.
struct RelationshipRemovedEvent: JSONObjectEncodable {
    let user: UserID

    static let shape = JSONShape<RelationshipRemovedEvent>("RelationshipRemovedEvent", .field("user_id", \.user))
}
