import Features
import Kernel

/// What a password must be (contract: `GET /auth/password-requirements`). Lengths count Unicode scalars.
package struct PasswordPolicy: Sendable {

    package init() {}
    package static let standard = PasswordPolicy()

    let minimumLength = 12
    let maximumLength = 128

    /// - Throws: `Weak password`, with the rules that are not met.
    package func check(_ password: Password) throws(APIError) {
        let password = password.prepared
        let scalars = password.unicodeScalars
        var unmet: [FieldIssue] = []
        func require(_ isMet: Bool, _ rule: String) {
            if !isMet { unmet.append(FieldIssue("password", rule)) }
        }
        require(scalars.count >= minimumLength, "must have at least \(minimumLength) characters")
        require(scalars.count <= maximumLength, "must have at most \(maximumLength) characters")
        require(scalars.contains { $0.properties.isUppercase }, "must have an upper-case letter")
        require(scalars.contains { $0.properties.isLowercase }, "must have a lower-case letter")
        require(scalars.contains { $0.properties.numericType == .decimal }, "must have a digit")
        require(
            scalars.contains { !$0.properties.isAlphabetic && $0.properties.numericType == nil },
            "must have a character that is neither letter nor digit")
        require(NameRules.isClean(password), "must not have control characters")
        require(
            !CommonPasswords.contain(password), "must not be one of the most common passwords, whatever is added to it")
        if !unmet.isEmpty { throw .weakPassword(unmet) }
    }
}
