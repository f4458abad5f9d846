import HTTPTypes
import Kernel
import WebAPI

extension TwoFactor {
    private static let passwordInput = JSONInput(
        "TwoFactorEnable", .optional("password", Password.input),
        make: { (password) throws(APIError) in password })

    private static let codeInput = JSONInput(
        "TwoFactorConfirm", .required("code", .string(0...64)), make: { (code) throws(APIError) in code })

    private static let disableInput = JSONInput(
        "TwoFactorDisable",
        .optional("password", Password.input),
        .required("code", .string(0...64)),
        make: { (password, code) throws(APIError) in (password: password, code: code) })

    private static let challengeInput = JSONInput(
        "TwoFactorLogin",
        .required("challenge_token", .string(0...256)),
        .required("code", .string(0...64)),
        make: { (challenge, code) throws(APIError) in (challenge: challenge, code: code) })

    package var routes: [Route] {
        [
            .open(
                .post, "/auth/2fa", "Finish a login with a code", takes: .body(Self.challengeInput),
                returns: LoginResult.self, errors: [.invalidCode, .expiredToken, .accountLocked]
            ) { call in .ok(try await complete(call.body.challenge, code: call.body.code, from: call.client)) }
            .limited(by: .twoFactor).inMaintenance,
            .authenticated(
                .get, "/auth/2fa/status", "Whether two-factor login is on", takes: .nothing,
                returns: TwoFactorStatus.self
            ) { caller, _ in .ok(try await status(of: caller)) }
            .forPeople,
            .authenticated(
                .post, "/auth/2fa/enable", "Begin to set up two-factor login", takes: .body(Self.passwordInput),
                returns: TwoFactorSetup.self,
                errors: [.invalidCredentials, .accountLocked, .twoFactorAlreadyEnabled]
            ) { caller, call in .ok(try await enable(password: call.body, by: caller, from: call.client)) }
            .limited(by: .twoFactor).forPeople,
            .authenticated(
                .post, "/auth/2fa/confirm", "Switch two-factor login on", takes: .body(Self.codeInput),
                returns: Success.self,
                errors: [.sixDigitCodeRequired, .twoFactorNotStarted, .twoFactorAlreadyEnabled, .invalidCode]
            ) { caller, call in
                try await confirm(call.body, by: caller, from: call.client)
                return .success
            }
            .limited(by: .twoFactor).forPeople,
            .authenticated(
                .post, "/auth/2fa/disable", "Switch two-factor login off", takes: .body(Self.disableInput),
                returns: Success.self, errors: [.twoFactorNotEnabled, .invalidPasswordOrCode, .accountLocked]
            ) { caller, call in
                try await disable(
                    password: call.body.password, code: call.body.code, by: caller, from: call.client)
                return .success
            }
            .limited(by: .twoFactor).forPeople,
        ]
    }
}
