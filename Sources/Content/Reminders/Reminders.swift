import Community
import Database
import Events
import Features
import Kernel

/// Telling people later what they do not want to forget.
struct Reminders: Sendable {
    static let cap = Cap("open reminders", per: .person, 100, .refused(field: "remind_at"))
    private static let soonest = Duration.seconds(60)
    private static let latest = Duration.seconds(366 * 86_400)

    let parts: Parts

    struct Draft: Sendable {
        let channel: ChannelID?
        let message: MessageID?
        let note: String?
        let remindAt: Timestamp
    }

    struct Change: Sendable {
        let note: Kernel.Change<String>
        let remindAt: Timestamp?
    }

    func list(of caller: Caller) async throws -> [Reminder] {
        try await parts.database.read { tx in try ReminderStore.reminders(of: caller.user, tx) }
    }

    private static func requireTime(_ moment: Timestamp, _ tx: Transaction) throws {
        // People name whole seconds.
        let now = Timestamp(seconds: tx.now.seconds)
        guard moment >= now + soonest, moment <= now + latest else {
            throw APIError.invalidInput("remind_at", "must be a minute to a year ahead")
        }
    }

    /// - Throws: `.messageNotFound`, `.accessDenied`, `.permissionDenied` for a message that the caller can't read;
    ///   `.invalidInput` for a time that is too soon or too late, and for too many.
    func create(_ draft: Draft, by caller: Caller) async throws -> Reminder {
        try await parts.database.write { tx in
            try Self.requireTime(draft.remindAt, tx)
            try Self.cap.requireRoom(try ReminderStore.count(of: caller.user, tx))
            let reminder = Reminder(
                id: parts.ids.next(), owner: caller.user, channel: try Self.channel(of: draft, caller, tx),
                message: draft.message, note: draft.note, remindAt: draft.remindAt, createdAt: tx.now)
            try ReminderStore.insert(reminder, tx)
            tx.emit(.reminderCreate, reminder, to: .user(caller.user))
            return reminder
        }
    }

    private static func channel(of draft: Draft, _ caller: Caller, _ tx: Transaction) throws -> ChannelID? {
        guard let message = draft.message else { return nil }
        guard let channel = try MessageStore.channel(of: message, tx) else { throw APIError.messageNotFound }
        _ = try Messages.place(channel, for: caller.user, requiring: .messagesRead, tx)
        guard draft.channel ?? channel == channel else { throw APIError.messageNotFound }
        return channel
    }

    /// - Throws: `.resourceNotFound` also for somebody else's.
    private static func own(_ id: ReminderID, of caller: Caller, _ tx: Transaction) throws -> Reminder {
        guard let reminder = try ReminderStore.reminder(id, tx), reminder.owner == caller.user else {
            throw APIError.resourceNotFound
        }
        return reminder
    }

    func change(_ id: ReminderID, _ change: Change, by caller: Caller) async throws -> Reminder {
        try await parts.database.write { tx in
            let old = try Self.own(id, of: caller, tx)
            var new = old
            new.note = change.note.applied(to: old.note)
            if let moment = change.remindAt {
                try Self.requireTime(moment, tx)
                new.remindAt = moment
            }
            guard new.message != nil || new.note != nil else { throw APIError.invalidInput("note", "is all there is") }
            guard new != old else { return old }
            try ReminderStore.update(new, tx)
            tx.emit(.reminderUpdate, new, to: .user(caller.user))
            return new
        }
    }

    func delete(_ id: ReminderID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let reminder = try Self.own(id, of: caller, tx)
            try Self.end(reminder, tx)
        }
    }

    private static func end(_ reminder: Reminder, _ tx: Transaction) throws {
        try ReminderStore.delete(reminder.id, tx)
        tx.emit(.reminderDelete, ReminderDeletedEvent(id: reminder.id), to: .user(reminder.owner))
    }

    /// Reminds whoever wanted to be reminded by now. The reminder goes in the transaction that brings the notification, so that
    /// nobody is reminded twice.
    /// - Returns: whether there may be more.
    func remindDue() async throws -> Bool {
        let due = try await parts.database.read { tx in try ReminderStore.due(limit: 100, tx) }
        try await SetAside(parts: parts).each(of: .reminder, due, named: \.description) { id in
            try await parts.database.write { tx in
                guard let reminder = try ReminderStore.reminder(id, tx), reminder.remindAt <= tx.now else { return }
                try Self.end(reminder, tx)
                try Notifications.notify(
                    reminder.owner, .reminder, about: try Self.subject(of: reminder, tx), note: reminder.note, parts, tx
                )
            }
        }
        return due.count == 100
    }

    /// The message, if its reader still is one.
    private static func subject(of reminder: Reminder, _ tx: Transaction) throws -> Notifications.Subject {
        guard let id = reminder.channel, let message = reminder.message,
            let place = try Channels.readable(id, by: reminder.owner, tx),
            try MessageStore.exists(message, in: id, tx)
        else { return Notifications.Subject() }
        return Notifications.Subject(server: place.channel.server, channel: id, message: message)
    }
}
