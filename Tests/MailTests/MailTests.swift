import Foundation
import Kernel
import TestPrograms
import Testing

@testable import Mail

@Suite("Mail")
struct MailTests {
    static let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
    static let message = MailMessage(to: "alice@example.org", subject: "Grüße, アリス 👩‍🚀", text: "Hello\n.\n..\nGrüße\n")

    static func text(_ message: MailMessage) throws -> String {
        String(
            decoding: try MessageText(message, from: "chat@example.org", at: clock.now(), id: 7).bytes, as: UTF8.self)
    }

    @Test("a message has the headers that it needs, in ASCII and short lines")
    func form() throws {
        let text = try Self.text(Self.message)
        #expect(text.contains("Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"))
        #expect(text.contains("From: <chat@example.org>\r\nTo: <alice@example.org>\r\n"))
        #expect(text.contains("Auto-Submitted: auto-generated\r\n"))
        #expect(text.contains("Message-ID: <7.1800000000000@example.org>\r\n"))
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(!lines.dropLast().contains { $0.contains("\n") || $0 == "." })
    }

    @Test(
        "no field can smuggle in a header",
        arguments: [
            MailMessage(to: "a@example.org\r\nBcc: b@example.org", subject: "x", text: ""),
            MailMessage(to: "a@example.org", subject: "x\nBcc: b@example.org", text: ""),
            MailMessage(to: "a@example.org", subject: "x\r", text: ""),
            MailMessage(to: "a\u{0}@example.org", subject: "x", text: ""),
        ])
    func injection(message: MailMessage) {
        #expect(throws: MessageText.Failure.self) { try Self.text(message) }
    }

    @Test("plain subjects stay readable, and what looks encoded is encoded")
    func subjects() {
        #expect(MessageText.encodedWord("Reset your password") == "Reset your password")
        #expect(MessageText.encodedWord("=?utf-8?B?eA==?=").hasPrefix("=?utf-8?B?"))
        for text in [String(repeating: "ア", count: 50), "e" + String(repeating: "\u{301}", count: 100), "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦"] {
            let words = MessageText.encodedWord(text).split(separator: "\r\n ")
            #expect(words.allSatisfy { $0.utf8.count <= 75 && $0 != "=?utf-8?B??=" })
        }
    }

    @Test("a message with a page has both, and says how its kind is ended by one press")
    func alternatives() async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        let mailer = try SMTPMailer(
            url: "smtp+plain://127.0.0.1:\(mailbox.port)", from: "chat@example.org", clock: Self.clock)
        let address = "https://chat.example.org/unsubscribe/token"
        try await mailer.send(
            MailMessage(
                to: "alice@example.org", subject: "News", text: "Grüße\n", html: "<p>Grüße</p>\n",
                unsubscribeURL: address))
        let mail = try JSONParser.parse(Array(try await mailbox.messages(1)[0].utf8))
        #expect(mail["type"]?.string == "multipart/alternative")
        #expect((mail["text"]?.string, mail["html"]?.string) == ("Grüße\n", "<p>Grüße</p>\n"))
        #expect(mail["headers"]?["List-Unsubscribe"]?.string == "<\(address)>")
        #expect(mail["headers"]?["List-Unsubscribe-Post"]?.string == "List-Unsubscribe=One-Click")
        #expect(throws: MessageText.Failure.lineBreak(in: "List-Unsubscribe")) {
            try Self.text(
                MailMessage(to: "a@example.org", subject: "x", text: "", unsubscribeURL: "https://a\r\nBcc: b"))
        }
    }

    @Test("a server gets the message as it was written")
    func delivery() async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        let mailer = try SMTPMailer(
            url: "smtp+plain://127.0.0.1:\(mailbox.port)", from: "chat@example.org", clock: Self.clock)
        try await mailer.send(Self.message)
        let mail = try JSONParser.parse(Array(try await mailbox.messages(1)[0].utf8))
        #expect(mail["from"]?.string == "chat@example.org")
        #expect(mail["to"] == .array([.string("alice@example.org")]))
        #expect(mail["subject"]?.string == Self.message.subject)
        #expect(mail["text"]?.string == Self.message.text)
    }

    @Test("what can't be delivered is an error: a refused recipient, nobody there")
    func failures() async throws {
        let mailbox = try await TestMailbox.open()
        let mailer = try SMTPMailer(
            url: "smtp+plain://127.0.0.1:\(mailbox.port)", from: "chat@example.org", clock: Self.clock)
        await #expect(throws: SMTPMailer.Failure.self) {
            try await mailer.send(MailMessage(to: "refused@example.org", subject: "x", text: "x"))
        }
        mailbox.close()
        let nobody = try SMTPMailer(url: "smtp+plain://127.0.0.1:1", from: "chat@example.org", clock: Self.clock)
        await #expect(throws: SMTPMailer.Failure.self) { try await nobody.send(Self.message) }
        #expect(mailbox.messages.isEmpty)
    }

    @Test("with smtp:// a server without TLS gets neither message nor password")
    func requiresTLS() async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        let mailer = try SMTPMailer(
            url: "smtp://user:secret@127.0.0.1:\(mailbox.port)", from: "chat@example.org", clock: Self.clock)
        await #expect(throws: SMTPMailer.Failure.self) { try await mailer.send(Self.message) }
        #expect(mailbox.messages.isEmpty)
    }

    @Test("over STARTTLS it logs in, if the certificate and the password are right")
    func startTLS() async throws {
        let folder = FileManager.default.temporaryDirectory.path
        let certificate = try TestCertificate.make("mail-\(UUID().uuidString)", in: folder)
        let mailbox = try await TestMailbox.open([
            "--user", "chat", "--password", "p@ss", "--certificate", certificate.certificate, "--key", certificate.key,
        ])
        defer { mailbox.close() }
        let mailer = { (password: String, authority: String?) in
            try SMTPMailer(
                url: "smtp://chat:\(password)@localhost:\(mailbox.port)", from: "chat@example.org",
                certificateAuthorities: authority, clock: Self.clock)
        }
        await #expect(throws: SMTPMailer.Failure.self) { try await mailer("p%40ss", nil).send(Self.message) }
        await #expect(throws: SMTPMailer.Failure.self) {
            try await mailer("wrong", certificate.certificate).send(Self.message)
        }
        try await mailer("p%40ss", certificate.certificate).send(Self.message)
        let mail = try JSONParser.parse(Array(try await mailbox.messages(1)[0].utf8))
        #expect(mail["encrypted"] == .bool(true))
        #expect(mail["authenticated"] == .bool(true))
    }

    @Test("with smtps:// it speaks TLS from the first byte")
    func implicitTLS() async throws {
        let folder = FileManager.default.temporaryDirectory.path
        let certificate = try TestCertificate.make("mail-\(UUID().uuidString)", in: folder)
        let mailbox = try await TestMailbox.open([
            "--implicit", "--certificate", certificate.certificate, "--key", certificate.key,
        ])
        defer { mailbox.close() }
        let mailer = try SMTPMailer(
            url: "smtps://localhost:\(mailbox.port)", from: "chat@example.org",
            certificateAuthorities: certificate.certificate, clock: Self.clock)
        try await mailer.send(Self.message)
        #expect(try await mailbox.messages(1).count == 1)
    }

    @Test(
        "what is no address of a mail server is refused",
        arguments: ["", "mail.example.org", "http://x", "smtp://", "smtp:x"])
    func urls(url: String) {
        #expect(throws: SMTPMailer.Failure.self) {
            _ = try SMTPMailer(url: url, from: "chat@example.org", clock: Self.clock)
        }
    }
}
