import Community
import Database
import Features
import Kernel
import People

/// What users tell the administrators of the program itself, and what they are answered.
struct Feedback: Sendable {
    static let noteCap = Cap(
        "notes on one ticket", per: .person, 100, .refused(field: "content"), "as many from administrators besides")

    /// A list has the end of each talk, so that it stays small; the ticket itself has all of it.
    private static let notesInList = 10

    let parts: Parts
    let log: AdminLog

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

    struct OwnPage: Sendable {
        let before: TicketID?
        let limit: Int
    }

    // MARK: Telling

    /// - Throws: `.rateLimited` after too many in an hour or a day.
    func give(_ draft: Draft, by caller: Caller) async throws -> Ticket {
        try await parts.database.write { tx in
            try requireRoom(for: caller, tx)
            let author = try UserStore.required(caller.user, tx)
            let ticket = Ticket(
                id: parts.ids.next(), user: author.id, username: author.username, content: draft.content,
                category: draft.category, rating: draft.rating, status: .open, assignedTo: nil, createdAt: tx.now,
                updatedAt: tx.now, resolvedAt: nil, resolvedBy: nil)
            try TicketStore.insert(ticket, tx)
            return ticket
        }
    }

    /// So many may be written in a time, counted by what is stored, so that a restart forgets nothing.
    private var limits: [Rate] {
        parts.configuration.rates[.feedback] ?? RateLimitBucket.feedback.defaults
    }

    private func requireRoom(for caller: Caller, _ tx: Transaction) throws {
        let waits = try limits.compactMap { rate -> Duration? in
            let moments = try TicketStore.moments(of: caller.user, since: tx.now - rate.period, tx)
            return moments.count < rate.capacity ? nil : moments[rate.capacity - 1] + rate.period - tx.now
        }
        if let wait = waits.max() { throw APIError.rateLimited(retryAfter_s: Double(wait.wholeMilliseconds) / 1000) }
    }

    func allowance(of caller: Caller) async throws -> FeedbackAllowance {
        let (hour, day) = (Duration.seconds(3600), Duration.seconds(86_400))
        let (perHour, perDay) = (capacity(in: hour), capacity(in: day))
        return try await parts.database.read { tx in
            FeedbackAllowance(
                thisHour: try TicketStore.moments(of: caller.user, since: tx.now - hour, tx).count,
                today: try TicketStore.moments(of: caller.user, since: tx.now - day, tx).count,
                perHour: perHour, perDay: perDay)
        }
    }

    /// How many there may be in a time, as the scarcest of the rates has it that are for so long or longer.
    private func capacity(in period: Duration) -> Int {
        let rates = limits.filter { $0.period >= period }
        return (rates.isEmpty ? limits : rates).map(\.capacity).min() ?? 0
    }

    // MARK: One's own

    func list(_ page: OwnPage, of caller: Caller) async throws -> [Ticket] {
        try await parts.database.read { tx in
            let tickets = try TicketStore.tickets(of: caller.user, before: page.before, limit: page.limit, tx)
            return try Self.complete(tickets, for: .author, notes: Self.notesInList, tx)
        }
    }

    private static func complete(
        _ tickets: [Ticket], for readers: TicketNote.Readers, notes limit: Int = 2 * noteCap.maximum, _ tx: Transaction
    ) throws -> [Ticket] {
        try tickets.map { ticket in
            var ticket = ticket
            ticket.notes = try TicketStore.notes(of: ticket.id, for: readers, limit: limit, tx)
            // Whose it is to see to is the administrators' business; who has answered signs for it.
            if readers == .author { (ticket.assignedTo, ticket.resolvedBy) = (nil, nil) }
            return ticket
        }
    }

    /// - Throws: `.resourceNotFound` also for somebody else's.
    private static func own(_ id: TicketID, of caller: Caller, _ tx: Transaction) throws -> Ticket {
        guard let ticket = try TicketStore.ticket(id, tx), ticket.user == caller.user else {
            throw APIError.resourceNotFound
        }
        return ticket
    }

    func read(_ id: TicketID, of caller: Caller) async throws -> Ticket {
        try await parts.database.read { tx in
            try Self.complete([try Self.own(id, of: caller, tx)], for: .author, tx)[0]
        }
    }

    /// Says more to what one has told; what was taken for solved is open again.
    /// - Throws: `.resourceNotFound`, `.alreadyHandled` for one that is closed.
    func add(_ content: String, to id: TicketID, by caller: Caller) async throws -> TicketNote {
        try await parts.database.write { tx in
            var ticket = try Self.own(id, of: caller, tx)
            guard ticket.status != .closed else { throw APIError.alreadyHandled }
            if ticket.status == .resolved { ticket.become(.open, by: nil, at: tx.now) }
            return try add(content, from: nil, for: .author, to: ticket, tx)
        }
    }

    /// - Parameter admin: nil for the author.
    private func add(
        _ content: String, from admin: UserID?, for readers: TicketNote.Readers, to ticket: Ticket, _ tx: Transaction
    ) throws -> TicketNote {
        // Each side has a number of its own: neither can silence the other, or count what it does not see.
        try Self.noteCap.requireRoom(try TicketStore.noteCount(of: ticket.id, by: admin, tx))
        let note = TicketNote(
            id: parts.ids.next(), ticket: ticket.id, admin: admin,
            adminUsername: try admin.map { try UserStore.required($0, tx).username }, content: content,
            readers: readers, createdAt: tx.now)
        try TicketStore.insert(note, tx)
        var ticket = ticket
        if readers == .author { ticket.updatedAt = tx.now }
        try TicketStore.update(ticket, tx)
        return note
    }

    // MARK: Answering

    func list(_ page: Page) async throws -> [Ticket] {
        try await parts.database.read { tx in
            try Self.complete(
                try TicketStore.tickets(page, tx), for: .administrators, notes: Self.notesInList, tx)
        }
    }

    func counts() async throws -> TicketCounts {
        try await parts.database.read { tx in TicketCounts(counts: try TicketStore.counts(tx)) }
    }

    /// - Throws: `.resourceNotFound`.
    func read(_ id: TicketID) async throws -> Ticket {
        try await parts.database.read { tx in
            guard let ticket = try TicketStore.ticket(id, tx) else { throw APIError.resourceNotFound }
            return try Self.complete([ticket], for: .administrators, tx)[0]
        }
    }

    /// Changes a ticket and writes it down.
    private func change(
        _ id: TicketID, _ action: String, by caller: Caller,
        _ body: @escaping @Sendable (inout Ticket, Transaction) throws -> Void
    ) async throws -> Ticket {
        try await parts.database.write { tx in
            guard let old = try TicketStore.ticket(id, tx) else { throw APIError.resourceNotFound }
            var new = old
            try body(&new, tx)
            let changes = AuditChanges.between(old, new)
            if !changes.isEmpty {
                new.updatedAt = tx.now
                try TicketStore.update(new, tx)
                try log.record(action, id.description, changes: changes, by: caller, tx)
            }
            return try Self.complete([new], for: .administrators, tx)[0]
        }
    }

    /// How it stands; its author is told.
    func set(_ status: Ticket.Status, of id: TicketID, by caller: Caller) async throws -> Ticket {
        try await change(id, "ticket.status", by: caller) { ticket, tx in
            guard ticket.status != status else { return }
            ticket.become(status, by: caller.user, at: tx.now)
            try Notifications.notify(ticket.user, .feedback, parts, tx)
        }
    }

    /// Whose it is to see to, and what it is about.
    /// - Throws: `.invalidInput` for somebody who is no administrator.
    func change(
        _ id: TicketID, assignedTo: Change<UserID>, category: Change<Ticket.Category>, by caller: Caller
    ) async throws -> Ticket {
        try await change(id, "ticket.update", by: caller) { ticket, tx in
            if case .set(let admin) = assignedTo, try UserStore.users([admin], tx)[admin]?.isAdmin != true {
                throw APIError.invalidInput("assigned_to", "is no administrator")
            }
            ticket.assignedTo = assignedTo.applied(to: ticket.assignedTo)
            ticket.category = category.applied(to: ticket.category)
        }
    }

    func notes(of id: TicketID) async throws -> [TicketNote] { try await read(id).notes }

    /// A note for the author, who is told, or for the administrators alone.
    func note(
        _ content: String, for readers: TicketNote.Readers, on id: TicketID, by caller: Caller
    ) async throws -> TicketNote {
        try await parts.database.write { tx in
            guard let ticket = try TicketStore.ticket(id, tx) else { throw APIError.resourceNotFound }
            let note = try add(content, from: caller.user, for: readers, to: ticket, tx)
            try log.record("ticket.note", id.description, by: caller, tx)
            if readers == .author { try Notifications.notify(ticket.user, .feedback, parts, tx) }
            return note
        }
    }
}

extension Ticket {
    /// - Parameter admin: who says so; nil for the author.
    fileprivate mutating func become(_ status: Status, by admin: UserID?, at now: Timestamp) {
        if status.isEnd != self.status.isEnd { (resolvedAt, resolvedBy) = status.isEnd ? (now, admin) : (nil, nil) }
        self.status = status
    }
}
