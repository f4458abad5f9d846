import Features
import HTTPTypes
import Kernel
import WebAPI

extension Recovery {
    private static let addressInput = JSONInput(
        "EmailRequest", .required("email", .string(0...254)), make: { (email) throws(APIError) in email })

    private static let resetInput = JSONInput(
        "PasswordReset",
        .required("token", .string(0...256)),
        .required("password", Password.input),
        make: { (token, password) throws(APIError) in (token: token, password: password) })

    private static let tokenInput = JSONInput(
        "EmailVerification", .required("token", .string(0...256)), make: { (token) throws(APIError) in token })

    var passwordRoutes: [Route] {
        [
            .open(
                .post, "/auth/password-reset/request", "Have a link for a new password sent",
                takes: .body(Self.addressInput), returns: Success.self, errors: [.moduleNotAvailable]
            ) { call in
                try await requestReset(of: call.body)
                return .success
            }
            .limited(by: .mail),
            .open(
                .post, "/auth/password-reset/confirm", "Set a new password with the token of the link",
                takes: .body(Self.resetInput), returns: Success.self,
                errors: [.weakPassword, .expiredToken, .moduleNotAvailable]
            ) { call in
                try await reset(call.body.token, to: call.body.password, from: call.client)
                return .success
            }
            .limited(by: .twoFactor),
        ]
    }

    var addressRoutes: [Route] {
        [
            .open(
                .post, "/auth/verify-email/request", "Have a link for the verification of an address sent",
                takes: .body(Self.addressInput), returns: Success.self, errors: [.moduleNotAvailable]
            ) { call in
                try await requestVerification(of: call.body)
                return .success
            }
            .limited(by: .mail),
            .open(
                .post, "/auth/verify-email/confirm", "Verify an address with the token of the link",
                takes: .body(Self.tokenInput), returns: Success.self, errors: [.expiredToken, .moduleNotAvailable]
            ) { call in
                try await verify(call.body)
                return .success
            }
            .limited(by: .twoFactor),
        ]
    }
}

extension RateLimitBucket {
    /// What sends an e-mail.
    package static let mail = RateLimitBucket(
        "mail", Rate(3, per: .seconds(60)), Rate(10, per: .seconds(3600)), allowsHashing: true)
}

/// Recovery by mail has two halves that can be switched off apart.
struct PasswordReset: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.mail]

    package static let module: Module? = .passwordReset

    let recovery: Recovery

    package var routes: [Route] { recovery.passwordRoutes }
}

/// The other half: whether an address is its owner's.
struct EmailVerification: Feature {
    package static let module: Module? = .emailVerification

    let recovery: Recovery

    package var routes: [Route] { recovery.addressRoutes }
}
