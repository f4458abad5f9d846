import Kernel
import Logging
import Mail

/// E-mails to users, written and sent in the background: whoever asks for one learns nothing from how long it takes.
public final class Letters: Sendable {
    /// What waits for the mail server; more than that is dropped, and logged.
    private static let maximumWaiting = 1000
    private static let attempts = 3

    private let mailer: any Mailer
    private let publicURL: String
    private let logger: Logger
    /// Finds out what to send; nil when it is nothing.
    typealias Draft = @Sendable () async throws -> MailMessage?

    private let waiting: AsyncStream<Draft>
    private let queue: AsyncStream<Draft>.Continuation

    public init(_ mailer: any Mailer, publicURL: String, logger: Logger) {
        self.mailer = mailer
        self.publicURL = publicURL
        self.logger = logger
        (waiting, queue) = AsyncStream.makeStream(
            of: Draft.self, bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    /// Sends what is posted until the task is cancelled.
    public func run() async {
        for await draft in waiting {
            do {
                if let message = try await draft() { await deliver(message) }
            } catch {
                logger.error("a mail can't be written", metadata: ["error": "\(error)"])
            }
        }
    }

    private func deliver(_ message: MailMessage) async {
        for attempt in 1...Self.attempts {
            do {
                return try await mailer.send(message)
            } catch {
                // The address stays out of the log.
                logger.warning(
                    "a mail can't be sent", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                if attempt < Self.attempts { try? await Task.sleep(for: .seconds(attempt * 5)) }
            }
        }
    }

    /// Sends a message at once, and says whether the mail server took it.
    /// - Throws: when it did not.
    package func send(_ message: MailMessage) async throws { try await mailer.send(message) }

    func post(_ draft: @escaping Draft) {
        if case .dropped = queue.yield(draft) { logger.error("too many mails wait; one was dropped") }
    }

    private func letter(to user: User, subject: String, _ text: String) -> MailMessage {
        MailMessage(to: user.email, subject: subject, text: "Hello \(user.username),\n\n\(text)\n")
    }

    // MARK: The letters

    /// The token stands in the fragment, which browsers do not send to servers.
    func reset(_ token: String, to user: User) -> MailMessage {
        letter(
            to: user, subject: "Reset your password",
            """
            somebody, probably you, wants to set a new password for your account. Open this link within an hour:

            \(publicURL)/reset-password#token=\(token)

            If it was not you, there is nothing to do: your password stays as it is.
            """)
    }

    func verification(_ token: String, to user: User) -> MailMessage {
        letter(
            to: user, subject: "Verify your e-mail address",
            """
            open this link within a day to show that this address is yours:

            \(publicURL)/verify-email#token=\(token)

            If you did not make an account at \(publicURL), there is nothing to do.
            """)
    }

    func passwordChanged(of user: User) -> MailMessage {
        letter(
            to: user, subject: "Your password was changed",
            """
            the password of your account at \(publicURL) was changed, and other devices were logged out. If it was not you, \
            reset the password at once:

            \(publicURL)/reset-password
            """)
    }

    func passwordReset(of user: User) -> MailMessage {
        letter(
            to: user, subject: "Your password was reset",
            """
            the password of your account at \(publicURL) was set anew with a link from a mail. All devices were logged out, \
            and all passkeys removed: make new ones when you have logged in. If it was not you, reset the password at once, \
            and change that of your mailbox:

            \(publicURL)/reset-password
            """)
    }

    func passkeyAdded(named name: String, to user: User) -> MailMessage {
        letter(
            to: user, subject: "A passkey was added to your account",
            """
            your account at \(publicURL) can be opened with another passkey, called "\(name)". If it was not you, reset the \
            password at once, which removes all passkeys:

            \(publicURL)/reset-password
            """)
    }

    func passkeyRemoved(from user: User) -> MailMessage {
        letter(
            to: user, subject: "A passkey was removed from your account",
            """
            a passkey of your account at \(publicURL) was removed and opens it no more. If it was not you, reset the password \
            at once:

            \(publicURL)/reset-password
            """)
    }

    func securityAlert(_ entry: SecurityEntry, to user: User) -> MailMessage {
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
        return letter(
            to: user, subject: "Security of your account",
            """
            \(what)\(place.isEmpty ? "" : ":\n\n\(place)")

            If it was you, there is nothing to do. If it was not, set a new password at once, and look at the security log in \
            the settings:

            \(publicURL)/reset-password
            """)
    }

    /// - Parameter user: as they were, with the old address.
    func addressChanged(of user: User) -> MailMessage {
        letter(
            to: user, subject: "Your e-mail address was changed",
            """
            your account at \(publicURL) has a new e-mail address, and this one opens it no more. If it was not you, \
            write to those who run the server.
            """)
    }
}
