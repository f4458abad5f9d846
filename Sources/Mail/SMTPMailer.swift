import Kernel

/// Being written; only there so that the rest compiles.
public struct SMTPMailer: Mailer {
    public init(url: String, from: String, certificateAuthorities: String? = nil, clock: any WallClock) throws {}

    public func send(_ message: MailMessage) async throws { throw CancellationError() }
}
