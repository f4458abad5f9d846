import CCurl
import Foundation
import Kernel
import NIOPosix

/// Hands messages to an SMTP server (RFC 5321), through libcurl on a thread of its own.
public final class SMTPMailer: Mailer {
    public typealias Failure = MailFailure

    /// How the way to the server is protected.
    private enum Protection {
        /// TLS from the first byte.
        case implicit
        /// STARTTLS, without which nothing is sent (RFC 8314, section 4.1).
        case startTLS
        /// For a relay on the own machine.
        case none
    }

    private static let timeout_s = 30

    private let address: String
    private let protection: Protection
    private let user: String?
    private let password: String?
    private let from: String
    private let certificateAuthorities: String?
    private let clock: any WallClock
    private let thread = NIOThreadPool(numberOfThreads: 1)

    /// - Parameters:
    ///   - url: `smtp://user:password@host:587` for STARTTLS, `smtps://…` for TLS, `smtp+plain://…` for neither.
    ///   - from: the address that messages come from.
    ///   - certificateAuthorities: a PEM file in place of the system's.
    /// - Throws: `Failure` for what is no such URL.
    public init(
        url: String, from: String, certificateAuthorities: String? = nil, clock: any WallClock
    ) throws {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw Failure(description: "must look like smtp://user:password@host:587")
        }
        let scheme: String
        switch parts.scheme {
        case "smtp": (protection, scheme) = (.startTLS, "smtp")
        case "smtps": (protection, scheme) = (.implicit, "smtps")
        case "smtp+plain": (protection, scheme) = (.none, "smtp")
        default: throw Failure(description: "must begin with smtp://, smtps:// or smtp+plain://")
        }
        let port = parts.port ?? (protection == .implicit ? 465 : protection == .startTLS ? 587 : 25)
        // The name after the slash is what the server is greeted with.
        address = "\(scheme)://\(host):\(port)/\(from.split(separator: "@").last ?? "localhost")"
        user = parts.user
        password = parts.password
        self.from = from
        self.certificateAuthorities = certificateAuthorities
        self.clock = clock
        thread.start()
        guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK else {
            throw Failure(description: "libcurl can't be used")
        }
    }

    deinit { thread.shutdownGracefully { _ in } }

    public func send(_ message: MailMessage) async throws {
        let text = try MessageText(message, from: from, at: clock.now(), id: .random(in: .min ... .max))
        try await thread.runIfActive { try self.transfer(text.bytes, to: message.to) }
    }

    private func transfer(_ bytes: [UInt8], to recipient: String) throws {
        guard let handle = curl_easy_init() else { throw Failure(description: "libcurl can't be used") }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(recipient)>")
        defer { curl_slist_free_all(recipients) }
        try configure(handle)
        try Self.require(curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(from)>"))
        try Self.require(curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients))
        let upload = Upload(bytes)
        try withExtendedLifetime(upload) {
            try Self.require(curl_set_long(handle, CURLOPT_UPLOAD, 1))
            let context = Unmanaged.passUnretained(upload).toOpaque()
            try Self.require(curl_set_pointer(handle, CURLOPT_READDATA, context))
            let reader = curl_set_reader(handle) { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
                    .read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
            }
            try Self.require(reader)
            let code = curl_easy_perform(handle)
            guard code == CURLE_OK else {
                throw Failure(
                    description: String(cString: curl_easy_strerror(code)), isFinal: Self.isFinal(code, of: handle))
            }
        }
    }

    /// Whether the server has refused this message, not the one who logs in.
    private static func isFinal(_ code: CURLcode, of handle: UnsafeMutableRawPointer) -> Bool {
        code != CURLE_LOGIN_DENIED && (500..<600).contains(curl_get_response_code(handle))
    }

    /// An option that could not be set may be the one that wants TLS, so nothing goes on without it.
    private static func require(_ code: CURLcode) throws {
        guard code == CURLE_OK else { throw Failure(description: String(cString: curl_easy_strerror(code))) }
    }

    private func configure(_ handle: UnsafeMutableRawPointer) throws {
        try Self.require(curl_set_text(handle, CURLOPT_URL, address))
        try Self.require(curl_set_long(handle, CURLOPT_TIMEOUT, Self.timeout_s))
        // Timeouts by signals would strike other threads.
        try Self.require(curl_set_long(handle, CURLOPT_NOSIGNAL, 1))
        let level = protection == .startTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE
        try Self.require(curl_set_long(handle, CURLOPT_USE_SSL, Int(level.rawValue)))
        if let certificateAuthorities {
            try Self.require(curl_set_text(handle, CURLOPT_CAINFO, certificateAuthorities))
        }
        if let user {
            try Self.require(curl_set_text(handle, CURLOPT_USERNAME, user))
            try Self.require(curl_set_text(handle, CURLOPT_PASSWORD, password ?? ""))
        }
    }
}

/// What libcurl reads a message from, piece by piece. Used on one thread.
private final class Upload {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = rest.prefix(buffer.count)
        buffer.copyBytes(from: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }
}
