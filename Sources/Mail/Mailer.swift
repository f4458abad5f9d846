/// Sends mail.
public protocol Mailer: Sendable {
    /// - Throws: when the message could not be handed over.
    func send(_ message: MailMessage) async throws
}

/// A plain-text message to one person. Who sends it and when is the mailer's to say.
public struct MailMessage: Sendable, Equatable {
    public let to: String
    public let subject: String
    public let text: String

    public init(to: String, subject: String, text: String) {
        self.to = to
        self.subject = subject
        self.text = text
    }
}
