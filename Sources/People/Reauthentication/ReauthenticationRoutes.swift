import Features
import HTTPTypes
import Kernel
import WebAPI

extension Reauthentication: Feature {
    private static let input = JSONInput(
        "Reauthentication",
        .optional("password", Password.input), .optional("code", .string(0...64)),
        .optional("credential", .object(PasskeyProof.input)),
        make: { (password, code, credential) throws(APIError) in
            if let credential { return Proof.passkey(credential) }
            guard let password else { throw .invalidInput("password", "or credential is required") }
            return Proof.password(password, code: code)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .post, "/auth/reauthenticate", "Prove again who one is", takes: .body(Self.input),
                returns: Reauthenticated.self, errors: Self.errors
            ) { caller, call in .ok(try await prove(call.body, by: caller, from: call.client)) }
            .limited(by: .twoFactor).forPeople
        ]
    }
}
