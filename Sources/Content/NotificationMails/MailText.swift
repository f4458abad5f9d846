import Kernel
import Mail

/// How a mail of what somebody missed reads, as text and as a page.
struct MailText {
    let news: MissedNews
    let name: String
    let publicURL: String
    /// Where one says that one wants no more of them.
    let unsubscribeURL: String

    func message(to address: String) -> MailMessage {
        MailMessage(
            to: address, subject: subject, text: text, html: html, unsubscribeURL: unsubscribeURL)
    }

    private var subject: String {
        if let mention = news.mentions.first, news.mentions.count == 1, news.conversations.isEmpty {
            return "\(mention.who) mentioned you in \(mention.place ?? "")"
        }
        if let one = news.conversations.first, news.conversations.count == 1, news.mentions.isEmpty {
            return one.count == 1 ? "\(one.who) wrote to you" : "\(one.who) wrote to you: \(one.count) messages"
        }
        if news.mentions.isEmpty, news.conversations.isEmpty { return "What you missed" }
        let count = news.mentions.count + news.conversations.reduce(0) { $0 + $1.count } + news.left
        return "\(count) messages wait for you"
    }

    private static func messages(_ count: Int) -> String { count == 1 ? "1 message" : "\(count) messages" }

    private static func title(of item: MissedNews.Item) -> String {
        let count = item.count == 1 ? "" : ", \(messages(item.count))"
        return item.place.map { "\(item.who) in \($0)\(count)" } ?? item.who + count
    }

    private var settingsURL: String { "\(publicURL)/" }

    private var reason: String {
        "You get this mail because you have asked for it in the settings of your account at \(publicURL), under Notifications."
    }

    // MARK: Text

    private var text: String {
        var lines = ["Hello \(name),", ""]
        let add = { (title: String, items: [MissedNews.Item], lines: inout [String]) in
            guard !items.isEmpty else { return }
            lines += [title, ""]
            for item in items {
                lines.append("* \(Self.title(of: item))")
                if let text = item.text { lines.append("  \(text)") }
                lines += ["  \(publicURL)\(item.path)", ""]
            }
        }
        add("You were mentioned:", news.mentions, &lines)
        add("Private messages:", news.conversations, &lines)
        if news.left > 0 { lines += ["And \(Self.messages(news.left)) more.", ""] }
        if !news.servers.isEmpty {
            lines += ["Unread:", ""]
            lines += news.servers.map { "* \($0.server): \(Self.messages($0.count)), \(publicURL)\($0.path)" } + [""]
        }
        return (lines + ["-- ", reason, "No more of these mails: \(unsubscribeURL)", ""]).joined(separator: "\n")
    }

    // MARK: Page

    /// Styles stand at the elements: much of what shows mails reads no others. Nothing is loaded from anywhere.
    private var html: String {
        var parts = [
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(subject.escapedForHTML)</title></head>
            <body style="margin:0;background:#f2f3f5;color:#1e1f22;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 12px">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" \
            style="max-width:560px;background:#ffffff;border-radius:8px;text-align:left"><tr><td style="padding:24px 28px">
            <p style="margin:0 0 16px">Hello <span dir="auto">\(name.escapedForHTML)</span>,</p>
            """
        ]
        parts += section("You were mentioned", news.mentions) + section("Private messages", news.conversations)
        if news.left > 0 { parts.append("<p style=\"margin:0 0 16px\">And \(Self.messages(news.left)) more.</p>") }
        if !news.servers.isEmpty {
            parts.append(Self.heading("Unread"))
            parts += news.servers.map { rest in
                """
                <p style="margin:0 0 8px"><a href="\((publicURL + rest.path).escapedForHTML)" style="color:#3f48c8" dir="auto">\
                \(rest.server.escapedForHTML)</a>: \(Self.messages(rest.count))</p>
                """
            }
        }
        parts.append(
            """
            </td></tr></table>
            <p style="max-width:560px;margin:16px 0 0;color:#5c5e66;font-size:13px;text-align:left">\(reason.escapedForHTML)<br>
            <a href="\(unsubscribeURL.escapedForHTML)" style="color:#5c5e66">No more of these mails</a></p>
            </td></tr></table></body></html>
            """)
        return parts.joined(separator: "\n")
    }

    private static func heading(_ text: String) -> String {
        "<h1 style=\"margin:20px 0 12px;font-size:18px;line-height:1.3\">\(text)</h1>"
    }

    private func section(_ title: String, _ items: [MissedNews.Item]) -> [String] {
        guard !items.isEmpty else { return [] }
        return [Self.heading(title)]
            + items.map { item in
                let text = item.text.map {
                    "<br><span dir=\"auto\" style=\"color:#313338\">\($0.escapedForHTML)</span>"
                }
                return """
                    <p style="margin:0 0 12px;padding:8px 12px;border-left:3px solid #5865f2;background:#f7f7f9">\
                    <a href="\((publicURL + item.path).escapedForHTML)" style="color:#3f48c8;font-weight:600;text-decoration:none" \
                    dir="auto">\((Self.title(of: item)).escapedForHTML)</a>\(text ?? "")</p>
                    """
            }
    }
}
