import Events
import Features
import Files
import HTTPTypes
import Kernel
import Media
import WebAPI

extension Stickers {
    private static let fields: [JSONSchema.Property] = [
        .init("name", name.schema, isRequired: true), .init("description", description.schema, isRequired: false),
        .init("tags", .string(), isRequired: false), .init("related_emoji", relatedEmoji.schema, isRequired: false),
    ]

    private static let changeInput = JSONInput(
        "StickerChange", .replacement("name", name), .change("description", description),
        .replacement("tags", tagList), .change("related_emoji", relatedEmoji),
        make: { (name, description, tags, emoji) throws(APIError) in
            Change(name: name, description: description, tags: tags, relatedEmoji: emoji)
        })

    private static let suggestionInput = JSONInput(
        "StickerSuggestions", .required("content", .string(1...4000)), .optional("server_id", .id(ServerID.self)),
        .optional("limit", .integer(1...25), default: 5),
        make: { (content, server, limit) throws(APIError) in (content: content, server: server, limit: limit) })

    private static let cacheTime_s = 86_400
    private static let making: [ErrorKind] = [.alreadyExists, .moduleNotAvailable, .serviceUnavailable]
    private static let managing = Servers.access + [.permissionDenied, .resourceNotFound, .invalidInput]
    private static let one: [ErrorKind] = [.resourceNotFound, .invalidInput]

    package var routes: [Route] { ofServers + ofInstance + ofAll }

    private func form(of content: RequestContent) async throws -> (file: ReceivedFile, texts: Texts) {
        _ = try intake.tools()
        let form = try await content.picture(in: blobs, limit_bytes: Self.maximum_bytes)
        return (form.file, try Self.texts(of: form.fields))
    }

    private var ofServers: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/stickers", "List the stickers of a server and of the instance",
                takes: .nothing, returns: [StickerPack].self, errors: Servers.access
            ) { caller, call in .ok(try await packs(of: try call.id("server_id"), for: caller)) },
            .form(
                "/servers/{server_id}/stickers", "Make a sticker", file: "image", fields: Self.fields,
                returns: Sticker.self, statuses: [.created],
                errors: Servers.access + [.permissionDenied] + Self.making
            ) { caller, call in
                let server: ServerID = try call.id("server_id")
                try await requireManager(of: server, caller)
                let form = try await form(of: call.body)
                return .created(try await create(form.file, form.texts, in: server, by: caller))
            }
            .limited(by: .upload),
            .authenticated(
                .patch, "/servers/{server_id}/stickers/{sticker_id}", "Change what a sticker is called and found by",
                takes: .body(Self.changeInput), returns: Sticker.self, errors: Self.managing + [.alreadyExists]
            ) { caller, call in
                .ok(
                    try await change(
                        try call.id("sticker_id"), call.body, of: try call.id("server_id"), by: caller))
            }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/servers/{server_id}/stickers/{sticker_id}", "Delete a sticker", takes: .nothing,
                returns: Success.self, errors: Self.managing
            ) { caller, call in
                try await delete(try call.id("sticker_id"), of: try call.id("server_id"), by: caller)
                return .success
            },
        ]
    }

    private var ofAll: [Route] {
        [
            .authenticated(
                .get, "/stickers/suggestions", "Find stickers for what is being written",
                takes: .query(Self.suggestionInput), returns: [Sticker].self, errors: Servers.access
            ) { caller, call in
                .ok(
                    try await suggestions(
                        for: call.query.content, in: call.query.server, limit: call.query.limit, to: caller))
            }
            .limited(by: .stickerSuggestions),
            .authenticated(
                .get, "/stickers/{sticker_id}", "Read a sticker", takes: .nothing, returns: Sticker.self,
                errors: Self.one + [.accessDenied]
            ) { caller, call in .ok(try await read(try call.id("sticker_id"), for: caller)) },
            .authenticated(
                .delete, "/stickers/{sticker_id}", "Delete a sticker of whatever server", takes: .nothing,
                returns: Success.self, errors: Self.one + [.accessDenied, .permissionDenied]
            ) { caller, call in
                try await delete(try call.id("sticker_id"), by: caller)
                return .success
            },
            .file(
                "/media/stickers/{sticker_id}", "The picture of a sticker", takes: .none,
                contentTypes: ["image/webp"], errors: Self.one
            ) { _, call in
                let picture = try await picture(of: try call.id("sticker_id"))
                return .file(
                    picture.served(by: blobs, filename: nil, caching: .everybody(seconds: Self.cacheTime_s)))
            },
        ]
    }

    private var ofInstance: [Route] {
        [
            .administrative(
                .get, "/admin/stickers", "List the stickers of the instance", takes: .nothing, returns: [Sticker].self
            ) { _, _ in .ok(try await listForInstance()) },
            .administrativeForm(
                "/admin/stickers", "Make a sticker for everybody", file: "image", fields: Self.fields,
                returns: Sticker.self, statuses: [.created], errors: Self.making
            ) { caller, call in
                let form = try await form(of: call.body)
                return .created(try await createForInstance(form.file, form.texts, by: caller))
            }
            .limited(by: .upload),
            .administrative(
                .delete, "/admin/stickers/{sticker_id}", "Delete a sticker of the instance", takes: .nothing,
                returns: Success.self, errors: Self.one
            ) { _, call in
                try await deleteOfInstance(try call.id("sticker_id"))
                return .success
            },
        ]
    }
}
