import Foundation
import Kernel

/// By which ways somebody wants to be told of what they missed, and when not (contract: REST, Notification settings).
package struct NotificationPreferences: Sendable, Equatable {
    package enum Mail: String, CaseIterable, Sendable {
        case off
        /// A while after a mention or a private message that was not read.
        case missed
        case daily
        case weekly
    }

    /// What stands in a push, which others may read on a locked screen.
    package enum Preview: String, CaseIterable, Sendable {
        case full
        case sender
        case none
    }

    package var mail = Mail.off
    /// By the clock of the profile's time zone.
    package var digestHour = 8
    package var preview = Preview.full
    package var quietHours: QuietHours?

    package init() {}

    init(mail: Mail, digestHour: Int, preview: Preview, quietHours: QuietHours?) {
        self.mail = mail
        self.digestHour = digestHour
        self.preview = preview
        self.quietHours = quietHours
    }
}

/// Times of each day at which nobody wants to be told of anything; they may go over midnight.
package struct QuietHours: Sendable, Equatable {
    /// Of the day, in minutes after midnight.
    let from_min: Int
    let to_min: Int

    package func contain(_ moment: Timestamp, in timeZone: TimeZone) -> Bool {
        let minute = moment.clock(in: timeZone).minute
        return from_min < to_min
            ? (from_min..<to_min).contains(minute) : minute >= from_min || minute < to_min
    }
}

extension QuietHours: JSONObjectEncodable {
    package static let shape = JSONShape<QuietHours>(
        "QuietHours", .field("from") { text($0.from_min) }, .field("to") { text($0.to_min) })

    private static func text(_ minute: Int) -> String {
        let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(digits(minute / 60)):\(digits(minute % 60))"
    }
}

extension Timestamp {
    /// What a clock on the wall of a place shows: the minute of the day, and the day of the week from 1 for Sunday.
    package func clock(in timeZone: TimeZone) -> (minute: Int, weekday: Int) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents(
            [.hour, .minute, .weekday], from: Date(timeIntervalSince1970: Double(seconds)))
        return ((parts.hour ?? 0) * 60 + (parts.minute ?? 0), parts.weekday ?? 1)
    }
}

/// What somebody says of a server, a category or a channel; nil where what stands above it counts.
package struct PlaceWishes: Sendable, Equatable {
    package enum Level: String, CaseIterable, Sendable {
        case all
        case mentions
        case none
    }

    var level: Level?
    var mutedUntil: Timestamp?
    /// Whether what is said to everyone speaks to them.
    var suppressesEveryone: Bool?
    /// Whether what is said to a role of theirs speaks to them.
    var suppressesRoles: Bool?
    var pushes: Bool?

    var isEmpty: Bool { self == PlaceWishes() }
}

extension PlaceWishes: JSONObjectEncodable {
    package static let shape = JSONShape<PlaceWishes>(
        "PlaceNotifications",
        .field("level", \.level?.rawValue),
        .field("muted_until", \.mutedUntil),
        .field("suppress_everyone", \.suppressesEveryone),
        .field("suppress_roles", \.suppressesRoles),
        .field("push", \.pushes))
}

/// All that somebody has said about notifications.
struct NotificationSettingValues: Sendable {
    let preferences: NotificationPreferences
    let wishes: NotificationWishes
}

extension NotificationSettingValues: JSONObjectEncodable {
    static let shape = JSONShape<NotificationSettingValues>(
        "NotificationSettings",
        .field("email", \.preferences.mail.rawValue),
        .field("digest_hour", \.preferences.digestHour),
        .field("push_preview", \.preferences.preview.rawValue),
        .field("quiet_hours", \.preferences.quietHours),
        .field("servers") { WishesByPlace(wishes: $0.wishes.servers) },
        .field("channels") { WishesByPlace(wishes: $0.wishes.channels) })
}

private struct WishesByPlace<Kind: IdentifierKind>: JSONEncodable {
    let wishes: [Identifier<Kind>: PlaceWishes]

    static var schema: JSONSchema { .map(of: PlaceWishes.schema) }

    func encode(to json: inout JSONWriter) {
        json.beginObject()
        for place in wishes.keys.sorted() { json.member(place.description, wishes[place]) }
        json.endObject()
    }
}
