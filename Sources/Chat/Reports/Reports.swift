import Community
import Content
import Database
import Features
import Kernel
import People

/// What users tell the administrators: of messages and people that break the rules.
struct Reports: Sendable {
    static let cap = Cap("open reports", per: .person, 100, .refused(field: "reason"), bucket: .friendRequest)

    let parts: Parts

    struct Draft: Sendable {
        let reason: String
        let category: Report.Category
        let details: String?
    }

    /// Reports a message that the caller can read. What it says is kept with the report, in case it is edited or deleted.
    /// - Throws: `.messageNotFound`, `.accessDenied`.
    func report(message id: MessageID, _ draft: Draft, by caller: Caller) async throws -> Report {
        try await parts.database.write { tx in
            guard let channel = try MessageStore.channel(of: id, tx) else { throw APIError.messageNotFound }
            let place = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
            let message = try Messages.required(id, in: place, for: nil, tx)
            return try insert(
                draft, .message, about: message.author, message: message, server: place.channel.server, by: caller, tx)
        }
    }

    /// - Throws: `.userNotFound`.
    func report(user: UserID, _ draft: Draft, by caller: Caller) async throws -> Report {
        try await parts.database.write { tx in
            _ = try UserStore.required(user, tx)
            return try insert(draft, .user, about: user, message: nil, server: nil, by: caller, tx)
        }
    }

    private func insert(
        _ draft: Draft, _ kind: Report.Kind, about user: UserID, message: Message?, server: ServerID?,
        by caller: Caller, _ tx: Transaction
    ) throws -> Report {
        guard user != caller.user else { throw APIError.invalidInput("user_id", "is your own") }
        try Self.cap.requireRoom(try ReportStore.openCount(by: caller.user, tx))
        let report = Report(
            id: parts.ids.next(), kind: kind, reporter: caller.user, user: user, message: message?.id,
            channel: message?.channel, server: server, reason: draft.reason, category: draft.category,
            details: draft.details, content: message?.content, status: .open, handledBy: nil, handledAt: nil, note: nil,
            createdAt: tx.now)
        try ReportStore.insert(report, tx)
        return report
    }
}
