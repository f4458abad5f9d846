import Database
import Features
import Kernel

extension LinkPreviews: Feature {
    package static let permissions: [Permission] = [.messagesEmbedLinks]

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
    ]

    package static let module: Module? = .linkPreviews

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "link previews", deleteUnused)] }

    package static var caps: [Cap] { [Cap("link previews", per: .message, LinkScanner.maximum, .leftOut)] }
}
