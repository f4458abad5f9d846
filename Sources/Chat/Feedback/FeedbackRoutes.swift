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

    /// What stands in a note.
    private static let content = NameRules.text(1...2000).checked("must have something to see") {
        NameRules.isVisible($0) ? $0 : nil
    }

    private static let answerInput = JSONInput(
        "TicketAnswer", .required("content", content), make: { (content) throws(APIError) in content })

    private static let ownInput = JSONInput(
        "OwnTicketPage",
        .optional("before", .id(TicketID.self)), .optional("limit", .integer(1...100), default: 50),
        make: { (before, limit) throws(APIError) in OwnPage(before: before, limit: limit) })

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

    private static let statusInput = JSONInput(
        "TicketStatus", .required("status", .oneOf(Ticket.Status.self)),
        make: { (status) throws(APIError) in status })

    private static let changeInput = JSONInput(
        "TicketChange",
        .change("assigned_to", .id(UserID.self)), .change("category", .oneOf(Ticket.Category.self)),
        make: { (assignedTo, category) throws(APIError) in (assignedTo: assignedTo, category: category) })

    private static let noteInput = JSONInput(
        "TicketNoteDraft", .required("content", content), .optional("public", .bool, default: false),
        make: { (content, isPublic) throws(APIError) in
            (content: content, readers: isPublic ? TicketNote.Readers.author : .administrators)
        })

    private static let one: [ErrorKind] = [.resourceNotFound, .invalidInput]

    var routes: [Route] { ownRoutes + adminRoutes }

    private var ownRoutes: [Route] {
        [
            .authenticated(
                .post, "/feedback", "Tell the administrators something", takes: .body(Self.draftInput),
                returns: TicketReceipt.self, errors: [.rateLimited]
            ) { caller, call in .ok(TicketReceipt(ticket: try await give(call.body, by: caller))) }
            .limitedByHandler(.feedback).forPeople,
            .authenticated(
                .get, "/feedback/status", "How much one may still tell", takes: .nothing,
                returns: FeedbackAllowance.self
            ) { caller, _ in .ok(try await allowance(of: caller)) }
            .forPeople,
            .authenticated(
                .get, "/feedback", "List what one has told, newest first", takes: .query(Self.ownInput),
                returns: [Ticket].self
            ) { caller, call in .ok(try await list(call.query, of: caller)) }
            .forPeople,
            .authenticated(
                .get, "/feedback/{ticket_id}", "Read what one has told, and the answers", takes: .nothing,
                returns: Ticket.self, errors: Self.one
            ) { caller, call in .ok(try await read(try call.id("ticket_id"), of: caller)) }
            .forPeople,
            .authenticated(
                .post, "/feedback/{ticket_id}/notes", "Say more to what one has told", takes: .body(Self.answerInput),
                returns: TicketNote.self, errors: Self.one + [.alreadyHandled]
            ) { caller, call in .ok(try await add(call.body, to: try call.id("ticket_id"), by: caller)) }
            .forPeople,
        ]
    }

    private var adminRoutes: [Route] {
        [
            .administrative(
                .get, "/admin/tickets", "List what users have told, newest first", takes: .query(Self.pageInput),
                returns: [Ticket].self
            ) { _, call in .ok(try await list(call.query)) },
            .administrative(
                .get, "/admin/tickets/counts", "How many tickets stand how", takes: .nothing,
                returns: TicketCounts.self
            ) { _, _ in .ok(try await counts()) },
            .administrative(
                .get, "/admin/tickets/{ticket_id}", "Read what a user has told", takes: .nothing,
                returns: Ticket.self, errors: Self.one
            ) { _, call in .ok(try await read(try call.id("ticket_id"))) },
            .administrative(
                .patch, "/admin/tickets/{ticket_id}/status", "Say how a ticket stands", takes: .body(Self.statusInput),
                returns: Ticket.self, errors: Self.one
            ) { caller, call in .ok(try await set(call.body, of: try call.id("ticket_id"), by: caller)) },
            .administrative(
                .patch, "/admin/tickets/{ticket_id}", "Say whose a ticket is to see to, and what it is about",
                takes: .body(Self.changeInput), returns: Ticket.self, errors: Self.one
            ) { caller, call in
                let (assignedTo, category) = call.body
                return .ok(
                    try await change(
                        try call.id("ticket_id"), assignedTo: assignedTo, category: category, by: caller))
            },
            .administrative(
                .get, "/admin/tickets/{ticket_id}/notes", "List the notes on a ticket, oldest first", takes: .nothing,
                returns: [TicketNote].self, errors: Self.one
            ) { _, call in .ok(try await notes(of: try call.id("ticket_id"))) },
            .administrative(
                .post, "/admin/tickets/{ticket_id}/notes", "Note something on a ticket, or answer its author",
                takes: .body(Self.noteInput), returns: TicketNote.self, errors: Self.one
            ) { caller, call in
                let (content, readers) = call.body
                return .ok(try await note(content, for: readers, on: try call.id("ticket_id"), by: caller))
            },
        ]
    }
}
