import Features
import Kernel

/// What an account needs: a password that is good enough, and perhaps a certain age.
struct RegistrationRequirements: JSONObjectEncodable {
    let configuration: ChatConfiguration

    init(_ configuration: ChatConfiguration) { self.configuration = configuration }

    private var policy: PasswordPolicy { .standard }

    static let shape = JSONShape<RegistrationRequirements>(
        "RegistrationRequirements",
        .field("min_length", \.policy.minimumLength),
        .field("max_length", \.policy.maximumLength),
        .field("require_uppercase") { _ in true },
        .field("require_lowercase") { _ in true },
        .field("require_digit") { _ in true },
        .field("require_special") { _ in true },
        .field("age_gate_enabled", \.configuration.asksForAge),
        .field("age_verification_type", \.configuration.ageGate.rawValue),
        .field("minimum_age", \.configuration.askedAge))
}
