import Database
import Kernel

enum WidgetStore {
    private static let shape = RowShape<Widget> { row in
        Widget(isEnabled: row["is_enabled", \.isEnabled], channel: row["channel_id", \.channel])
    }

    static func widget(of server: ServerID, _ tx: Transaction) throws -> Widget {
        try tx.first("SELECT \(shape.columns) FROM widgets WHERE server_id = $1", [server], as: shape) ?? Widget()
    }

    static func set(_ widget: Widget, of server: ServerID, _ tx: Transaction) throws {
        try tx.execute(
            """
            INSERT INTO widgets (server_id, \(shape.stored)) VALUES ($1, \(shape.placeholders(from: 2)))
            ON CONFLICT (server_id) DO UPDATE SET is_enabled = excluded.is_enabled, channel_id = excluded.channel_id
            """, [server] + shape.values(of: widget))
    }

    /// Uses `widgets_by_channel`.
    static func forget(_ channel: ChannelID, _ tx: Transaction) throws {
        try tx.execute("UPDATE widgets SET channel_id = NULL WHERE channel_id = $1", [channel])
    }
}
