import Features
import Files
import HTTPTypes
import Kernel
import Media
import WebAPI

extension Soundboard {
    private static let fields: [JSONSchema.Property] = [
        .init("name", SoundRules.name.schema, isRequired: true),
        .init("volume", SoundRules.volume.schema, isRequired: false),
        .init("emoji", SoundRules.emoji.schema, isRequired: false),
    ]

    private static let changeInput = JSONInput(
        "SoundChange", .replacement("name", SoundRules.name), .replacement("volume", SoundRules.volume),
        .change("emoji", SoundRules.emoji),
        make: { (name, volume, emoji) throws(APIError) in Change(name: name, volume: volume, emoji: emoji) })

    private static let cacheTime_s = 86_400
    private static let managing = Servers.access + [.permissionDenied, .resourceNotFound, .invalidInput]

    package var routes: [Route] { ofServers + ofAll }

    private func form(of content: RequestContent) async throws -> (file: ReceivedFile, texts: Texts) {
        let staged = try await blobs.available().staging.file(limit_bytes: Self.maximum_bytes)
        let form = try await content.readForm(files: ["sound", "file"], limit_bytes: Self.maximum_bytes) {
            try await staged.take($0)
        }
        let file = try await staged.finish()
        guard form.filename != nil else { throw APIError.invalidInput("sound", "is required") }
        return (file, try SoundRules.texts(of: form.fields))
    }

    private var ofServers: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/sounds", "List the sounds of a server", takes: .nothing,
                returns: [Sound].self, errors: Servers.access
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .form(
                "/servers/{server_id}/sounds", "Make a sound", file: "sound", fields: Self.fields,
                returns: Sound.self, statuses: [.created],
                errors: Servers.access + [.permissionDenied, .moduleNotAvailable, .serviceUnavailable]
            ) { caller, call in
                let server: ServerID = try call.id("server_id")
                try await requireRoom(in: server, for: caller)
                let form = try await form(of: call.body)
                return .created(try await create(form.file, form.texts, in: server, by: caller))
            }
            .limited(by: .upload),
            .authenticated(
                .patch, "/servers/{server_id}/sounds/{sound_id}", "Change what a sound is called, and how loud it is",
                takes: .body(Self.changeInput), returns: Sound.self, errors: Self.managing
            ) { caller, call in
                .ok(
                    try await change(try call.id("sound_id"), call.body, of: try call.id("server_id"), by: caller))
            }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/servers/{server_id}/sounds/{sound_id}", "Delete a sound", takes: .nothing,
                returns: Success.self, errors: Self.managing
            ) { caller, call in
                try await delete(try call.id("sound_id"), of: try call.id("server_id"), by: caller)
                return .success
            },
        ]
    }

    private var ofAll: [Route] {
        [
            .authenticated(
                .get, "/sounds/default", "List the sounds that every soundboard has", takes: .nothing,
                returns: [Sound].self
            ) { _, _ in .ok(DefaultSound.all.map(\.sound)) },
            .authenticated(
                .post, "/channels/{channel_id}/sounds/{sound_id}/play", "Play a sound where one is in a call",
                takes: .nothing, returns: Success?.self, statuses: [.noContent],
                errors: Channels.access + [.invalidInput, .permissionDenied, .resourceNotFound]
            ) { caller, call in
                try await play(try call.id("sound_id"), in: try call.id("channel_id"), by: caller)
                return .noContent
            }
            .limited(by: .soundPlay),
            .download(
                "/media/sounds/{sound_id}", "What a sound sounds like", takes: .none,
                contentTypes: [DefaultSound.contentType], errors: [.resourceNotFound, .invalidInput]
            ) { caller, call in
                let id: SoundID = try call.id("sound_id")
                if let sound = DefaultSound.sound(id) {
                    return .file(
                        ServedFile(
                            contentType: DefaultSound.contentType, bytes: sound.bytes, tag: sound.tag,
                            caching: .everybody(seconds: Self.cacheTime_s)))
                }
                let blob = try await file(of: id, for: caller)
                return .file(blob.served(by: blobs, filename: nil, caching: .client(seconds: Self.cacheTime_s)))
            },
        ]
    }
}
