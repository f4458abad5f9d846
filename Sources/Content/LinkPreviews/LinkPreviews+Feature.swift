import Database
import Features
import Kernel

extension LinkPreviews: Feature {
    package static let permissions: [Permission] = [.messagesEmbedLinks]

    package static let migrations: [Migration] = [
        Migration(54, "links to look at") { dialect in
            [
                """
                CREATE TABLE preview_requests (
                    message_id \(sql: dialect.primaryKey),
                    created_at BIGINT NOT NULL,
                    due_at BIGINT NOT NULL,
                    taken_until BIGINT,
                    attempts BIGINT NOT NULL)
                """,
                "CREATE INDEX preview_requests_due ON preview_requests (due_at, message_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        .impersonal(
            "link_previews",
            "address_hash address title description site_name picture_key fetched_at",
            files: [.file("picture_id", whenBlocked: .emptied(also: ["picture_key"]))]),
        Table(
            "message_links", [.id("message_id"), .number("position"), .withheld("address_hash")], key: [],
            exports: [.withheld("follows from the text of the message")],
            erasure: [.kept("as the message that has the link")],
            endings: [.deleted(with: .message, by: "message_id")]),
        Table(
            "preview_requests",
            [.id("message_id"), .time("created_at"), .time("due_at"), .number("taken_until"), .number("attempts")],
            key: ["message_id"], exports: [.withheld("what is to be done, for seconds")],
            erasure: [.kept("as the message that has the link")],
            endings: [.deleted(with: .message, by: "message_id")]),
    ]

    package static let module: Module? = .linkPreviews

    package var upkeep: [BackgroundStep] {
        [
            BackgroundStep(repeated: "link previews", deleteUnused),
            BackgroundStep("links that nobody looked at", forgetOld),
        ]
    }

    package static var caps: [Cap] {
        [
            Cap("link previews", per: .message, LinkScanner.maximum, .leftOut),
            Cap(
                "messages whose links are to be looked at", per: .instance, longestLine, .leftOut,
                "counted each second"),
        ]
    }
}
