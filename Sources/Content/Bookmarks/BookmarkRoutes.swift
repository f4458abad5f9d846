import Events
import HTTPTypes
import Kernel
import WebAPI

extension Bookmarks {
    private static let pageInput = JSONInput(
        "BookmarkPage",
        .optional("limit", .integer(1...100), default: 50), .optional("before", .id(MessageID.self)),
        make: { (limit, before) throws(APIError) in (limit: limit, before: before) })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/@me/bookmarks", "List the messages that one saved", takes: .query(Self.pageInput),
                returns: [Bookmark].self
            ) { caller, call in
                .ok(try await list(limit: call.query.limit, before: call.query.before, of: caller))
            },
            .authenticated(
                .put, "/users/@me/bookmarks/{message_id}", "Save a message", takes: .nothing, returns: Success.self,
                errors: [.invalidMessageID, .messageNotFound, .accessDenied, .permissionDenied, .invalidInput]
            ) { caller, call in
                try await add(try call.id("message_id"), by: caller)
                return .success
            },
            .authenticated(
                .delete, "/users/@me/bookmarks/{message_id}", "Let go of a saved message", takes: .nothing,
                returns: Success.self, errors: [.invalidMessageID]
            ) { caller, call in
                try await remove(try call.id("message_id"), by: caller)
                return .success
            },
        ]
    }
}
