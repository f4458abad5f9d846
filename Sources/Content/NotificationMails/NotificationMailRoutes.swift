import HTTPTypes
import Kernel
import WebAPI

extension NotificationMails {
    private static let path = "/unsubscribe/{token}"
    private static let title = "Mails about what you missed"

    /// Programs that look at links open them: that alone ends nothing (RFC 8058, section 1).
    package var routes: [Route] {
        [
            .page(
                .get, Self.path, "The page on which somebody says that they want no more mails",
                errors: [.resourceNotFound]
            ) { call in
                try await requireKnown(call.text("token"))
                return PlainPage(
                    Self.title,
                    content: """
                        <p>You get mails about what you missed.</p>
                        <form method="post"><button>No more of these mails</button></form>
                        """)
            },
            .page(
                .post, Self.path, "Want no more mails, by one press in a mail program or on the page",
                errors: [.resourceNotFound]
            ) { call in
                try await unsubscribe(call.text("token"))
                return PlainPage(
                    Self.title,
                    content: """
                        <p role="status">You get no more of these mails. The settings of your account have them again.</p>
                        """)
            },
        ]
    }
}
