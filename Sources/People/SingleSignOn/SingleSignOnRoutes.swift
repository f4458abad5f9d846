import HTTPTypes
import Kernel
import WebAPI

extension SingleSignOn {
    private static let callbackInput = JSONInput(
        "SingleSignOnCallback",
        .required("code", .string(1...4096)),
        .required("state", .string(0...256)),
        make: { (code, state) throws(APIError) in (code: code, state: state) })

    package var routes: [Route] {
        [
            .open(
                .get, "/auth/oauth/{provider}/login", "Begin a login at another provider", takes: .nothing,
                returns: SingleSignOnStart.self, errors: [.resourceNotFound, .serviceUnavailable]
            ) { call in .ok(try await begin(with: call.text("provider"), from: call.client)) }
            .limited(by: .login).inMaintenance,
            .open(
                .post, "/auth/oauth/{provider}/callback", "Finish a login at another provider",
                takes: .body(Self.callbackInput), returns: LoginResult.self,
                errors: [
                    .resourceNotFound, .expiredToken, .invalidCredentials, .emailTaken, .registrationClosed,
                    .emailNotVerified, .serviceUnavailable,
                ]
            ) { call in
                .ok(
                    try await finish(
                        with: call.text("provider"), code: call.body.code, state: call.body.state, from: call.client))
            }
            .limited(by: .login).inMaintenance,
        ]
    }
}
