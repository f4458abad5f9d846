import Features
import HTTPTypes
import Kernel
import WebAPI

extension Accounts {
    private static let loginInput = JSONInput(
        "LoginRequest",
        .required("username", .string(1...254)),
        .required("password", Password.input),
        make: { (username, password) throws(APIError) in (username: username, password: password) })

    package var routes: [Route] {
        [
            .open(
                .post, "/auth/login", "Log in with a user name or an e-mail address", takes: .body(Self.loginInput),
                returns: LoginResult.self, errors: [.invalidCredentials, .accountLocked, .emailNotVerified]
            ) { call in
                .ok(
                    try await logIn(
                        call.body.username, password: call.body.password, from: call.client, count: call.count))
            }
            .limitedByHandler(.login).inMaintenance,
            .open(
                .get, "/auth/password-requirements", "What a password must be, and whether one has to be of age",
                takes: .nothing,
                returns: RegistrationRequirements.self
            ) { [configuration = parts.configuration] _ in .ok(RegistrationRequirements(configuration)) }
            .inMaintenance,
        ]
    }
}
