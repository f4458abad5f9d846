import Database
import Features
import Kernel

/// Making accounts.
package struct Registrations: Sendable {
    /// What a person has chosen.
    struct Draft: Sendable {
        let username: String
        let email: String
        let password: Password
        /// An invite to a server, which the new account joins.
        let inviteCode: String?
    }

    let parts: Parts
    let accounts: Accounts
    /// Brings the new account to the server that a code invites to.
    let enter: @Sendable (_ code: String, _ user: UserID, Transaction) throws -> Void
    let recovery: Recovery

    package init(
        _ parts: Parts, _ people: PeopleFeatures,
        enter: @escaping @Sendable (_ code: String, _ user: UserID, Transaction) throws -> Void
    ) {
        self.parts = parts
        accounts = people.accounts
        recovery = people.recovery
        self.enter = enter
    }

    /// Makes an account and logs it in.
    /// - Throws: `.weakPassword`, `.usernameTaken`, `.emailTaken`, `.registrationClosed`, `.inviteNotFound`,
    ///   `.ageRequirementNotMet`.
    func register(
        _ draft: Draft, of age: AgeStatement, from client: ClientInformation
    ) async throws -> LoginResult {
        try requireAdmission(draft)
        // Before anything else, so that who is too young learns nothing of names and addresses.
        let age = try AgeGate(parts.configuration).check(age, at: parts.clock.now())
        try PasswordPolicy.standard.check(draft.password)
        // Looked up before the expensive hash, and once more by the unique keys in the transaction.
        try await parts.database.read { tx in try Self.requireFree(draft, tx) }
        let passwordHash = try await accounts.hasher.hash(draft.password)
        let id: UserID = parts.ids.next()
        let result: LoginResult = try await parts.database.write { tx in
            try Self.requireFree(draft, tx)
            try AccountStore.insert(
                id, username: draft.username, email: draft.email, passwordHash: passwordHash, age: age, tx)
            try SecurityLog.record(.register, of: id, from: client, parts, tx)
            if let code = draft.inviteCode { try enter(code, id, tx) }
            let user = try UserStore.required(id, tx)
            try recovery.welcome(user, tx)
            if parts.configuration.requiresVerifiedEmail { return .emailVerificationRequired(SelfUser(user)) }
            return try accounts.begin(of: user, from: client, tx)
        }
        return accounts.announced(result, from: client)
    }

    private func requireAdmission(_ draft: Draft) throws {
        switch parts.configuration.registration {
        case .open: break
        case .invite: if draft.inviteCode == nil { throw APIError.registrationClosed }
        case .closed: throw APIError.registrationClosed
        }
    }

    private static func requireFree(_ draft: Draft, _ tx: Transaction) throws {
        try AccountNames.requireFree(draft.username, tx)
        try AccountNames.requireFree(email: draft.email, tx)
    }
}
