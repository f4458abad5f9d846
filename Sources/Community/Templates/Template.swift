import Kernel

/// A server to make others after (contract: REST, Templates).
struct Template: Sendable {
    let code: String
    let source: ServerID
    var name: String
    var description: String?
    let creator: UserID
    /// Whose eyes have seen what is in the snapshot.
    var takenBy: UserID
    var snapshot: ServerSnapshot
    let usageCount: Int
    let createdAt: Timestamp
    var updatedAt: Timestamp
}

/// A template beside the server as it is now.
struct TemplateReport: JSONObjectEncodable {
    let template: Template
    /// Whether the server is another one by now, as far as the one can see who has taken the snapshot.
    let isDirty: Bool

    static let shape = JSONShape<TemplateReport>(
        "Template",
        .field("code", \.template.code),
        .field("name", \.template.name),
        .field("description", \.template.description),
        .field("creator_id", \.template.creator),
        .field("source_server_id", \.template.source),
        .field("usage_count", \.template.usageCount),
        .field("is_dirty", \.isDirty),
        .field("snapshot", \.template.snapshot),
        .field("created_at", \.template.createdAt),
        .field("updated_at", \.template.updatedAt))
}
