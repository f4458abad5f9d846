import Events

extension Notifications {
    package static let events: [EventDeclaration] = [
        .init(.notificationCreate), .init(.notificationUpdate), .init(.notificationDelete),
    ]
}

extension EventKind where Payload == Notification {
    static var notificationCreate: Self {
        Self("NOTIFICATION_CREATE", heardBy: "one's own devices", "There is something to know of.")
    }

    static var notificationUpdate: Self {
        Self("NOTIFICATION_UPDATE", heardBy: "one's own devices", "A notification was read.")
    }
}

extension EventKind where Payload == NotificationDeletedEvent {
    static var notificationDelete: Self {
        Self("NOTIFICATION_DELETE", heardBy: "one's own devices", "What it was about is gone, or out of sight.")
    }
}
