import Database
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Feedback {
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
