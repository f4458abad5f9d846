import Features
import HTTPTypes
import Kernel
import People
import WebAPI

extension NotificationSettings {
    private static let path = "/users/@me/notification-settings"

    /// `HH:MM`, in minutes after midnight.
    private static let timeOfDay = JSONReader.string(5...5).checked("must be a time of the day, as 22:30") {
        (text: String) -> Int? in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static let quietHours = JSONReader.object(
        JSONInput(
            "QuietHoursDraft", .required("from", timeOfDay), .required("to", timeOfDay),
            make: { (from, to) throws(APIError) in
                guard from != to else { throw .invalidInput("to", "must be another time than from") }
                return QuietHours(from_min: from, to_min: to)
            }))

    private static let preferenceInput = JSONInput(
        "NotificationSettingsChange",
        .replacement("email", .oneOf(NotificationPreferences.Mail.self)),
        .replacement("digest_hour", .integer(0...23)),
        .replacement("push_preview", .oneOf(NotificationPreferences.Preview.self)),
        .change("quiet_hours", quietHours),
        make: { (mail, hour, preview, quiet) throws(APIError) in
            PreferenceChange(mail: mail, digestHour: hour, preview: preview, quietHours: quiet)
        })

    private static let wishInput = JSONInput(
        "PlaceNotificationsChange",
        .change("level", .oneOf(PlaceWishes.Level.self)),
        .change("muted_until", .timestamp),
        .change("suppress_everyone", .bool),
        .change("suppress_roles", .bool),
        .change("push", .bool),
        make: { (level, muted, everyone, roles, push) throws(APIError) in
            WishChange(
                level: level, mutedUntil: muted, suppressesEveryone: everyone, suppressesRoles: roles, pushes: push)
        })

    package var routes: [Route] {
        [
            .authenticated(
                .get, Self.path, "What one wants to be told of, and how", takes: .nothing,
                returns: NotificationSettingValues.self
            ) { caller, _ in .ok(try await read(for: caller)) }
            .forPeople,
            .authenticated(
                .put, Self.path, "Say how one wants to be told of what one missed; what is left out stays",
                takes: .body(Self.preferenceInput), returns: NotificationSettingValues.self,
                errors: [.moduleNotAvailable]
            ) { caller, call in .ok(try await change(call.body, by: caller)) }
            .limited(by: .settings).forPeople,
            .authenticated(
                .put, "\(Self.path)/servers/{server_id}",
                "Say how much one wants to hear of a server; null takes it back",
                takes: .body(Self.wishInput), returns: NotificationSettingValues.self, errors: Servers.access
            ) { caller, call in
                let server: ServerID = try call.id("server_id")
                return .ok(try await change(call.body, of: server, by: caller))
            }
            .limited(by: .settings).forPeople,
            .authenticated(
                .put, "\(Self.path)/channels/{channel_id}",
                "Say how much one wants to hear of a channel, a thread or a category; null takes it back",
                takes: .body(Self.wishInput), returns: NotificationSettingValues.self,
                errors: [.invalidChannelID, .channelNotFound, .accessDenied]
            ) { caller, call in
                let channel: ChannelID = try call.id("channel_id")
                return .ok(try await change(call.body, of: channel, by: caller))
            }
            .limited(by: .settings).forPeople,
        ]
    }
}
