import Features
import HTTPTypes
import Kernel
import WebAPI

extension Relationships {
    private static let requestInput = JSONInput(
        "FriendRequest",
        .optional("user_id", .id(UserID.self)),
        .optional("username", .string(1...32)),
        .optional("message", NameRules.text(0...256)),
        make: { (user, name, message) throws(APIError) in
            switch (user, name) {
            case (let user?, nil): return (addressee: Addressee.id(user), message: message)
            case (nil, let name?): return (addressee: Addressee.name(name), message: message)
            default: throw .invalidInput("user_id", "or username is required, and not both")
            }
        })

    private static let userInput = JSONInput(
        "UserReference", .required("user_id", .id(UserID.self)), make: { (user) throws(APIError) in user })

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/relationships/@me", "List one's friends, requests and blocks", takes: .nothing,
                returns: [Relationship].self
            ) { caller, _ in .ok(try await list(of: caller)) },
            .authenticated(
                .post, "/relationships", "Ask somebody to be friends", takes: .body(Self.requestInput),
                returns: Relationship.self, errors: [.userNotFound, .cannotMessageUser, .alreadyExists]
            ) { caller, call in
                .ok(try await request(call.body.addressee, message: call.body.message, by: caller))
            }
            .limited(by: .friendRequest).forPeople,
            .authenticated(
                .put, "/relationships/{user_id}/accept", "Accept a friend request", takes: .nothing,
                returns: Relationship.self, errors: [.invalidUserID, .friendRequestNotFound, .invalidInput]
            ) { caller, call in .ok(try await accept(try call.id("user_id"), by: caller)) }
            .forPeople,
            .authenticated(
                .delete, "/relationships/{user_id}", "End a friendship, a request or a block", takes: .nothing,
                returns: Success.self, errors: [.invalidUserID, .relationshipNotFound]
            ) { caller, call in
                try await remove(try call.id("user_id"), by: caller)
                return .success
            }
            .forPeople,
            .authenticated(
                .post, "/relationships/block", "Block somebody", takes: .body(Self.userInput),
                returns: Relationship.self, errors: [.userNotFound, .alreadyExists]
            ) { caller, call in .ok(try await block(call.body, by: caller)) }
            .forPeople,
        ]
    }
}
