import Database
import Events
import Features
import Kernel

extension AuditAction {
    static let channelCreate = AuditAction("channel.create")
    static let channelUpdate = AuditAction("channel.update")
    static let channelDelete = AuditAction("channel.delete")
}

extension Setting {
    package static let channelsPerServer = Setting(
        "limits.channels_per_server", .integer(4...10_000), default: "500", "Channels of a server, categories included."
    )
}

extension Channels: Feature {
    package static let settings: [Setting] = [.channelsPerServer]
    package static let permissions: [Permission] = [.channelsManage, .channelsView]
    package static let auditActions: [AuditAction] = [.channelCreate, .channelUpdate, .channelDelete]

    package static let migrations: [Migration] = [
        Migration(49, "channels that keep their messages") { _ in
            ["ALTER TABLE channels ADD COLUMN forwarding BOOLEAN NOT NULL DEFAULT TRUE"]
        },
        Migration(51, "order of messages") { _ in
            [
                "ALTER TABLE channels ADD COLUMN newest_message_id BIGINT NOT NULL DEFAULT 0",
                "UPDATE channels SET newest_message_id = COALESCE(last_message_id, 0)",
            ]
        },
        Migration(59, "changes of messages") { _ in
            ["ALTER TABLE channels ADD COLUMN revision BIGINT NOT NULL DEFAULT 0"]
        },
        Migration(60, "channels among many threads") { _ in
            ["CREATE INDEX channels_listed ON channels (server_id) WHERE type <> 'thread'"]
        },
    ]

    package static let tables: [Table] = [
        Table(
            "channels",
            [
                .id("id"), .id("server_id"), .text("name"), .text("type"), .text("topic"), .number("position"),
                .id("category_id"), .flag("nsfw"), .number("slowmode_seconds"), .time("created_at"),
                .withheld("last_message_id"), .withheld("newest_message_id"),
                .withheld("revision"), .time("deleted_at"), .id("owner_id"), .flag("forwarding"),
                .number("default_auto_archive_minutes"), .flag("read_receipts"),
                .number("bitrate"), .number("user_limit"), .number("video_limit"), .text("e2ee"),
            ], exports: [.rows("threads_and_groups.json", of: ["owner_id"]), .file("private_channels.json")],
            erasure: [
                .byHand("groups are left, and owned by who is in the longest; the notes to oneself are removed"),
                .kept("a thread is a place where others have spoken; who has opened it has no name any more"),
            ],
            endings: [.byHand(with: .server)]),
        Table(
            "overwrites",
            [.id("channel_id"), .id("subject_id"), .withheld("is_role"), .number("allow"), .number("deny")],
            key: ["channel_id", "subject_id"], exports: [.rows("overwrites.json", of: ["subject_id"])],
            erasure: [
                .byHand("those who see the channel are told, and it does not open by it"), .deleted(of: ["subject_id"]),
            ],
            endings: [.deleted(with: .channel, by: "channel_id")]),
        Table(
            "participants",
            [.id("channel_id"), .id("user_id"), .flag("is_open"), .time("joined_at"), .flag("has_written")],
            key: ["channel_id", "user_id"], exports: [.rows("conversations.json", of: ["user_id"])],
            erasure: [
                .byHand("groups are left"),
                .kept("the other one keeps the conversation, with somebody who has no name any more"),
            ],
            endings: [.deleted(with: .channel, by: "channel_id")]),
        Table(
            "thread_members", [.id("channel_id"), .id("user_id"), .time("joined_at"), .withheld("private_in")],
            key: ["channel_id", "user_id"], exports: [.rows("thread_memberships.json", of: ["user_id"])],
            erasure: [.byHand("threads are left, and their count of members with them")],
            endings: [.deleted(with: .channel, by: "channel_id")]),
    ]

    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {
        try ChannelStore.markDeleted(in: server, tx)
    }

    package var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "deleted channels", purgeNext)] }

    /// Removes some of what a deleted channel had, or its last rows when there is nothing more.
    /// - Returns: whether there may be more.
    private func purgeNext() async throws -> Bool {
        let channel = try await parts.database.read { tx in try ChannelStore.deleted(tx) }
        guard let channel else { return false }
        try await SetAside(parts: parts).each(of: .channel, [channel], named: \.description) { channel in
            try await parts.database.write { tx in
                if try parts.features.channelEmpties(channel, tx) { return }
                try parts.features.channelEnds(channel, tx)
                try EventLog.noteGone([channel.rawValue], tx)
                try ChannelStore.delete(channel, tx)
            }
        }
        return true
    }

    package static var caps: [Cap] {
        [
            Cap(
                "channels", per: .server, ChatConfiguration.standard.channelsPerServer, .refused(field: "server"),
                "`limits.channels_per_server`")
        ]
    }
}
