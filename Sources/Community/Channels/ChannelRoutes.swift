import Features
import HTTPTypes
import Kernel
import WebAPI

extension Channels {
    private static let type = JSONReader<ChannelType>.oneOf(ChannelType.self, among: ChannelType.creatable)
    private static let slowmode = JSONReader<Int>.integer(0...21_600)
    /// After how long without a message a thread may be archived, in minutes.
    package static let autoArchive = JSONReader<Int>.integer(60...10_080).checked(
        "must be one of \(autoArchiveChoices_min.map(String.init).joined(separator: ", "))"
    ) { (minutes: Int) -> Int? in autoArchiveChoices_min.contains(minutes) ? minutes : nil }
    private static let autoArchiveChoices_min = [60, 1440, 4320, 10_080]
    private static let position = JSONReader<Int>.integer(0...10_000)

    /// The bounds of what a channel for voices may have (contract: Voice).
    private static let bitrate = JSONReader<Int>.integer(8000...128_000)
    private static let userLimit = JSONReader<Int>.integer(0...99)
    private static let videoLimit = JSONReader<Int>.integer(0...25)
    private static let encryption = JSONReader<VoiceEncryption>.oneOf(VoiceEncryption.self)

    private static let draftInput = JSONInput(
        "ChannelDraft",
        .required("name", NameRules.name(1...100)),
        .optional("type", type, default: .text),
        .optional("topic", NameRules.text(0...1024)),
        .optional("category_id", .id(ChannelID.self)),
        .optional("nsfw", .bool, default: false),
        .optional("slowmode_seconds", slowmode, default: 0),
        .optional("forwarding", .bool, default: true),
        .optional("default_auto_archive_minutes", autoArchive),
        .optional("read_receipts", .bool),
        .optional("bitrate", bitrate, default: VoiceSettings().bitrate),
        .optional("user_limit", userLimit, default: VoiceSettings().userLimit),
        .optional("video_limit", videoLimit, default: VoiceSettings().videoLimit),
        .optional("e2ee", encryption, default: VoiceSettings().encryption),
        .optional("position", position),
        .optional(
            "overwrites", .array(of: .object(Overwrites.draftInput), count: 0...OverwriteChange.maximumPerChannel),
            default: []),
        make: {
            (
                name, type, topic, category, nsfw, slowmode, forwarding, archive, receipts, bitrate, people, videos,
                encryption, position, overwrites
            ) throws(APIError) in
            Draft(
                name: name, type: type, topic: topic, category: category, nsfw: nsfw, slowmode_s: slowmode,
                forwarding: forwarding, defaultAutoArchive_min: archive, readReceipts: receipts,
                voice: VoiceSettings(
                    bitrate: bitrate, userLimit: people, videoLimit: videos, encryption: encryption),
                position: position,
                overwrites: overwrites)
        })

    private static let changeInput = JSONInput(
        "ChannelChange",
        .replacement("name", NameRules.name(1...100)),
        .change("topic", NameRules.text(0...1024)),
        .change("category_id", .id(ChannelID.self)),
        .replacement("nsfw", .bool),
        .replacement("slowmode_seconds", slowmode),
        .replacement("forwarding", .bool),
        .change("default_auto_archive_minutes", autoArchive),
        .replacement("read_receipts", .bool),
        .replacement("bitrate", bitrate),
        .replacement("user_limit", userLimit),
        .replacement("video_limit", videoLimit),
        .replacement("e2ee", encryption),
        .replacement("position", position),
        make: {
            (
                name, topic, category, nsfw, slowmode, forwarding, archive, receipts, bitrate, people, videos,
                encryption, position
            ) throws(APIError) in
            Change(
                name: name, topic: topic, category: category, nsfw: nsfw, slowmode_s: slowmode, forwarding: forwarding,
                defaultAutoArchive_min: archive, readReceipts: receipts,
                voice: VoiceSettingsChange(
                    bitrate: bitrate, userLimit: people, videoLimit: videos, encryption: encryption),
                position: position)
        })

    private static let moveInput = JSONInput(
        "ChannelMove",
        .required("id", .id(ChannelID.self)),
        .required("position", position),
        .change("category_id", .id(ChannelID.self)),
        make: { (id, position, category) throws(APIError) in
            Move(channel: id, position: position, category: category)
        })

    package static let access: [ErrorKind] = [.invalidChannelID, .channelNotFound, .accessDenied]

    package var routes: [Route] {
        [
            .authenticated(
                .get, "/servers/{server_id}/channels", "List the channels that one can see", takes: .nothing,
                returns: [Channel].self, errors: Servers.access
            ) { caller, call in .ok(try await list(try call.id("server_id"), for: caller)) },
            .authenticated(
                .post, "/servers/{server_id}/channels", "Make a channel", takes: .body(Self.draftInput),
                returns: Channel.self, statuses: [.created],
                errors: Servers.access + [.permissionDenied, .roleNotFound, .memberNotFound, .moduleNotAvailable]
            ) { caller, call in .created(try await create(call.body, in: try call.id("server_id"), by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .patch, "/servers/{server_id}/channels", "Reorder channels",
                takes: .body(.array(of: .object(Self.moveInput), count: 1...500)), returns: [Channel].self,
                errors: Servers.access + [.permissionDenied, .channelNotFound]
            ) { caller, call in .ok(try await reorder(try call.id("server_id"), call.body, by: caller)) }
            .limited(by: .serverReorder),
            .authenticated(
                .get, "/channels/{channel_id}", "Read a channel", takes: .nothing, returns: Channel.self,
                errors: Self.access
            ) { caller, call in .ok(try await read(try call.id("channel_id"), for: caller)) },
            .authenticated(
                .patch, "/channels/{channel_id}", "Change a channel", takes: .body(Self.changeInput),
                returns: Channel.self, errors: Self.access + [.permissionDenied, .moduleNotAvailable]
            ) { caller, call in .ok(try await change(try call.id("channel_id"), call.body, by: caller)) }
            .limited(by: .serverChange),
            .authenticated(
                .delete, "/channels/{channel_id}", "Delete a channel", takes: .nothing, returns: Success.self,
                errors: Self.access + [.permissionDenied]
            ) { caller, call in
                try await delete(try call.id("channel_id"), by: caller)
                return .success
            }
            .limited(by: .serverChange),
        ]
    }
}
