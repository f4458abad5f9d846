import Features
import HTTPTypes
import Kernel
import WebAPI

extension Registrations: Feature {
    package static let module: Module? = .registration

    private static let input = JSONInput(
        "RegistrationRequest",
        .required("username", NameRules.username),
        .required("email", NameRules.email),
        .required("password", Password.input),
        .optional("invite_code", .string(1...64)),
        make: { (username, email, password, inviteCode) throws(APIError) in
            Draft(username: username, email: email, password: password, inviteCode: inviteCode)
        })

    package var routes: [Route] {
        [
            .open(
                .post, "/auth/register", "Make an account", takes: .body(Self.input), returns: LoginResult.self,
                statuses: [.created],
                errors: [.weakPassword, .usernameTaken, .emailTaken, .registrationClosed, .inviteNotFound]
            ) { call in .created(try await register(call.body, from: call.client)) }
            .limited(by: .register)
        ]
    }
}
