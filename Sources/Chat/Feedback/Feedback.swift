import Database
import Features
import Kernel
import People

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
}
