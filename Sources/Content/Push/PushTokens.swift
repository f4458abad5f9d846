import Community
import Database
import Features
import Foundation
import Kernel
import Media
import MobilePush
import People
import WebPush

/// With what pushes are sent.
public struct PushParts: Sendable {
    let key: VAPIDKey
    let poster: LinkPoster
    /// The hosts of push services; nil: every one on the public internet.
    let allowedHosts: Set<String>?
    /// Whom a push service can ask, as a link or `mailto:`.
    let contact: String?
    /// Nil where the operator has no key of the maker.
    private let apple: AppleNotifications?
    private let firebase: FirebaseMessaging?

    public init(
        key: VAPIDKey, poster: LinkPoster, allowedHosts: Set<String>?, contact: String?, apple: AppleNotifications?,
        firebase: FirebaseMessaging?
    ) {
        self.key = key
        self.poster = poster
        self.allowedHosts = allowedHosts
        self.contact = contact
        self.apple = apple
        self.firebase = firebase
    }

    /// The service of a platform whose devices are not told by Web Push.
    /// - Throws: `.moduleNotAvailable` where there is no key for it.
    func mobile(_ platform: PushToken.Platform) throws(APIError) -> any MobilePushService {
        let service: (any MobilePushService)? =
            switch platform {
            case .ios: apple
            case .android: firebase
            case .web: nil
            }
        guard let service else { throw .moduleNotAvailable }
        return service
    }

    /// - Returns: nil for what is no address of a push service that is let through.
    func endpoint(_ token: String) -> URL? {
        guard let url = URL(string: token), poster.accepts(url),
            allowedHosts?.contains(url.host?.lowercased() ?? "") ?? true
        else { return nil }
        return url
    }
}

/// The devices that are told of what their people missed.
package struct PushTokens: Sendable {
    static let cap = Cap("push devices", per: .person, 20, .oldestGoes)

    let parts: Parts
    /// Nil where nothing is sent.
    let push: PushParts?

    struct Draft: Sendable {
        let platform: PushToken.Platform
        let token: String
        let deviceID: String?
        let appVersion: String?
        let keys: SubscriptionKeyDraft?
    }

    struct SubscriptionKeyDraft: Sendable {
        let publicKey: [UInt8]
        let secret: [UInt8]
    }

    /// - Throws: `.moduleNotAvailable`.
    func available() throws(APIError) -> PushParts {
        guard let push else { throw .moduleNotAvailable }
        return push
    }

    // MARK: One's own

    func list(of caller: Caller) async throws -> [ListedPushToken] {
        try await parts.database.read { tx in
            let logins = Set(try Sessions.logins(of: caller.user, tx))
            return try PushTokenStore.tokens(of: caller.user, tx).filter { logins.contains($0.session) }
                .map { ListedPushToken(token: $0, isCurrent: $0.session == caller.login) }
        }
    }

    /// A device is its person's from now on, whoever had it before; the same one again is as new.
    /// - Throws: `.moduleNotAvailable` for a platform whose pushes can't be sent; `.invalidInput` for what is no address of a
    ///   push service, and for keys that are none.
    func add(_ draft: Draft, by caller: Caller) async throws -> ListedPushToken {
        let push = try available()
        let keys = try Self.keys(of: draft, push)
        return try await parts.database.write { tx in
            let token = PushToken(
                id: parts.ids.next(), user: caller.user, session: caller.login, platform: draft.platform,
                token: draft.token, deviceID: draft.deviceID, appVersion: draft.appVersion, publicKey: keys.publicKey,
                secret: keys.secret, createdAt: tx.now)
            if let old = try PushTokenStore.token(withHash: token.hash, tx) { try PushTokenStore.delete(old.id, tx) }
            try Self.makeRoom(for: caller.user, tx)
            try PushTokenStore.insert(token, tx)
            return ListedPushToken(token: token, isCurrent: true)
        }
    }

    /// - Returns: empty ones for what is not told by Web Push.
    private static func keys(of draft: Draft, _ push: PushParts) throws(APIError) -> SubscriptionKeyDraft {
        guard draft.platform == .web else {
            guard try push.mobile(draft.platform).accepts(draft.token) else {
                throw .invalidInput("token", "is not what the platform's service calls a device")
            }
            return SubscriptionKeyDraft(publicKey: [], secret: [])
        }
        guard push.endpoint(draft.token) != nil else {
            throw .invalidInput("token", "must be the https address of a push service")
        }
        guard let keys = draft.keys else { throw .invalidInput("keys", "are required for the platform web") }
        return keys
    }

    private static func makeRoom(for user: UserID, _ tx: Transaction) throws {
        let logins = Set(try Sessions.logins(of: user, tx))
        var tokens = try PushTokenStore.tokens(of: user, tx)
        for dead in tokens where !logins.contains(dead.session) { try PushTokenStore.delete(dead.id, tx) }
        tokens.removeAll { !logins.contains($0.session) }
        for old in tokens.prefix(max(0, tokens.count + 1 - cap.maximum)) { try PushTokenStore.delete(old.id, tx) }
    }

    /// - Parameter name: the id, or the token itself.
    /// - Throws: `.resourceNotFound` also for somebody else's.
    func remove(_ name: String, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let id = try? PushTokenID(parsing: name)
            let token =
                try id.flatMap { try PushTokenStore.token($0, tx) }
                ?? PushTokenStore.token(withHash: PushToken.hash(of: name), tx)
            guard let token, token.user == caller.user else { throw APIError.resourceNotFound }
            try PushTokenStore.delete(token.id, tx)
        }
    }

    // MARK: Ending

    /// Forgets devices whose logins have ended, some at a time. Nothing is sent to them before.
    func forgetEnded() async throws {
        var after = PushTokenID(rawValue: 0)
        while true {
            let start = after
            let last = try await parts.database.write { tx -> PushTokenID? in
                let some = try PushTokenStore.logins(after: start, limit: 200, tx)
                let alive = Set(try Sessions.alive(among: some.map(\.session), tx))
                for item in some where !alive.contains(item.session) { try PushTokenStore.delete(item.token, tx) }
                return some.count == 200 ? some.last?.token : nil
            }
            guard let last else { return }
            after = last
        }
    }
}
