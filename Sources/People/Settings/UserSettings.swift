import Database
import Events
import Features
import Kernel

/// What a user's clients remember, the same on all devices: a store of keys and values that the server does not look into.
package struct UserSettings: Sendable {
    static let maximumCount = 100
    /// What the server knows of, and others are told of like a setting: it is set by its own routes.
    package static let notifications = "notifications"

    let parts: Parts

    // MARK: Reading

    func list(of caller: Caller) async throws -> SettingValues {
        try await parts.database.read { tx in SettingValues(values: try UserSettingStore.values(of: caller.user, tx)) }
    }

    /// - Throws: `.settingNotFound`.
    func read(_ key: String, of caller: Caller) async throws -> UserSetting {
        try await parts.database.read { tx in
            guard let value = try UserSettingStore.value(key, of: caller.user, tx) else {
                throw APIError.settingNotFound
            }
            return UserSetting(key: key, value: value)
        }
    }

    /// What one of a person's settings says, for what their clients have made of it.
    package static func value(_ key: String, of user: UserID, _ tx: Transaction) throws -> String? {
        try UserSettingStore.value(key, of: user, tx)
    }

    // MARK: Changing

    /// Sets some values, all of them or none.
    /// - Throws: `.invalidInput` for one key too many, and for the one that is set elsewhere.
    func set(_ values: [String: String], by caller: Caller) async throws -> SettingValues {
        guard values[Self.notifications] == nil else {
            throw APIError.invalidInput("key", "is set by /users/@me/notification-settings")
        }
        return try await parts.database.write { tx in
            for (key, value) in values { try UserSettingStore.set(key, value, of: caller.user, tx) }
            let all = try UserSettingStore.values(of: caller.user, tx)
            guard all.count <= Self.maximumCount else {
                throw APIError.invalidInput("key", "is one too many: there can be \(Self.maximumCount)")
            }
            tx.emit(.userSettingsUpdate, SettingChanges(changed: values, deleted: []), to: .user(caller.user))
            return SettingValues(values: all)
        }
    }

    /// - Throws: `.settingNotFound`.
    func delete(_ key: String, by caller: Caller) async throws {
        try await parts.database.write { tx in
            guard try UserSettingStore.delete(key, of: caller.user, tx) else { throw APIError.settingNotFound }
            tx.emit(.userSettingsUpdate, SettingChanges(changed: [:], deleted: [key]), to: .user(caller.user))
        }
    }

    @discardableResult
    static func check(_ key: String) throws(APIError) -> String {
        let isValid =
            (1...100).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isValid else { throw .invalidInput("key", "must be 1 to 100 of a-z, 0-9, '_', '.' and '-'") }
        return key
    }
}

struct UserSetting: JSONObjectEncodable {
    let key: String
    let value: String

    static let shape = JSONShape<UserSetting>("Setting", .field("key", \.key), .field("value", \.value))
}

/// All settings: `{key: value}`.
package struct SettingValues: JSONEncodable {
    let values: [String: String]

    package static let schema = JSONSchema.named("SettingValues", .map(of: .string()))

    package func encode(to json: inout JSONWriter) {
        json.beginObject()
        for key in values.keys.sorted() { json.member(key, values[key] ?? "") }
        json.endObject()
    }
}

/// USER_SETTINGS_UPDATE.
package struct SettingChanges: JSONObjectEncodable {
    let changed: [String: String]
    let deleted: [String]

    package init(changed: [String: String], deleted: [String]) {
        self.changed = changed
        self.deleted = deleted
    }

    package static let shape = JSONShape<SettingChanges>(
        "SettingChanges", .field("settings") { SettingValues(values: $0.changed) }, .field("deleted", \.deleted))
}
