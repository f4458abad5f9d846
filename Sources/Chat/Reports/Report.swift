import Kernel

/// Something that a user wants the administrators to look at.
struct Report: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case message
        case user
    }

    enum Category: String, CaseIterable, Sendable {
        case spam
        case harassment
        case hate
        case violence
        case sexual
        case selfHarm = "self_harm"
        case illegal
        case other
    }

    enum Status: String, CaseIterable, Sendable {
        case open
        case resolved
        case dismissed
    }

    let id: ReportID
    let kind: Kind
    let reporter: UserID
    let user: UserID
    let message: MessageID?
    let channel: ChannelID?
    let server: ServerID?
    let reason: String
    let category: Category
    let details: String?
    /// What the message said when it was reported.
    let content: String?
    var status: Status
    var handledBy: UserID?
    var handledAt: Timestamp?
    var note: String?
    let createdAt: Timestamp
}

extension Report: JSONObjectEncodable {
    static let shape = JSONShape<Report>(
        "Report",
        .field("id", \.id),
        .field("type", \.kind.rawValue),
        .field("reporter_id", \.reporter),
        .field("user_id", \.user),
        .field("message_id", \.message),
        .field("channel_id", \.channel),
        .field("server_id", \.server),
        .field("reason", \.reason),
        .field("category", \.category.rawValue),
        .field("details", \.details),
        .field("content", \.content),
        .field("status", \.status.rawValue),
        .field("handled_by", \.handledBy),
        .field("handled_at", \.handledAt),
        .field("note", \.note),
        .field("created_at", \.createdAt))
}

/// What a reporter is told.
struct ReportReceipt: JSONObjectEncodable {
    let report: Report

    static let shape = JSONShape<ReportReceipt>(
        "ReportReceipt", .field("id", \.report.id), .field("status", \.report.status.rawValue))
}
