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

        /// Whether nothing is left to do.
        var isEnd: Bool { self == .resolved || self == .closed }
    }

    let id: TicketID
    let user: UserID
    let username: String
    let content: String
    var category: Category?
    let rating: Int?
    var status: Status
    var assignedTo: UserID?
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var resolvedAt: Timestamp?
    var resolvedBy: UserID?
    var notes: [TicketNote] = []
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
        .field("notes", \.notes))
}

enum TicketNoteKind: IdentifierKind {
    static var invalidIdentifier: APIError { .invalidID("note") }
}

typealias TicketNoteID = Identifier<TicketNoteKind>

/// What was said of a ticket, by its author or by an administrator.
struct TicketNote: Sendable {
    /// Who may read it.
    enum Readers: Sendable {
        case author
        case administrators
    }

    let id: TicketNoteID
    let ticket: TicketID
    /// Nil for the author of the ticket.
    let admin: UserID?
    let adminUsername: String?
    let content: String
    let readers: Readers
    let createdAt: Timestamp
}

extension TicketNote: JSONObjectEncodable {
    static let shape = JSONShape<TicketNote>(
        "TicketNote",
        .field("id", \.id),
        .field("ticket_id", \.ticket),
        .field("admin_id", \.admin),
        .field("admin_username", \.adminUsername),
        .field("content", \.content),
        .field("public") { $0.readers == .author },
        .field("created_at", \.createdAt))
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

/// How much somebody may still tell.
struct FeedbackAllowance: JSONObjectEncodable {
    let thisHour: Int
    let today: Int
    let perHour: Int
    let perDay: Int

    static let shape = JSONShape<FeedbackAllowance>(
        "FeedbackAllowance",
        .field("enabled") { _ in true },
        .field("submissions_this_hour", \.thisHour),
        .field("submissions_today", \.today),
        .field("max_per_hour", \.perHour),
        .field("max_per_day", \.perDay),
        .field("can_submit") { $0.thisHour < $0.perHour && $0.today < $0.perDay })
}

/// How many tickets stand how.
struct TicketCounts: JSONEncodable {
    let counts: [Ticket.Status: Int]

    static let schema = JSONSchema.named(
        "TicketCounts",
        .object((Ticket.Status.allCases.map(\.rawValue) + ["total"]).map { .init($0, .integer(), isRequired: true) }))

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        for status in Ticket.Status.allCases { json.member(status.rawValue, counts[status] ?? 0) }
        json.member("total", counts.values.reduce(0, +))
        json.endObject()
    }
}
