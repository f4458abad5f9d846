import Content
import Features
import Foundation
import Kernel
import Media
import MobilePush
import NIOCore
import OutgoingHTTP
import People
import WebPush

extension LoadedSettings {
    /// The services of the makers of phones for which the operator has keys.
    struct Phones {
        let apple: AppleNotifications?
        let firebase: FirebaseMessaging?
    }

    /// - Throws: `SettingsError` for keys that can't be used.
    func phones(_ outgoing: OutgoingClient, clock: any WallClock) throws -> Phones {
        Phones(apple: try appleNotifications(clock, outgoing), firebase: try firebaseMessaging(clock, outgoing))
    }

    /// With what pushes are sent.
    func push(
        _ key: VAPIDKey, _ phones: Phones, linkGuard: LinkGuard, on eventLoopGroup: any EventLoopGroup
    ) -> PushParts {
        let allowed = list(.pushHosts)
        // A push service asks whoever sends to it for an address at which somebody answers.
        let contact =
            textOrNil(.mailFrom).map { "mailto:\($0)" }
            ?? (text(.publicURL).hasPrefix("https:") ? text(.publicURL) : nil)
        return PushParts(
            key: key, poster: LinkPoster(linkGuard, internalHosts: Set(list(.internalPushHosts)), on: eventLoopGroup),
            allowedHosts: allowed.isEmpty ? nil : Set(allowed), contact: contact,
            apple: phones.apple, firebase: phones.firebase)
    }

    private func appleNotifications(_ clock: any WallClock, _ outgoing: OutgoingClient) throws -> AppleNotifications? {
        guard let file = textOrNil(.appleKey) else { return nil }
        for field in [Setting.appleKeyID, .appleTeamID, .appleTopic] where text(field).isEmpty {
            throw SettingsError("\(field.key): must be set, since \(Setting.appleKey.key) is")
        }
        let sender = AppleNotifications.Sender(
            keyID: text(.appleKeyID), teamID: text(.appleTeamID), topic: text(.appleTopic))
        return try read(.appleKey, file) {
            try AppleNotifications(
                key: $0, sender: sender, address: text(.appleAddress), clock: clock, client: outgoing)
        }
    }

    private func firebaseMessaging(_ clock: any WallClock, _ outgoing: OutgoingClient) throws -> FirebaseMessaging? {
        guard let file = textOrNil(.firebaseKey) else { return nil }
        return try read(.firebaseKey, file) {
            try FirebaseMessaging(account: $0, address: text(.firebaseAddress), clock: clock, client: outgoing)
        }
    }

    private func read<Service>(_ setting: Setting, _ file: String, _ make: (String) throws -> Service) throws -> Service
    {
        guard let content = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw SettingsError("\(setting.key): \(file) can't be read")
        }
        do {
            return try make(content)
        } catch let error as MobilePushKeyError {
            throw SettingsError("\(setting.key): \(file) \(error)")
        }
    }
}
