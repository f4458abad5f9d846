import HTTPTypes
import Kernel
import WebAPI

extension SingleSignOn {
    private static let answerInput = JSONInput(
        "SingleSignOnAnswer",
        .required("code", .string(1...4096)),
        .required("state", .string(0...256)),
        make: { (code, state) throws(APIError) in (code: code, state: state) })

    private static let callbackInput = JSONInput("SingleSignOnCallback", answerInput, AgeStatement.input)

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
                    .emailNotVerified, .ageRequirementNotMet, .serviceUnavailable,
                ]
            ) { call in
                let (answer, age) = call.body
                return .ok(
                    try await finish(
                        with: call.text("provider"), code: answer.code, state: answer.state, age: age,
                        from: call.client))
            }
            .limited(by: .login).inMaintenance,
        ]
    }
}
