import HTTPTypes
import Kernel
import WebAPI

extension NotificationMails {
    private static let path = "/unsubscribe/{token}"

    /// Programs that look at links open them: that alone ends nothing (RFC 8058, section 1).
    package var routes: [Route] {
        [
            .bytes(
                Self.path, "The page on which somebody says that they want no more mails", takes: .none,
                contentTypes: ["text/html"], errors: [.resourceNotFound]
            ) { call in
                try await requireKnown(call.text("token"))
                return Self.page(
                    """
                    <p>You get mails about what you missed.</p>
                    <form method="post"><button>No more of these mails</button></form>
                    """)
            },
            .bytes(
                .post, Self.path, "Want no more mails, by one press in a mail program or on the page", takes: .none,
                contentTypes: ["text/html"], errors: [.resourceNotFound]
            ) { call in
                try await unsubscribe(call.text("token"))
                return Self.page("<p>You get no more of these mails. The settings of your account have them again.</p>")
            },
        ]
    }

    private static func page(_ body: String) -> (contentType: String, bytes: [UInt8]) {
        let text = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Mails about what you missed</title></head><body><main><h1>Mails about what you missed</h1>
            \(body)
            </main></body></html>
            """
        return ("text/html; charset=utf-8", Array(text.utf8))
    }
}
