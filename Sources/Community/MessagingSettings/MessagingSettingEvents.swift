import Events

extension MessagingSettings {
    package static let events: [EventDeclaration] = [.init(.messagingSettingsUpdate)]
}

extension EventKind where Payload == MessagingSettingValues {
    static var messagingSettingsUpdate: Self {
        Self("MESSAGING_SETTINGS_UPDATE", heardBy: "one's own devices", "One has said otherwise who may write to one.")
    }
}
