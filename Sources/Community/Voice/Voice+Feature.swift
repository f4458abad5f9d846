import Database
import Features
import Kernel

extension AuditAction {
    static let memberVoiceUpdate = AuditAction("member.voice_update")
    static let memberMove = AuditAction("member.move")
    static let memberDisconnect = AuditAction("member.disconnect")
}

extension Setting {
    package static let turnURLs = Setting(
        "voice.turn.urls", .text, default: "",
        "TURN and STUN servers for voice channels, separated by commas, such as `turn:turn.example.org:3478`. Empty: people find each other without, which works within a network and for most homes."
    )
    package static let turnSecret = Setting(
        "voice.turn.secret", .text, default: "",
        "The secret that the TURN server shares with this one (`static-auth-secret` of coturn).", isSecret: true)
}

/// Whether the media of voice channels go through a media server.
package enum VoiceServerChoice: String, CaseIterable, Sendable {
    /// Where one is installed.
    case auto
    case off
}

extension Setting {
    package static let voiceServer = Setting(
        "voice.sfu", .choice(VoiceServerChoice.allCases.map(\.rawValue)), default: VoiceServerChoice.auto.rawValue,
        "Whether voice channels have a media server, Janus, which is started with this one: `auto` where it is installed; `off` never. Without it each device sends to each, and four people fit into a channel."
    )
    package static let voicePorts = Setting(
        "voice.ports", .text, default: "50000-50999",
        "UDP ports of the media server, which devices must reach. Each person takes up to four."
    )
    package static let voiceAddress = Setting(
        "voice.address", .text, default: "",
        "Where devices reach the media server: the public address of the router in front of it, or a name of it. Empty: the address by which this machine reaches others."
    )
}

extension Voice: Feature {
    package static let module: Module? = .voice
    package static let settings: [Setting] = [.turnURLs, .turnSecret, .voiceServer, .voicePorts, .voiceAddress]
    package static let auditActions: [AuditAction] = [.memberVoiceUpdate, .memberMove, .memberDisconnect]
    package static let permissions: [Permission] = [
        .voiceConnect, .voiceSpeak, .voiceVideo, .voiceMuteMembers, .voiceDeafenMembers, .voiceMoveMembers,
        .voiceStream, .voiceUseVoiceActivity, .voicePrioritySpeaker, .voiceRequestToSpeak,
    ]

    package static let migrations: [Migration] = [
        Migration(65, "voice") { dialect in
            [
                """
                CREATE TABLE voice_states (
                    id \(sql: dialect.primaryKey),
                    user_id BIGINT NOT NULL,
                    login BIGINT NOT NULL,
                    gateway_session BIGINT NOT NULL,
                    server_id BIGINT NOT NULL,
                    channel_id BIGINT NOT NULL,
                    self_mute BOOLEAN NOT NULL,
                    self_deaf BOOLEAN NOT NULL,
                    self_video BOOLEAN NOT NULL,
                    self_stream BOOLEAN NOT NULL,
                    device TEXT,
                    public_key TEXT,
                    mute BOOLEAN NOT NULL,
                    deaf BOOLEAN NOT NULL,
                    suppress BOOLEAN NOT NULL,
                    priority_speaker BOOLEAN NOT NULL,
                    was_brought BOOLEAN NOT NULL,
                    joined_at BIGINT NOT NULL,
                    kept_until BIGINT NOT NULL)
                """,
                "CREATE INDEX voice_states_by_user ON voice_states (user_id)",
                "CREATE INDEX voice_states_by_channel ON voice_states (channel_id, id)",
                "CREATE INDEX voice_states_by_server ON voice_states (server_id)",
                "CREATE INDEX voice_states_by_end ON voice_states (kept_until)",
                """
                CREATE TABLE voice_measures (
                    server_id BIGINT NOT NULL,
                    user_id BIGINT NOT NULL,
                    mute BOOLEAN NOT NULL,
                    deaf BOOLEAN NOT NULL,
                    PRIMARY KEY (server_id, user_id)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX voice_measures_by_user ON voice_measures (user_id)",
                """
                CREATE TABLE voice_rooms (
                    channel_id \(sql: dialect.primaryKey),
                    epoch BIGINT NOT NULL,
                    is_stale BOOLEAN NOT NULL)
                """,
                "CREATE INDEX voice_rooms_stale ON voice_rooms (channel_id) WHERE is_stale",
                "ALTER TABLE channels ADD COLUMN bitrate BIGINT NOT NULL DEFAULT 64000",
                "ALTER TABLE channels ADD COLUMN user_limit BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE channels ADD COLUMN video_limit BIGINT NOT NULL DEFAULT 25",
            ]
        },
        Migration(67, "encryption of voice channels") { _ in
            ["ALTER TABLE channels ADD COLUMN e2ee TEXT NOT NULL DEFAULT 'preferred'"]
        },
        Migration(71, "media server") { _ in
            [
                "ALTER TABLE voice_rooms ADD COLUMN node TEXT",
                "ALTER TABLE voice_rooms ADD COLUMN leased_until BIGINT NOT NULL DEFAULT 0",
                "CREATE INDEX voice_rooms_by_lease ON voice_rooms (leased_until) WHERE node IS NOT NULL",
            ]
        },
    ]

    package static let tables: [Table] = [
        Table(
            "voice_states",
            [
                .id("id"), .id("user_id"), .withheld("login"), .withheld("gateway_session"), .id("server_id"),
                .id("channel_id"), .flag("self_mute"), .flag("self_deaf"), .flag("self_video"), .flag("self_stream"),
                .text("device"), .text("public_key"), .flag("mute"), .flag("deaf"), .flag("suppress"),
                .flag("priority_speaker"), .flag("was_brought"), .time("joined_at"), .withheld("kept_until"),
            ], exports: [.rows("voice.json", of: ["user_id"])],
            erasure: [.byHand("others are told that they have left"), .deleted(of: ["user_id"])],
            endings: [.byHand(with: .channel), .byHand(with: .server)]),
        Table(
            "voice_measures", [.id("server_id"), .id("user_id"), .flag("mute"), .flag("deaf")],
            key: ["server_id", "user_id"], exports: [.rows("voice_measures.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .server, by: "server_id")]),
        .impersonal(
            "voice_rooms", "channel_id epoch is_stale node leased_until",
            endings: [.deleted(with: .channel, by: "channel_id")]),
    ]

    package var nodeWork: [BackgroundStep] {
        [
            BackgroundStep("places in voice channels", keepPlaces),
            BackgroundStep("rooms of the media server", keepRooms),
            BackgroundStep("people who are away from voice channels", moveAbsent),
        ]
    }

    package var dueWork: [BackgroundStep] {
        [
            BackgroundStep(repeated: "voice channels that were left", endAbandoned),
            BackgroundStep(repeated: "voice rooms that have changed", announceStale),
        ]
    }

    package static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {
        for state in try VoiceStore.states(in: channel, tx) { try remove(state, tx) }
    }

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        for state in try VoiceStore.states(in: [server], tx) { try remove(state, tx) }
    }

    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        for state in try VoiceStore.states(of: user, tx) where state.server == server { try remove(state, tx) }
    }

    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {
        for state in try VoiceStore.states(of: account, tx) { try remove(state, tx) }
    }
}
