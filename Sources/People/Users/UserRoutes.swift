import Features
import HTTPTypes
import Kernel
import WebAPI

extension Users {
    /// What is sent of the account to `PATCH /users/@me`, which takes the profile, too.
    package static let changeInput = JSONInput(
        "AccountChange",
        .replacement("username", NameRules.username),
        .replacement("email", NameRules.email),
        .change("display_name", NameRules.name(1...32)),
        .replacement("password", Password.input),
        .replacement("current_password", Password.input),
        make: { (username, email, displayName, password, currentPassword) throws(APIError) in
            Change(
                username: username, email: email, displayName: displayName, password: password,
                currentPassword: currentPassword)
        })

    private static let searchInput = JSONInput(
        "UserSearch", .required("username", .string(1...32)), make: { (username) throws(APIError) in username })

    package var routes: [Route] {
        [
            .authenticated(.get, "/users/@me", "Read one's account", takes: .nothing, returns: SelfUser.self) {
                caller, _ in .ok(try await me(caller))
            },
            .authenticated(
                .get, "/users/@me/features", "One's badges and what one's tier allows", takes: .nothing,
                returns: UserBenefits.self
            ) { caller, _ in .ok(try await benefits(of: caller)) },
            .authenticated(
                .get, "/users/search", "Find a user by exact name", takes: .query(Self.searchInput),
                returns: [PublicUser].self
            ) { caller, call in .ok(try await search(call.query, for: caller)) },
            .authenticated(
                .get, "/users/{user_id}", "Read a user", takes: .nothing, returns: PublicUser.self,
                errors: [.invalidUserID, .userNotFound]
            ) { caller, call in .ok(try await user(try call.id("user_id"), for: caller)) },
        ]
    }
}
