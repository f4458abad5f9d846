import Database
import Features
import Kernel

extension AuditAction {
    static let widgetUpdate = AuditAction("widget.update")
}

extension Widgets: Feature {
    package static let module: Module? = .widget
    package static let auditActions: [AuditAction] = [.widgetUpdate]

    package static let migrations: [Migration] = [
        Migration(48, "widgets") { dialect in
            [
                """
                CREATE TABLE widgets (
                    server_id \(sql: dialect.primaryKey),
                    is_enabled BOOLEAN NOT NULL,
                    channel_id BIGINT)
                """,
                "CREATE INDEX widgets_by_channel ON widgets (channel_id)",
            ]
        }
    ]

    package static let tables: [Table] = [
        .impersonal(
            "widgets", "server_id is_enabled channel_id",
            endings: [.byHand(with: .channel), .deleted(with: .server, by: "server_id")])
    ]

    package static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {
        try WidgetStore.forget(channel, tx)
    }
}
