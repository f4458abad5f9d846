import Events
import Files
import HTTPTypes
import Kernel
import Media
import WebAPI

extension Emojis {
    private static let one = Servers.access + [.emojiNotFound, .invalidInput]

    private static let changeInput = JSONInput(
        "EmojiChange", .required("name", name), make: { (name) throws(APIError) in name })

    package var routes: [Route] {
        [
            .form(
                "/servers/{server_id}/emojis", "Make an emoji", file: "image",
                fields: [.init("name", Self.name.schema, isRequired: true)], returns: Emoji.self, statuses: [.created],
                errors: Servers.access + [.permissionDenied, .alreadyExists, .moduleNotAvailable, .serviceUnavailable]
            ) { caller, call in
                .created(try await create(call.body, in: try call.id("server_id"), by: caller))
            }
            .limited(by: .upload),
            .file(
                "/media/emojis/{emoji_id}", "The picture of an emoji", takes: .none, contentTypes: ["image/webp"],
                errors: [.emojiNotFound, .invalidInput]
            ) { _, call in try await picture(of: try call.id("emoji_id")) },
            .authenticated(
                .get, "/servers/{server_id}/emojis", "List a server's emoji", takes: .nothing,
                returns: [Emoji].self, errors: Servers.access
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .authenticated(
                .get, "/servers/{server_id}/emojis/counts", "Count a server's emoji", takes: .nothing,
                returns: EmojiCounts.self, errors: Servers.access
            ) { caller, call in .ok(try await counts(try call.id("server_id"), for: caller)) },
            .authenticated(
                .get, "/servers/{server_id}/emojis/{emoji_id}", "Read an emoji", takes: .nothing,
                returns: Emoji.self, errors: Self.one
            ) { caller, call in
                .ok(try await read(try call.id("emoji_id"), of: try call.id("server_id"), for: caller))
            },
            .authenticated(
                .patch, "/servers/{server_id}/emojis/{emoji_id}", "Rename an emoji",
                takes: .body(Self.changeInput), returns: Emoji.self,
                errors: Self.one + [.permissionDenied, .alreadyExists]
            ) { caller, call in
                .ok(
                    try await rename(
                        try call.id("emoji_id"), to: call.body, of: try call.id("server_id"), by: caller))
            },
            .authenticated(
                .delete, "/servers/{server_id}/emojis/{emoji_id}", "Delete an emoji", takes: .nothing,
                returns: Success.self, errors: Self.one + [.permissionDenied]
            ) { caller, call in
                try await delete(try call.id("emoji_id"), of: try call.id("server_id"), by: caller)
                return .success
            },
        ]
    }
}
