import Events
import Features
import HTTPTypes
import Kernel
import WebAPI

extension UserNotes {
    private static let input = JSONInput(
        "UserNoteDraft", .required("note", NameRules.text(0...2000)), make: { (note) throws(APIError) in note })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/users/{user_id}/note", "Read one's note about a user", takes: .nothing,
                returns: UserNote.self, errors: [.invalidUserID, .userNotFound]
            ) { caller, call in .ok(try await read(about: try call.id("user_id"), by: caller)) },
            .authenticated(
                .put, "/users/{user_id}/note", "Write a note about a user", takes: .body(Self.input),
                returns: UserNote.self, errors: [.invalidUserID, .userNotFound]
            ) { caller, call in .ok(try await write(call.body, about: try call.id("user_id"), by: caller)) },
        ]
    }
}
