import Features
import Kernel
import People

/// A question for what somebody did: to a server, or to their own account.
struct OwnActs: Sendable {
    let limit: Int
    let server: ServerID?
    let action: String?
}

/// A line of either log, in one shape.
struct OwnAct: Sendable {
    let id: String
    let user: UserID
    let server: ServerID?
    let action: String
    let target: AuditTarget?
    let changes: [String: JSON]
    let reason: String?
    let createdAt: Timestamp

    init(_ entry: AuditEntry) {
        (id, user, server) = (entry.id.description, entry.user, entry.server)
        (action, target, changes) = (entry.action.rawValue, entry.target, entry.changes)
        (reason, createdAt) = (entry.reason, entry.createdAt)
    }

    init(_ entry: SecurityEntry) {
        (id, user, server) = (entry.id.description, entry.user, nil)
        (action, target, changes) = (entry.action.rawValue, nil, entry.details)
        (reason, createdAt) = (nil, entry.createdAt)
    }
}

extension OwnAct: JSONObjectEncodable {
    static let shape = JSONShape<OwnAct>(
        "OwnAct",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("user_id", \.user),
        .field("action", \.action),
        .field("target_type", \.target?.kind.rawValue),
        .field("target_id") { $0.target?.id.map { String($0) } },
        .field("changes") { JSON.object($0.changes) },
        .field("reason", \.reason),
        .field("created_at", \.createdAt))
}

struct OwnActList: JSONObjectEncodable {
    let entries: [OwnAct]

    static let shape = JSONShape<OwnActList>("OwnActList", .field("entries", \.entries))
}

extension AuditLog {
    /// What somebody did in a server, if they may read its log; without one, what happened to their account.
    /// - Throws: `.serverNotFound`, `.accessDenied`, `.permissionDenied`; `.invalidInput` for an action that there is not.
    func own(_ question: OwnActs, of caller: Caller) async throws -> [OwnAct] {
        guard let server = question.server else {
            try parts.configuration.require(.securityLog)
            let action = try question.action.map { name in
                guard let action = SecurityAction(rawValue: name) else {
                    throw APIError.invalidInput("action", "is none of the security log")
                }
                return action
            }
            let entries = try await securityLog.entries(action, limit: question.limit, of: caller.user)
            return entries.map(OwnAct.init)
        }
        let action = question.action.map(AuditAction.init(rawValue:))
        guard action.map(parts.features.auditActions.contains) ?? true else {
            throw APIError.invalidInput("action", "is none of the audit log")
        }
        let page = Page(limit: question.limit, before: nil, action: action, user: caller.user)
        return try await list(server, page, for: caller).map(OwnAct.init)
    }
}
