/// Sends mail.
public protocol Mailer: Sendable {
    /// - Throws: when the message could not be handed over; `MailFailure` where something is known of why.
    func send(_ message: MailMessage) async throws
}

/// A message that a mail server did not take.
public struct MailFailure: Error, CustomStringConvertible {
    public let description: String
    /// Whether the server has said that it will not take it later either (RFC 5321, section 4.2.1).
    public let isFinal: Bool

    init(description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}

/// A message to one person, as plain text and perhaps also as a page. Who sends it and when is the mailer's to say.
public struct MailMessage: Sendable, Equatable {
    public let to: String
    public let subject: String
    public let text: String
    public let html: String?
    /// Where a mail program takes back the person's wish for such mails, by one press (RFC 8058).
    public let unsubscribeURL: String?

    public init(to: String, subject: String, text: String, html: String? = nil, unsubscribeURL: String? = nil) {
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.unsubscribeURL = unsubscribeURL
    }
}
