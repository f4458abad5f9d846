import Features
import HTTPTypes
import Kernel
import WebAPI

extension Passkeys {
    private static let name = NameRules.name(1...64)

    private static let proofInput = JSONInput(
        "PasskeyConfirmation", .optional("password", Password.input), .optional("code", .string(0...64)),
        make: { (password, code) throws(APIError) in Proof(password: password, code: code) })

    private static let registrationInput = JSONInput(
        "PasskeyRegistration",
        .required("credential", .object(NewPasskeyCredential.input)),
        .optional("name", name, default: "Passkey"),
        make: { (credential, name) throws(APIError) in (credential: credential, name: name) })

    private static let loginInput = JSONInput(
        "PasskeyLogin", .required("credential", .object(PasskeyProof.input)),
        make: { (proof) throws(APIError) in proof })

    private static let nameInput = JSONInput(
        "PasskeyChange", .required("name", name), make: { (name) throws(APIError) in name })

    package var routes: [Route] { ceremonyRoutes + listRoutes }

    private var ceremonyRoutes: [Route] {
        [
            .authenticated(
                .post, "/auth/passkeys/options/register", "Begin to make a passkey", takes: .body(Self.proofInput),
                returns: PasskeyCreationOptions.self,
                errors: [.invalidCredentials, .invalidPasswordOrCode, .accountLocked, .moduleNotAvailable]
            ) { caller, call in
                .ok(try await creationOptions(call.body, for: caller, from: call.client))
            }
            .limited(by: .twoFactor).forPeople,
            .authenticated(
                .post, "/auth/passkeys/register", "Make a passkey", takes: .body(Self.registrationInput),
                returns: Passkey.self, statuses: [.created],
                errors: [.expiredToken, .alreadyExists, .moduleNotAvailable]
            ) { caller, call in
                .created(
                    try await register(call.body.credential, named: call.body.name, by: caller, from: call.client))
            }
            .forPeople,
            .open(
                .post, "/auth/passkeys/options/authenticate", "Begin to log in with a passkey", takes: .nothing,
                returns: PasskeyRequestOptions.self, errors: [.moduleNotAvailable]
            ) { call in .ok(try await requestOptions(from: call.client)) }
            .inMaintenance,
            .open(
                .post, "/auth/passkeys/authenticate", "Log in with a passkey", takes: .body(Self.loginInput),
                returns: LoginResult.self,
                errors: [.expiredToken, .invalidCredentials, .accountLocked, .emailNotVerified, .moduleNotAvailable]
            ) { call in .ok(try await logIn(call.body, from: call.client)) }
            .limited(by: .login).inMaintenance,
        ]
    }

    private var listRoutes: [Route] {
        [
            .authenticated(
                .get, "/auth/passkeys", "List one's passkeys", takes: .nothing, returns: [Passkey].self
            ) { caller, _ in .ok(try await list(of: caller)) }
            .forPeople,
            .authenticated(
                .patch, "/auth/passkeys/{passkey_id}", "Rename a passkey", takes: .body(Self.nameInput),
                returns: Passkey.self, errors: [.resourceNotFound]
            ) { caller, call in .ok(try await rename(try call.id("passkey_id"), to: call.body, by: caller)) }
            .forPeople,
            .authenticated(
                .delete, "/auth/passkeys/{passkey_id}", "Remove a passkey", takes: .body(Self.proofInput),
                returns: Success.self,
                errors: [.invalidCredentials, .invalidPasswordOrCode, .accountLocked, .resourceNotFound]
            ) { caller, call in
                try await delete(try call.id("passkey_id"), call.body, by: caller, from: call.client)
                return .success
            }
            .limited(by: .twoFactor).forPeople,
        ]
    }
}
