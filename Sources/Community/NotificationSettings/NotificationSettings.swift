import Database
import Events
import Features
import Kernel
import People

/// What people want to be told of, and by which ways: they say it, and all ways hold to it.
package struct NotificationSettings: Sendable {
    static let serverCap = Cap(
        "servers with notification settings", per: .person, 500, .refused(field: "server_id"))
    static let channelCap = Cap(
        "channels with notification settings", per: .person, 500, .refused(field: "channel_id"))

    let parts: Parts

    struct PreferenceChange: Sendable {
        let mail: NotificationPreferences.Mail?
        let digestHour: Int?
        let preview: NotificationPreferences.Preview?
        let quietHours: Change<QuietHours>
    }

    struct WishChange: Sendable {
        let level: Change<PlaceWishes.Level>
        let mutedUntil: Change<Timestamp>
        let suppressesEveryone: Change<Bool>
        let suppressesRoles: Change<Bool>
        let pushes: Change<Bool>
    }

    // MARK: Reading and changing

    static func values(of user: UserID, _ tx: Transaction) throws -> NotificationSettingValues {
        NotificationSettingValues(
            preferences: try NotificationSettingStore.preferences(of: user, tx), wishes: try wishes(of: user, tx))
    }

    func read(for caller: Caller) async throws -> NotificationSettingValues {
        try await parts.database.read { tx in try Self.values(of: caller.user, tx) }
    }

    /// - Throws: `.moduleNotAvailable` for what is of a module that is off.
    func change(_ change: PreferenceChange, by caller: Caller) async throws -> NotificationSettingValues {
        let off = parts.configuration.disabledModules
        let isOff =
            off.contains(.emailNotifications) && (change.mail != nil || change.digestHour != nil)
            || off.contains(.push) && change.preview != nil
        guard !isOff else { throw APIError.moduleNotAvailable }
        return try await parts.database.write { tx in
            let old = try NotificationSettingStore.preferences(of: caller.user, tx)
            let new = change.applied(to: old)
            guard new != old else { return try Self.values(of: caller.user, tx) }
            try NotificationSettingStore.set(new, of: caller.user, tx)
            if (new.mail, new.digestHour) != (old.mail, old.digestHour) {
                try parts.features.notificationWishesChange(caller.user, parts, tx)
            }
            return try Self.tell(caller.user, tx)
        }
    }

    /// Nobody gets mails of what they miss any more, whoever asked for that with the token of one.
    package static func endMails(to user: UserID, _ tx: Transaction) throws {
        var preferences = try NotificationSettingStore.preferences(of: user, tx)
        guard preferences.mail != .off else { return }
        preferences.mail = .off
        try NotificationSettingStore.set(preferences, of: user, tx)
        _ = try tell(user, tx)
    }

    /// - Throws: `.serverNotFound`, `.accessDenied`; `.invalidInput` for one too many.
    func change(
        _ change: WishChange, of server: ServerID, by caller: Caller
    ) async throws -> NotificationSettingValues {
        try await parts.database.write { tx in
            _ = try Servers.standing(of: caller.user, in: server, tx)
            let all = try NotificationSettingStore.servers(of: caller.user, tx)
            let old = all[server] ?? PlaceWishes()
            let new = change.applied(to: old)
            guard new != old else { return try Self.values(of: caller.user, tx) }
            if all[server] == nil { try Self.serverCap.requireRoom(all.count) }
            try NotificationSettingStore.set(new, of: server, for: caller.user, tx)
            return try Self.tell(caller.user, tx)
        }
    }

    /// Also for threads, categories and private channels.
    /// - Throws: `.channelNotFound`, `.accessDenied`; `.invalidInput` for one too many.
    func change(
        _ change: WishChange, of channel: ChannelID, by caller: Caller
    ) async throws -> NotificationSettingValues {
        try await parts.database.write { tx in
            let place = try Channels.place(channel, for: caller.user, tx)
            let all = try NotificationSettingStore.channels(of: caller.user, tx)
            let old = all[channel] ?? PlaceWishes()
            let new = change.applied(to: old)
            guard new != old else { return try Self.values(of: caller.user, tx) }
            if all[channel] == nil { try Self.channelCap.requireRoom(all.count) }
            try NotificationSettingStore.set(new, of: place.channel, for: caller.user, tx)
            return try Self.tell(caller.user, tx)
        }
    }

    /// To the person's own devices, as one setting among the others.
    private static func tell(_ user: UserID, _ tx: Transaction) throws -> NotificationSettingValues {
        let values = try values(of: user, tx)
        let text = String(decoding: values.jsonBytes, as: UTF8.self)
        tx.emit(
            .userSettingsUpdate, SettingChanges(changed: [UserSettings.notifications: text], deleted: []),
            to: .user(user))
        return values
    }
}

extension NotificationSettings.PreferenceChange {
    func applied(to old: NotificationPreferences) -> NotificationPreferences {
        NotificationPreferences(
            mail: mail ?? old.mail, digestHour: digestHour ?? old.digestHour, preview: preview ?? old.preview,
            quietHours: quietHours.applied(to: old.quietHours))
    }
}

extension NotificationSettings.WishChange {
    func applied(to old: PlaceWishes) -> PlaceWishes {
        PlaceWishes(
            level: level.applied(to: old.level), mutedUntil: mutedUntil.applied(to: old.mutedUntil),
            suppressesEveryone: suppressesEveryone.applied(to: old.suppressesEveryone),
            suppressesRoles: suppressesRoles.applied(to: old.suppressesRoles), pushes: pushes.applied(to: old.pushes))
    }
}
