import Database
import Features
import Kernel

extension RecentChats: Feature {
    package static let caps: [Cap] = [cap]

    package static let migrations: [Migration] = [
        Migration(31, "recent chats") { dialect in
            [
                """
                CREATE TABLE recent_chats (
                    user_id BIGINT NOT NULL,
                    channel_id BIGINT NOT NULL,
                    last_message_id BIGINT,
                    scroll_position BIGINT NOT NULL,
                    accessed_at BIGINT NOT NULL,
                    PRIMARY KEY (user_id, channel_id)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX recent_chats_by_access ON recent_chats (user_id, accessed_at, channel_id)",
                "CREATE INDEX recent_chats_by_channel ON recent_chats (channel_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "recent_chats",
            [
                .id("user_id"), .id("channel_id"), .id("last_message_id"), .number("scroll_position"),
                .time("accessed_at"),
            ], key: ["user_id", "channel_id"], exports: [.rows("recent_chats.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .channel, by: "channel_id")])
    ]
}
