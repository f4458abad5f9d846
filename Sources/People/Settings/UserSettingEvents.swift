import Events

extension UserSettings {
    package static let events: [EventDeclaration] = [.init(.userSettingsUpdate)]
}

extension EventKind where Payload == SettingChanges {
    package static var userSettingsUpdate: Self {
        Self("USER_SETTINGS_UPDATE", heardBy: "one's own devices", "Settings were set or deleted.")
    }
}
