import Events

extension Reminders {
    package static let events: [EventDeclaration] = [
        .init(.reminderCreate), .init(.reminderUpdate), .init(.reminderDelete),
    ]
}

extension EventKind where Payload == Reminder {
    static var reminderCreate: Self {
        Self("REMINDER_CREATE", heardBy: "one's own devices", "One is to be reminded of something.")
    }

    static var reminderUpdate: Self {
        Self("REMINDER_UPDATE", heardBy: "one's own devices", "A reminder was changed.")
    }
}

extension EventKind where Payload == ReminderDeletedEvent {
    static var reminderDelete: Self {
        Self("REMINDER_DELETE", heardBy: "one's own devices", "A reminder was taken back, or its time has come.")
    }
}
