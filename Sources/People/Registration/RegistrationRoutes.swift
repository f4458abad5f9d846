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
    package static let ageGate = Setting(
        "registration.age_gate", .choice(ChatConfiguration.AgeGate.allCases.map(\.rawValue)), default: "off",
        "Whether one has to be of age for an account, and how that is shown: by saying so, or by the date of birth, which is not kept."
    )
    package static let minimumAge = Setting(
        "registration.minimum_age", .integer(1...99), default: "13", "In years, with `registration.age_gate`.")
}

extension RateLimitBucket {
    package static let register = RateLimitBucket(
        "register", Rate(3, per: .seconds(60)), Rate(10, per: .seconds(3600)), Rate(20, per: .seconds(86_400)),
        allowsHashing: true)
}

extension Registrations: Feature {
    package static let settings: [Setting] = [.registration, .verifiedEmail, .ageGate, .minimumAge]
    package static let rateLimitBuckets: [RateLimitBucket] = [.register]

    package static let module: Module? = .registration

    private static let accountInput = JSONInput(
        "NewAccount",
        .required("username", NameRules.username),
        .required("email", NameRules.email),
        .required("password", Password.input),
        .optional("invite_code", .string(1...64)),
        make: { (username, email, password, inviteCode) throws(APIError) in
            Draft(username: username, email: email, password: password, inviteCode: inviteCode)
        })

    private static let input = JSONInput("RegistrationRequest", accountInput, AgeStatement.input)

    package var routes: [Route] {
        [
            .open(
                .post, "/auth/register", "Make an account", takes: .body(Self.input), returns: LoginResult.self,
                statuses: [.created],
                errors: [
                    .weakPassword, .usernameTaken, .emailTaken, .registrationClosed, .inviteNotFound,
                    .ageRequirementNotMet,
                ]
            ) { call in .created(try await register(call.body.0, of: call.body.1, from: call.client)) }
            .limited(by: .register)
        ]
    }
}
