import Database
import Features
import Kernel

extension MessagingSettings: Feature {
    package static let migrations: [Migration] = [
        Migration(25, "messaging settings") { dialect in
            [
                """
                CREATE TABLE messaging_settings (
                    user_id \(sql: dialect.primaryKey),
                    conversations_from TEXT NOT NULL,
                    groups_from TEXT NOT NULL,
                    friend_requests_from TEXT NOT NULL,
                    gives_read_receipts BOOLEAN NOT NULL,
                    shows_typing BOOLEAN NOT NULL,
                    is_compact BOOLEAN NOT NULL,
                    opens_conversations BOOLEAN NOT NULL)
                """,
                """
                CREATE TABLE server_contacts (
                    user_id BIGINT NOT NULL,
                    server_id BIGINT NOT NULL,
                    are_contacts BOOLEAN NOT NULL,
                    PRIMARY KEY (user_id, server_id)) \(sql: dialect.clustered)
                """,
                "CREATE INDEX server_contacts_by_server ON server_contacts (server_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        Table(
            "messaging_settings",
            [
                .id("user_id"), .text("conversations_from"), .text("groups_from"), .text("friend_requests_from"),
                .flag("gives_read_receipts"), .flag("shows_typing"), .flag("is_compact"), .flag("opens_conversations"),
            ], key: ["user_id"], exports: [.rows("messaging_settings.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])]),
        Table(
            "server_contacts", [.id("user_id"), .id("server_id"), .flag("are_contacts")],
            key: ["user_id", "server_id"], exports: [.rows("server_contacts.json", of: ["user_id"])],
            erasure: [.deleted(of: ["user_id"])], endings: [.deleted(with: .server, by: "server_id")]),
    ]

    package static let caps: [Cap] = [serverCap]

    package static let readyMembers: [JSONSchema.Property] = [
        .init("messaging_settings", MessagingSettingValues.schema, isRequired: true)
    ]

    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("messaging_settings", try values(of: reader.user, tx))]
    }
}
