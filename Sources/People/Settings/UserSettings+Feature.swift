import Database
import Features
import Kernel

extension RateLimitBucket {
    package static let settings = RateLimitBucket(
        "settings", Rate(60, per: .seconds(60), burst: 30), Rate(600, per: .seconds(3600)))
}

extension UserSettings: Feature {
    package static let rateLimitBuckets: [RateLimitBucket] = [.settings]

    package static let tables: [Table] = [
        Table(
            "user_settings", [.id("user_id"), .text("key"), .json("value"), .time("updated_at")],
            key: ["user_id", "key"], exports: [.file("settings.json")], erasure: [.deleted(of: ["user_id"])])
    ]

    package static let readyMembers: [JSONSchema.Property] = [.init("settings", SettingValues.schema, isRequired: true)]

    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("settings", SettingValues(values: try UserSettingStore.values(of: reader.user, tx)))]
    }

    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] {
        [NamedJSON("settings.json", SettingValues(values: try UserSettingStore.values(of: user, tx)))]
    }

    package static var caps: [Cap] {
        [Cap("settings", per: .person, maximumCount, .refused(field: "key"), "of 10,000 characters each")]
    }
}
