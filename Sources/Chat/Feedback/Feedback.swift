import Database
import HTTPTypes
import Kernel
import WebAPI

/// What users tell the administrators of the program itself.
struct Feedback: Sendable {
    /// So many may be written in a time.
    private static let limits = [(count: 5, period: Duration.seconds(3600)), (count: 20, period: .seconds(86_400))]

    let parts: Parts

    struct Draft: Sendable {
        let content: String
        let category: Ticket.Category?
        let rating: Int?
    }

    struct Page: Sendable {
        let status: Ticket.Status?
        let category: Ticket.Category?
        let user: UserID?
        let assignedTo: UserID?
        let before: TicketID?
        let limit: Int
    }

    /// - Throws: `.rateLimited` after too many in an hour or a day.
    func give(_ draft: Draft, by caller: Caller) async throws -> Ticket {
        try await parts.database.write { tx in
            try Self.requireRoom(for: caller, tx)
            let author = try UserStore.required(caller.user, tx)
            let ticket = Ticket(
                id: parts.ids.next(), user: author.id, username: author.username, content: draft.content,
                category: draft.category, rating: draft.rating, status: .open, assignedTo: nil, createdAt: tx.now,
                updatedAt: tx.now, resolvedAt: nil, resolvedBy: nil)
            try TicketStore.insert(ticket, tx)
            return ticket
        }
    }

    private static func requireRoom(for caller: Caller, _ tx: Transaction) throws {
        let waits = try limits.compactMap { count, period -> Duration? in
            let moments = try TicketStore.moments(of: caller.user, since: tx.now - period, tx)
            return moments.count < count ? nil : moments[count - 1] + period - tx.now
        }
        if let wait = waits.max() { throw APIError.rateLimited(retryAfter_s: Double(wait.wholeMilliseconds) / 1000) }
    }

    private static let draftInput = JSONInput(
        "FeedbackDraft",
        .optional("content", NameRules.text(1...2000)), .optional("text", NameRules.text(1...2000)),
        .optional("category", .oneOf(Ticket.Category.self)), .optional("rating", .integer(1...5)),
        make: { (content, text, category, rating) throws(APIError) in
            guard let content = content ?? text, NameRules.isVisible(content) else {
                throw .invalidInput("content", "is required")
            }
            return Draft(content: content, category: category, rating: rating)
        })

    private static let pageInput = JSONInput(
        "TicketPage",
        .optional("status", .oneOf(Ticket.Status.self)), .optional("status_filter", .oneOf(Ticket.Status.self)),
        .optional("category", .oneOf(Ticket.Category.self)), .optional("user_id", .id(UserID.self)),
        .optional("assigned_to", .id(UserID.self)), .optional("before", .id(TicketID.self)),
        .optional("limit", .integer(1...100), default: 50),
        make: { (status, statusFilter, category, user, assignedTo, before, limit) throws(APIError) in
            Page(
                status: status ?? statusFilter, category: category, user: user, assignedTo: assignedTo,
                before: before, limit: limit)
        })

    var routes: [Route] {
        [
            .authenticated(
                .post, "/feedback", "Tell the administrators something", takes: .body(Self.draftInput),
                returns: TicketReceipt.self, errors: [.rateLimited]
            ) { caller, call in .ok(TicketReceipt(ticket: try await give(call.body, by: caller))) }
            .forPeople,
            .administrative(
                .get, "/admin/tickets", "List what users have told, newest first", takes: .query(Self.pageInput),
                returns: [Ticket].self
            ) { _, call in
                let page = call.query
                return .ok(try await parts.database.read { tx in try TicketStore.tickets(page, tx) })
            },
            .administrative(
                .get, "/admin/tickets/{ticket_id}", "Read what a user has told", takes: .nothing,
                returns: Ticket.self, errors: [.resourceNotFound, .invalidInput]
            ) { _, call in
                let id: TicketID = try call.id("ticket_id")
                let ticket = try await parts.database.read { tx in try TicketStore.ticket(id, tx) }
                guard let ticket else { throw APIError.resourceNotFound }
                return .ok(ticket)
            },
        ]
    }
}
