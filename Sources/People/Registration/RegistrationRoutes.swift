import Features
import HTTPTypes
import Kernel
import WebAPI

extension Setting {
    package static let registration = Setting(
        "registration.mode", .choice(ChatConfiguration.Registration.allCases.map(\.rawValue)), default: "open",
        "Who may make an account.")
    package static let verifiedEmail = Setting(
        "registration.require_verified_email", .boolean, default: "false",
        "Whether an account can be used only once its e-mail address is verified; needs `mail.smtp_url`.")
}

extension RateLimitBucket {
    package static let register = RateLimitBucket(
        "register", Rate(3, per: .seconds(60)), Rate(10, per: .seconds(3600)), Rate(20, per: .seconds(86_400)),
        allowsHashing: true)
}

extension Registrations: Feature {
    package static let settings: [Setting] = [.registration, .verifiedEmail]
    package static let rateLimitBuckets: [RateLimitBucket] = [.register]

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
