import Kernel

/// What somebody has told the administrators (contract: REST, Feedback).
struct Ticket: Sendable {
    enum Category: String, CaseIterable, Sendable {
        case bug
        case feature
        case ui
        case performance
        case other
    }

    enum Status: String, CaseIterable, Sendable {
        case open
        case inProgress = "in_progress"
        case resolved
        case closed
    }

    let id: TicketID
    let user: UserID
    let username: String
    let content: String
    let category: Category?
    let rating: Int?
    let status: Status
    let assignedTo: UserID?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let resolvedAt: Timestamp?
    let resolvedBy: UserID?
}

extension Ticket: JSONObjectEncodable {
    static let shape = JSONShape<Ticket>(
        "Ticket",
        .field("id", \.id),
        .field("user_id", \.user),
        .field("username", \.username),
        .field("content", \.content),
        .field("category", \.category?.rawValue),
        .field("rating", \.rating),
        .field("status", \.status.rawValue),
        .field("assigned_to", \.assignedTo),
        .field("created_at", \.createdAt),
        .field("updated_at", \.updatedAt),
        .field("resolved_at", \.resolvedAt),
        .field("resolved_by", \.resolvedBy),
        .field("notes") { _ in [String]() })
}

/// What the author is told.
struct TicketReceipt: JSONObjectEncodable {
    let ticket: Ticket

    static let shape = JSONShape<TicketReceipt>(
        "TicketReceipt",
        .field("success") { _ in true },
        .field("id", \.ticket.id),
        .field("message") { _ in "Feedback received" },
        .field("status", \.ticket.status.rawValue))
}
