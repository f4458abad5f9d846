import Database
import Kernel

extension UserSettings: Feature {
    static let tables: [Table] = [
        Table(
            "user_settings", [.id("user_id"), .text("key"), .json("value"), .time("updated_at")],
            key: ["user_id", "key"], exports: [.file("settings.json")], erasure: [.deleted(of: ["user_id"])])
    ]

    func ready(for user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("settings", SettingValues(values: try UserSettingStore.values(of: user, tx)))]
    }

    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("settings.json", SettingValues(values: try UserSettingStore.values(of: user, tx)))]
    }
}
