import Kernel
import Mail

/// What stands in a letter.
struct LetterText {
    let letter: Letter
    let user: User
    /// Where the links lead to.
    let publicURL: String

    /// - Parameters:
    ///   - token: of the link, in a letter that has one.
    ///   - entry: what an alert is about.
    /// - Returns: nil where that is missing: then there is nothing to tell.
    func message(token: String?, entry: SecurityEntry?) -> MailMessage? {
        switch letter.kind {
        case .resetLink: token.map(resetLink)
        case .verificationLink: token.map(verificationLink)
        case .passwordChanged: passwordChanged
        case .passwordReset: passwordReset
        case .passkeyAdded: passkeyAdded
        case .passkeyRemoved: passkeyRemoved
        case .securityAlert: entry.map(securityAlert)
        case .addressChanged: addressChanged
        }
    }

    private func message(_ subject: String, _ text: String) -> MailMessage {
        MailMessage(to: letter.address, subject: subject, text: "Hello \(user.username),\n\n\(text)\n")
    }

    /// The token stands in the fragment, which browsers do not send to servers.
    private func resetLink(_ token: String) -> MailMessage {
        message(
            "Reset your password",
            """
            somebody, probably you, wants to set a new password for your account. Open this link within an hour:

            \(publicURL)/reset-password#token=\(token)

            If it was not you, there is nothing to do: your password stays as it is.
            """)
    }

    private func verificationLink(_ token: String) -> MailMessage {
        message(
            "Verify your e-mail address",
            """
            open this link within a day to show that this address is yours:

            \(publicURL)/verify-email#token=\(token)

            If you did not make an account at \(publicURL), there is nothing to do.
            """)
    }

    private var passwordChanged: MailMessage {
        message(
            "Your password was changed",
            """
            the password of your account at \(publicURL) was changed, and other devices were logged out. If it was not you, \
            reset the password at once:

            \(publicURL)/reset-password
            """)
    }

    private var passwordReset: MailMessage {
        message(
            "Your password was reset",
            """
            the password of your account at \(publicURL) was set anew with a link from a mail. All devices were logged out, \
            and all passkeys removed: make new ones when you have logged in. If it was not you, reset the password at once, \
            and change that of your mailbox:

            \(publicURL)/reset-password
            """)
    }

    private var passkeyAdded: MailMessage {
        message(
            "A passkey was added to your account",
            """
            your account at \(publicURL) can be opened with another passkey, called \
            "\(letter.details["name"]?.string ?? "")". If it was not you, reset the password at once, which removes all \
            passkeys:

            \(publicURL)/reset-password
            """)
    }

    private var passkeyRemoved: MailMessage {
        message(
            "A passkey was removed from your account",
            """
            a passkey of your account at \(publicURL) was removed and opens it no more. If it was not you, reset the password \
            at once:

            \(publicURL)/reset-password
            """)
    }

    private func securityAlert(_ entry: SecurityEntry) -> MailMessage {
        let what =
            switch entry.action {
            case .login: "somebody has logged in to your account from a place where you were not seen for ninety days"
            case .loginFailed:
                "somebody knows your password, at a place where you were not seen, and was asked for the second factor"
            case .lockout: "somebody has guessed at your password until logins from there were locked for a while"
            case .backupCodeUse: "a backup code was used to log in to your account"
            case .twoFactorEnable: "your account asks for a second factor from now on"
            case .twoFactorDisable: "your account does not ask for a second factor any more"
            default: "something happened to your account (\(entry.action.rawValue))"
            }
        let place = [entry.address, entry.userAgent].compactMap { $0 }.joined(separator: ", ")
        return message(
            "Security of your account",
            """
            \(what)\(place.isEmpty ? "" : ":\n\n\(place)")

            If it was you, there is nothing to do. If it was not, set a new password at once, and look at the security log in \
            the settings:

            \(publicURL)/reset-password
            """)
    }

    /// Goes to the old address.
    private var addressChanged: MailMessage {
        message(
            "Your e-mail address was changed",
            """
            your account at \(publicURL) has a new e-mail address, and this one opens it no more. If it was not you, \
            write to those who run the server.
            """)
    }
}
