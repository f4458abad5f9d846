import Kernel

/// What a template keeps of a server: its roles, its channels with what counts in them, and the words of its welcome screen. No
/// people, nothing that they said, no keys and no files. Roles and channels are numbered in their order, @everyone being role 0.
struct ServerSnapshot: Sendable, Equatable {
    struct Role: Sendable, Equatable {
        let name: String
        let color: String?
        let position: Int
        let permissions: PermissionSet
        let hoist: Bool
        let mentionable: Bool
    }

    struct Channel: Sendable, Equatable {
        let name: String
        let type: ChannelType
        let topic: String?
        let position: Int
        /// The number of its category.
        let category: Int?
        let nsfw: Bool
        let slowmode_s: Int
        let forwarding: Bool
        let defaultAutoArchive_min: Int?
        let readReceipts: Bool?
        let voice: VoiceSettings
        let overwrites: [Overwrite]
    }

    struct Overwrite: Sendable, Equatable {
        /// The number of its role.
        let role: Int
        let allow: PermissionSet
        let deny: PermissionSet
    }

    struct Welcome: Sendable, Equatable {
        struct Entry: Sendable, Equatable {
            /// The number of its channel.
            let channel: Int
            let description: String
            let emoji: String?
        }

        let isEnabled: Bool
        let description: String?
        let channels: [Entry]
    }

    var roles: [Role] = []
    var channels: [Channel] = []
    /// The number of the channel where people arrive.
    var defaultChannel: Int?
    /// The number of the channel to which those are brought who are away.
    var afkChannel: Int?
    var afkTimeout_s = AFKRoom.standardTimeout_s
    var welcome: Welcome?
}

// MARK: Taking

extension ServerSnapshot {
    /// - Parameters:
    ///   - roles: all of the server's, from the lowest.
    ///   - visible: the channels that the maker of the template sees, in their order: what is hidden from them is not told to
    ///     the world by them.
    ///   - overwrites: of all channels.
    init(
        of server: Server, roles all: [Community.Role], visible: [Community.Channel],
        overwrites: [ChannelID: [PermissionOverwrite]], welcome screen: WelcomeScreen
    ) {
        let roleNumbers = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1.id, $0) })
        let numbers = Dictionary(uniqueKeysWithValues: visible.enumerated().map { ($1.id, $0) })
        roles = all.map { role in
            Role(
                name: role.name, color: role.color, position: role.position, permissions: role.permissions,
                hoist: role.hoist, mentionable: role.mentionable)
        }
        channels = visible.map { channel in
            let category = channel.category.flatMap { numbers[$0] }
            return Channel(
                name: channel.name, type: channel.type, topic: channel.topic, position: channel.position,
                category: category, nsfw: channel.nsfw, slowmode_s: channel.slowmode_s,
                forwarding: channel.forwarding, defaultAutoArchive_min: channel.defaultAutoArchive_min,
                readReceipts: channel.readReceipts, voice: channel.voice,
                overwrites: Self.overwrites(of: channel, within: category, overwrites, roleNumbers))
        }
        defaultChannel = server.defaultChannel.flatMap { numbers[$0] }
        afkChannel = server.afkChannel.flatMap { numbers[$0] }
        afkTimeout_s = server.afkTimeout_s
        let entries = screen.channels.compactMap { entry in
            numbers[entry.channel].map {
                Welcome.Entry(channel: $0, description: entry.description, emoji: entry.emoji)
            }
        }
        if screen.isEnabled || screen.description != nil || !entries.isEmpty {
            welcome = Welcome(isEnabled: screen.isEnabled, description: screen.description, channels: entries)
        }
    }

    /// What roles may do in a channel. One whose category does not go along keeps what counted in it by that, and one that had
    /// overwrites of its own for people alone keeps to itself: neither opens by it.
    private static func overwrites(
        of channel: Community.Channel, within category: Int?, _ all: [ChannelID: [PermissionOverwrite]],
        _ numbers: [RoleID: Int]
    ) -> [Overwrite] {
        let own = all[channel.id] ?? []
        let kept = category == nil ? channel.inForce(all) : own
        let ofRoles = kept.compactMap { overwrite -> Overwrite? in
            guard case .role(let role) = overwrite.subject, let number = numbers[role] else { return nil }
            return Overwrite(role: number, allow: overwrite.allow, deny: overwrite.deny)
        }.sorted { $0.role < $1.role }
        guard ofRoles.isEmpty, !own.isEmpty, channel.category != nil else { return ofRoles }
        return [Overwrite(role: 0, allow: [], deny: [])]
    }
}

// MARK: JSON

extension ServerSnapshot: JSONObjectEncodable {
    static let shape = JSONShape<ServerSnapshot>(
        "ServerSnapshot",
        .field("roles") { $0.roles.enumerated().map(NumberedRole.init) },
        .field("channels") { $0.channels.enumerated().map(NumberedChannel.init) },
        .field("default_channel_id", \.defaultChannel),
        .field("afk_channel_id", \.afkChannel),
        .field("afk_timeout", \.afkTimeout_s),
        .field("welcome_screen", \.welcome))

    private struct NumberedRole: JSONObjectEncodable {
        let number: Int
        let role: Role

        static let shape = JSONShape<NumberedRole>(
            "SnapshotRole",
            .field("id", \.number),
            .field("name", \.role.name),
            .field("color", \.role.color),
            .field("position", \.role.position),
            .field("permissions") { $0.role.permissions.permissions.map(\.rawValue) },
            .field("hoist", \.role.hoist),
            .field("mentionable", \.role.mentionable),
            .field("is_default") { $0.number == 0 })
    }

    private struct NumberedChannel: JSONObjectEncodable {
        let number: Int
        let channel: Channel

        static let shape = JSONShape<NumberedChannel>(
            "SnapshotChannel",
            .field("id", \.number),
            .field("name", \.channel.name),
            .field("channel_type", \.channel.type.rawValue),
            .field("topic", \.channel.topic),
            .field("position", \.channel.position),
            .field("category_id", \.channel.category),
            .field("nsfw", \.channel.nsfw),
            .field("slowmode_seconds", \.channel.slowmode_s),
            .field("forwarding", \.channel.forwarding),
            .field("default_auto_archive_minutes", \.channel.defaultAutoArchive_min),
            .field("read_receipts", \.channel.readReceipts),
            .field("bitrate", \.channel.voice.bitrate),
            .field("user_limit", \.channel.voice.userLimit),
            .field("video_limit", \.channel.voice.videoLimit),
            .field("e2ee", \.channel.voice.encryption.rawValue),
            .field("overwrites", \.channel.overwrites))
    }
}

extension ServerSnapshot.Overwrite: JSONObjectEncodable {
    static let shape = JSONShape<ServerSnapshot.Overwrite>(
        "SnapshotOverwrite",
        .field("role_id", \.role),
        .field("allow") { $0.allow.permissions.map(\.rawValue) },
        .field("deny") { $0.deny.permissions.map(\.rawValue) })
}

extension ServerSnapshot.Welcome: JSONObjectEncodable {
    static let shape = JSONShape<ServerSnapshot.Welcome>(
        "SnapshotWelcome",
        .field("enabled", \.isEnabled),
        .field("description", \.description),
        .field("channels", \.channels))
}

extension ServerSnapshot.Welcome.Entry: JSONObjectEncodable {
    static let shape = JSONShape<ServerSnapshot.Welcome.Entry>(
        "SnapshotWelcomeChannel",
        .field("channel_id", \.channel),
        .field("description", \.description),
        .field("emoji", \.emoji))
}

// MARK: As it is stored

extension ServerSnapshot {
    /// What another version has stored, as far as this one knows it.
    init(stored text: String) {
        let json = JSON(text: text)
        roles = (json?["roles"]?.array ?? []).map { role in
            Role(
                name: role["name"]?.string ?? "", color: role["color"]?.string,
                position: role["position"].flatMap(Self.number) ?? 0,
                permissions: Self.permissions(role["permissions"]),
                hoist: role["hoist"]?.bool ?? false, mentionable: role["mentionable"]?.bool ?? false)
        }
        channels = (json?["channels"]?.array ?? []).map { channel in
            Channel(
                name: channel["name"]?.string ?? "",
                type: channel["channel_type"]?.string.flatMap(ChannelType.init(rawValue:)) ?? .text,
                topic: channel["topic"]?.string, position: channel["position"].flatMap(Self.number) ?? 0,
                category: channel["category_id"].flatMap(Self.number), nsfw: channel["nsfw"]?.bool ?? false,
                slowmode_s: channel["slowmode_seconds"].flatMap(Self.number) ?? 0,
                forwarding: channel["forwarding"]?.bool ?? true,
                defaultAutoArchive_min: channel["default_auto_archive_minutes"].flatMap(Self.number),
                readReceipts: channel["read_receipts"]?.bool, voice: Self.voice(channel),
                overwrites: (channel["overwrites"]?.array ?? []).compactMap { overwrite in
                    overwrite["role_id"].flatMap(Self.number).map {
                        Overwrite(
                            role: $0, allow: Self.permissions(overwrite["allow"]),
                            deny: Self.permissions(overwrite["deny"]))
                    }
                })
        }
        defaultChannel = json?["default_channel_id"].flatMap(Self.number)
        afkChannel = json?["afk_channel_id"].flatMap(Self.number)
        afkTimeout_s = json?["afk_timeout"].flatMap(Self.number) ?? AFKRoom.standardTimeout_s
        if let screen = json?["welcome_screen"], screen.object != nil {
            welcome = Welcome(
                isEnabled: screen["enabled"]?.bool ?? false, description: screen["description"]?.string,
                channels: (screen["channels"]?.array ?? []).compactMap { entry in
                    entry["channel_id"].flatMap(Self.number).map {
                        Welcome.Entry(
                            channel: $0, description: entry["description"]?.string ?? "",
                            emoji: entry["emoji"]?.string)
                    }
                })
        }
    }

    /// Templates of earlier versions say nothing of it.
    private static func voice(_ channel: JSON) -> VoiceSettings {
        let standard = VoiceSettings()
        return VoiceSettings(
            bitrate: channel["bitrate"].flatMap(number) ?? standard.bitrate,
            userLimit: channel["user_limit"].flatMap(number) ?? standard.userLimit,
            videoLimit: channel["video_limit"].flatMap(number) ?? standard.videoLimit,
            encryption: channel["e2ee"]?.string.flatMap(VoiceEncryption.init(rawValue:)) ?? standard.encryption)
    }

    private static func number(_ json: JSON) -> Int? { json.integer.flatMap { Int(exactly: $0) } }

    private static func permissions(_ json: JSON?) -> PermissionSet {
        PermissionSet((json?.array ?? []).compactMap(\.string).compactMap(Permission.init(rawValue:)))
    }
}
