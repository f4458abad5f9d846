import Database
import Kernel

enum MaintenanceStore {
    private static let key = "maintenance"

    static func set(_ notice: MaintenanceNotice, _ tx: Transaction) throws {
        let json = JSON.object([
            "message": .string(notice.message), "begins_at_ms": .integer(notice.beginsAt.milliseconds),
            "estimated_downtime_s": notice.estimatedDowntime_s.map { .integer(Int64($0)) } ?? .null,
        ])
        try tx.execute(
            """
            INSERT INTO instance_settings (key, value) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value
            """, [key, json.jsonBytes])
    }

    static func clear(_ tx: Transaction) throws {
        try tx.execute("DELETE FROM instance_settings WHERE key = $1", [key])
    }

    static func notice(_ tx: Transaction) throws -> MaintenanceNotice? {
        let bytes = try tx.first("SELECT value FROM instance_settings WHERE key = $1", [key]) { $0.bytes(0) }
        guard let bytes else { return nil }
        let json = try JSONParser.parse(bytes)
        return MaintenanceNotice(
            message: json["message"]?.string ?? MaintenanceNotice.standardMessage,
            beginsAt: Timestamp(milliseconds: json["begins_at_ms"]?.integer ?? 0),
            estimatedDowntime_s: json["estimated_downtime_s"]?.integer.map(Int.init))
    }
}
