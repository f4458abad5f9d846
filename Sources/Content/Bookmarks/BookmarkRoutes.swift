import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension Bookmarks {
    private static let pageInput = JSONInput(
        "BookmarkPage",
        .optional("limit", .integer(1...100), default: 50), .optional("before", .id(MessageID.self)),
        make: { (limit, before) throws(APIError) in (limit: limit, before: before) })

    private static let label = NameRules.line(100)

    private static let labelInput = JSONInput(
        "BookmarkLabel", .optional("label", label), make: { (label) throws(APIError) in label.flatMap(Self.orNil) })

    private static let draftInput = JSONInput(
        "BookmarkDraft", .required("message_id", .id(MessageID.self)), .optional("label", label),
        make: { (message, label) throws(APIError) in (message: message, label: label.flatMap(Self.orNil)) })

    private static func orNil(_ label: String) -> String? { label.isEmpty ? nil : label }

    private static let adding: [ErrorKind] = [.messageNotFound, .accessDenied, .permissionDenied, .invalidInput]

    package var routes: [Route] {
        ["/users/@me/bookmarks", "/features/bookmarks"].flatMap(shared) + [
            .authenticated(
                .put, "/users/@me/bookmarks/{message_id}", "Save a message, or give it another label",
                takes: .body(Self.labelInput), returns: Success.self, errors: [.invalidMessageID] + Self.adding
            ) { caller, call in
                try await add(try call.id("message_id"), label: call.body, by: caller)
                return .success
            },
            .authenticated(
                .post, "/features/bookmarks", "Save a message", takes: .body(Self.draftInput), returns: Success.self,
                errors: Self.adding
            ) { caller, call in
                let (message, label) = call.body
                try await add(message, label: label, by: caller)
                return .success
            },
        ]
    }

    /// They are reachable under two paths.
    private func shared(_ path: String) -> [Route] {
        [
            .authenticated(
                .get, path, "List the messages that one saved", takes: .query(Self.pageInput),
                returns: [Bookmark].self
            ) { caller, call in
                .ok(try await list(limit: call.query.limit, before: call.query.before, of: caller))
            },
            .authenticated(
                .delete, "\(path)/{message_id}", "Let go of a saved message", takes: .nothing,
                returns: Success.self, errors: [.invalidMessageID]
            ) { caller, call in
                try await remove(try call.id("message_id"), by: caller)
                return .success
            },
        ]
    }
}
