import Database
import Features
import Kernel

extension NotificationSettings: Feature {
    package static let caps: [Cap] = [serverCap, channelCap]

    private static let wishes: StaticSQL = """
        level TEXT, muted_until BIGINT, suppress_everyone BOOLEAN, suppress_roles BOOLEAN, push BOOLEAN
        """

    package static let migrations: [Migration] = [
        Migration(42, "notification settings") { dialect in
            [
                """
                CREATE TABLE notification_settings (
                    user_id \(sql: dialect.primaryKey),
                    email TEXT NOT NULL,
                    digest_hour BIGINT NOT NULL,
                    push_preview TEXT NOT NULL,
                    quiet_from BIGINT,
                    quiet_to BIGINT)
                """,
                """
                CREATE TABLE server_notification_settings (
                    user_id BIGINT NOT NULL,
                    server_id BIGINT NOT NULL,
                    \(wishes),
                    PRIMARY KEY (user_id, server_id)) \(sql: dialect.clustered)
                """,
                """
                CREATE INDEX server_notification_settings_by_level
                    ON server_notification_settings (server_id, level, user_id)
                """,
                """
                CREATE TABLE channel_notification_settings (
                    user_id BIGINT NOT NULL,
                    channel_id BIGINT NOT NULL,
                    server_id BIGINT,
                    \(wishes),
                    PRIMARY KEY (user_id, channel_id)) \(sql: dialect.clustered)
                """,
                """
                CREATE INDEX channel_notification_settings_by_level
                    ON channel_notification_settings (channel_id, level, user_id)
                """,
                """
                CREATE INDEX channel_notification_settings_by_server
                    ON channel_notification_settings (server_id) WHERE server_id IS NOT NULL
                """,
            ]
        }
    ]

    private static let wishColumns: [Table.Column] = [
        .text("level"), .time("muted_until"), .flag("suppress_everyone"), .flag("suppress_roles"), .flag("push"),
    ]

    package static let tables: [Table] = [
        Table(
            "notification_settings",
            [
                .id("user_id"), .text("email"), .number("digest_hour"), .text("push_preview"), .number("quiet_from"),
                .number("quiet_to"),
            ], key: ["user_id"], exports: [.rows("notification_settings.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        Table(
            "server_notification_settings", [.id("user_id"), .id("server_id")] + wishColumns,
            key: ["user_id", "server_id"], exports: [.rows("server_notification_settings.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .server, by: "server_id")]),
        Table(
            "channel_notification_settings", [.id("user_id"), .id("channel_id"), .id("server_id")] + wishColumns,
            key: ["user_id", "channel_id"], exports: [.rows("channel_notification_settings.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])],
            endings: [.deleted(with: .channel, by: "channel_id"), .deleted(with: .server, by: "server_id")]),
    ]

    package static let readyMembers: [JSONSchema.Property] = [
        .init("notification_settings", NotificationSettingValues.schema, isRequired: true)
    ]

    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("notification_settings", try Self.values(of: reader.user, tx))]
    }

    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {
        try NotificationSettingStore.forgetAll(in: server, for: user, tx)
    }

    package static func participantLeaves(_ user: UserID, _ group: ChannelID, _ tx: Transaction) throws {
        try NotificationSettingStore.forget(group, for: user, tx)
    }
}
