import Events
import HTTPTypes
import Kernel
import People
import WebAPI

extension AccountDeletions {
    private static let input = JSONInput(
        "AccountDeletion",
        .optional("password", Password.input), .optional("code", .string(0...64)),
        make: { (password, code) throws(APIError) in (password: password, code: code) })

    var routes: [Route] {
        [
            .authenticated(
                .delete, "/users/@me", "Delete one's account, after thirty days", takes: .body(Self.input),
                returns: Success.self, errors: [.invalidCredentials, .invalidPasswordOrCode, .accountLocked]
            ) { caller, call in
                try await begin(
                    password: call.body.password, code: call.body.code, by: caller, from: call.client)
                return .success
            }
            .limited(by: .accountChange).forPeople
        ]
    }
}
