import Kernel
import Logging
import Mail

/// E-mails to users, sent in the background: whoever asks for one learns nothing from how long it takes.
public final class Letters: Sendable {
    /// What waits for the mail server; more than that is dropped, and logged.
    private static let maximumWaiting = 1000
    private static let attempts = 3

    private let mailer: any Mailer
    private let publicURL: String
    private let logger: Logger
    private let waiting: AsyncStream<MailMessage>
    private let queue: AsyncStream<MailMessage>.Continuation

    public init(_ mailer: any Mailer, publicURL: String, logger: Logger) {
        self.mailer = mailer
        self.publicURL = publicURL
        self.logger = logger
        (waiting, queue) = AsyncStream.makeStream(
            of: MailMessage.self, bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    /// Sends what is posted until the task is cancelled.
    public func run() async {
        for await message in waiting { await deliver(message) }
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

    private func post(to user: User, subject: String, _ text: String) {
        let message = MailMessage(to: user.email, subject: subject, text: "Hello \(user.username),\n\n\(text)\n")
        if case .dropped = queue.yield(message) { logger.error("too many mails wait; one was dropped") }
    }

    // MARK: The letters

    /// The token stands in the fragment, which browsers do not send to servers.
    func sendReset(_ token: String, to user: User) {
        post(
            to: user, subject: "Reset your password",
            """
            somebody, probably you, wants to set a new password for your account. Open this link within an hour:

            \(publicURL)/reset-password#token=\(token)

            If it was not you, there is nothing to do: your password stays as it is.
            """)
    }

    func sendVerification(_ token: String, to user: User) {
        post(
            to: user, subject: "Verify your e-mail address",
            """
            open this link within a day to show that this address is yours:

            \(publicURL)/verify-email#token=\(token)

            If you did not make an account at \(publicURL), there is nothing to do.
            """)
    }

    func sendPasswordChanged(to user: User) {
        post(
            to: user, subject: "Your password was changed",
            """
            the password of your account at \(publicURL) was changed, and other devices were logged out. If it was not you, \
            reset the password at once:

            \(publicURL)/reset-password
            """)
    }

    /// - Parameter user: as they were, with the old address.
    func sendAddressChanged(to user: User) {
        post(
            to: user, subject: "Your e-mail address was changed",
            """
            your account at \(publicURL) has a new e-mail address, and this one opens it no more. If it was not you, \
            write to those who run the server.
            """)
    }
}
