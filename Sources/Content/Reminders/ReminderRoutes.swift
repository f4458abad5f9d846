import Community
import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension Reminders {
    private static let path = "/users/@me/reminders"
    private static let note = NameRules.text(0...500)

    private static let draftInput = JSONInput(
        "ReminderDraft",
        .optional("message_id", .id(MessageID.self)), .optional("channel_id", .id(ChannelID.self)),
        .required("remind_at", .timestamp), .optional("note", note),
        make: { (message, channel, remindAt, note) throws(APIError) in
            let note = note.flatMap { NameRules.isVisible($0) ? $0 : nil }
            guard message != nil || note != nil else {
                throw .invalidInput("note", "or message_id is required: there is nothing to be reminded of")
            }
            return Draft(channel: channel, message: message, note: note, remindAt: remindAt)
        })

    private static let changeInput = JSONInput(
        "ReminderChange", .change("note", note), .replacement("remind_at", .timestamp),
        make: { (note, remindAt) throws(APIError) in
            if case .set(let text) = note, !NameRules.isVisible(text) {
                return Change(note: .cleared, remindAt: remindAt)
            }
            return Change(note: note, remindAt: remindAt)
        })

    private static let one: [ErrorKind] = [.resourceNotFound, .invalidInput]

    package var routes: [Route] {
        [
            .authenticated(
                .get, Self.path, "List what one is to be reminded of, the next first", takes: .nothing,
                returns: [Reminder].self
            ) { caller, _ in .ok(try await list(of: caller)) }
            .forPeople,
            .authenticated(
                .post, Self.path, "Be reminded later", takes: .body(Self.draftInput), returns: Reminder.self,
                statuses: [.created], errors: [.messageNotFound, .accessDenied, .permissionDenied]
            ) { caller, call in .created(try await create(call.body, by: caller)) }
            .limited(by: .settings).forPeople,
            .authenticated(
                .patch, "\(Self.path)/{reminder_id}", "Be reminded at another time, or of something else",
                takes: .body(Self.changeInput), returns: Reminder.self, errors: Self.one
            ) { caller, call in .ok(try await change(try call.id("reminder_id"), call.body, by: caller)) }
            .limited(by: .settings).forPeople,
            .authenticated(
                .delete, "\(Self.path)/{reminder_id}", "Be reminded no more", takes: .nothing, returns: Success.self,
                errors: Self.one
            ) { caller, call in
                try await delete(try call.id("reminder_id"), by: caller)
                return .success
            }
            .forPeople,
        ]
    }
}
