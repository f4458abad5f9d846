import Database
import HTTPTypes
import Kernel
import WebAPI

/// What users tell the administrators: of messages and people that break the rules, and of anything else.
struct Reports: Sendable {
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
        let report = Report(
            id: parts.ids.next(), kind: kind, reporter: caller.user, user: user, message: message?.id,
            channel: message?.channel, server: server, reason: draft.reason, category: draft.category,
            details: draft.details, content: message?.content, status: .open, handledBy: nil, handledAt: nil, note: nil,
            createdAt: tx.now)
        try ReportStore.insert(report, tx)
        return report
    }

    func feedback(_ text: String, by caller: Caller) async throws {
        try await parts.database.write { tx in
            try ReportStore.insertFeedback(parts.ids.nextRaw(), text, by: caller.user, tx)
        }
    }

    // MARK: Routes

    private static func draftFields(
        _ reason: String, _ category: Report.Category, _ details: String?
    ) -> Draft { Draft(reason: reason, category: category, details: details) }

    private static let messageInput = JSONInput(
        "MessageReport",
        .required("message_id", .id(MessageID.self)), .required("reason", NameRules.name(1...500)),
        .optional("category", .oneOf(Report.Category.self), default: .other),
        .optional("details", NameRules.text(0...2000)),
        make: { (message, reason, category, details) throws(APIError) in
            (message: message, draft: draftFields(reason, category, details))
        })

    private static let userInput = JSONInput(
        "UserReport",
        .required("user_id", .id(UserID.self)), .required("reason", NameRules.name(1...500)),
        .optional("category", .oneOf(Report.Category.self), default: .other),
        .optional("details", NameRules.text(0...2000)),
        make: { (user, reason, category, details) throws(APIError) in
            (user: user, draft: draftFields(reason, category, details))
        })

    private static let feedbackInput = JSONInput(
        "Feedback", .required("text", NameRules.text(1...4000)), make: { (text) throws(APIError) in text })

    var routes: [Route] {
        [
            .authenticated(
                .post, "/reports/messages", "Report a message to the administrators", takes: .body(Self.messageInput),
                returns: ReportReceipt.self, errors: [.messageNotFound, .accessDenied, .permissionDenied]
            ) { caller, call in
                .ok(ReportReceipt(report: try await report(message: call.body.message, call.body.draft, by: caller)))
            }
            .limited(by: .friendRequest),
            .authenticated(
                .post, "/reports/users", "Report a user to the administrators", takes: .body(Self.userInput),
                returns: ReportReceipt.self, errors: [.userNotFound]
            ) { caller, call in
                .ok(ReportReceipt(report: try await report(user: call.body.user, call.body.draft, by: caller)))
            }
            .limited(by: .friendRequest),
            .authenticated(
                .post, "/feedback", "Tell the administrators something", takes: .body(Self.feedbackInput),
                returns: Success.self
            ) { caller, call in
                try await feedback(call.body, by: caller)
                return .success
            }
            .limited(by: .friendRequest).forPeople,
        ]
    }
}
