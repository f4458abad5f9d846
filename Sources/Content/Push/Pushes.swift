import Community
import Database
import Features
import Foundation
import Kernel
import Logging
import Media
import MobilePush
import People
import WebPush

/// Telling people's devices what they missed: what is queued with that which caused it, is looked at again when it leaves, and
/// leaves once.
///
/// A push is taken in a transaction before it is sent. One that was taken by a server that then died is not sent again, since
/// nobody knows whether it was.
package struct Pushes: Sendable {
    /// Who is about to read a message needs not be told of it elsewhere.
    private static let delay = Duration.seconds(10)
    /// So long a push service may be silent, or ask for patience.
    private static let patience = Duration.seconds(3600)
    private static let firstPause = Duration.seconds(10)
    private static let longestPause = Duration.seconds(600)
    /// In seconds: what a device that is off is told when it comes back.
    private static let timeToLive_s = 86_400
    /// How long it is remembered what a device shows.
    private static let memory = Duration.seconds(86_400)
    /// After so long nobody is sending any more what was taken.
    private static let longestSending = Duration.seconds(120)
    private static let atOnce = 16
    private static let listenersAtOnce = 100
    /// So many of the pushes that a device shows are looked at when it is told something.
    private static let maximumRead = 30
    static let maximumPerDevice = 100

    let parts: Parts
    let tokens: PushTokens
    let presences: Presences

    // MARK: Queueing

    private static func isOn(_ parts: Parts) -> Bool { !parts.configuration.disabledModules.contains(.push) }

    static func notificationComes(
        _ notification: NotificationID, to user: UserID, _ parts: Parts, _ tx: Transaction
    ) throws {
        guard isOn(parts) else { return }
        try queue(.notification(notification), to: user, dueAt: tx.now + delay, tx)
    }

    /// In private everybody is told; in a server those who want to hear of everything, and of what is said to everyone all who
    /// did not say otherwise. These are looked for later.
    static func messageComes(_ message: Message, in place: Place, _ parts: Parts, _ tx: Transaction) throws {
        guard isOn(parts) else { return }
        if place.isPrivate {
            for user in place.participants where user != message.author {
                try queue(.message(message.id), to: user, dueAt: tx.now + delay, tx)
            }
        } else if try message.details.mentions.everyone
            || place.isListenedTo
                ?? !NotificationSettings.listeners(to: place.channel, after: UserID(rawValue: 0), limit: 1, tx).isEmpty
        {
            try PushQueueStore.add(message.id, tx)
        }
    }

    private static func queue(
        _ subject: QueuedPush.Subject, to user: UserID, dueAt: Timestamp, _ tx: Transaction
    ) throws {
        let devices = try PushTokenStore.ids(of: user, tx)
        guard !devices.isEmpty else { return }
        try PushQueueStore.add(subject, to: user, dueAt: dueAt, tx)
        for device in devices { try PushQueueStore.trim(device, to: maximumPerDevice, tx) }
    }

    /// Looks for those who are to be told of messages that name nobody.
    /// - Returns: whether there may be more.
    func findListeners() async throws -> Bool {
        let messages = try await parts.database.read { tx in try PushQueueStore.messages(limit: 20, tx) }
        for (message, after) in messages {
            try await parts.database.write { tx in
                guard let id = try MessageStore.channel(of: message, tx), let channel = try ChannelStore.channel(id, tx)
                else { return try PushQueueStore.end(message, tx) }
                let users = try Self.listeners(to: message, in: channel, after: after, tx)
                for user in users {
                    try Self.queue(.message(message), to: user, dueAt: message.createdAt + Self.delay, tx)
                }
                if let last = users.last, users.count == Self.listenersAtOnce {
                    try PushQueueStore.goOn(message, after: last, tx)
                } else {
                    try PushQueueStore.end(message, tx)
                }
            }
        }
        return !messages.isEmpty
    }

    private static func listeners(
        to message: MessageID, in channel: Channel, after: UserID, _ tx: Transaction
    ) throws -> [UserID] {
        guard let server = channel.server, let message = try MessageStore.message(message, in: channel, tx) else {
            return []
        }
        return message.details.mentions.everyone
            ? try MemberStore.users(of: server, after: after, limit: listenersAtOnce, tx)
            : try NotificationSettings.listeners(to: channel, after: after, limit: listenersAtOnce, tx)
    }

    // MARK: Sending

    private struct Departure: Sendable {
        let push: QueuedPush
        let token: PushToken
        let payload: PushPayload
    }

    /// Sends what is due.
    /// - Returns: whether there may be more.
    package func sendDue() async throws -> Bool {
        guard tokens.push != nil, Self.isOn(parts) else { return false }
        let due = try await parts.database.read { tx in try PushQueueStore.due(limit: Self.atOnce, tx) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for push in due {
                group.addTask {
                    let departure = try await parts.database.write { tx in try prepare(push, tx) }
                    if let departure { try await send(departure) }
                }
            }
            try await group.waitForAll()
        }
        return !due.isEmpty
    }

    /// Takes a push, if there still is something to tell.
    private func prepare(_ push: QueuedPush, _ tx: Transaction) throws -> Departure? {
        guard let token = try PushTokenStore.token(push.token, tx),
            try !Sessions.alive(among: [token.session], tx).isEmpty
        else {
            try PushTokenStore.delete(push.token, tx)
            return nil
        }
        // What waited longer, because the server was not there, is old.
        guard tx.now < push.createdAt + Self.patience, !presences.isActive(push.user),
            var payload = try PushNews.payload(of: push, to: token, tx)
        else {
            try PushQueueStore.delete(push, tx)
            return nil
        }
        guard try PushQueueStore.take(push, tx) else { return nil }
        let shown = try PushQueueStore.sent(to: token.id, limit: Self.maximumRead, tx)
        let read = try PushNews.read(of: shown, by: push.user, tx)
        payload.read = read.map(\.subject.number)
        for push in read { try PushQueueStore.delete(push, tx) }
        return Departure(push: push, token: token, payload: payload)
    }

    private func send(_ departure: Departure) async throws {
        let outcome = await post(departure.payload, to: departure.token)
        try await parts.database.write { tx in
            switch outcome {
            case .sent: try PushQueueStore.markSent(departure.push, tx)
            case .gone: try PushTokenStore.delete(departure.token.id, tx)
            case .refused: try PushQueueStore.delete(departure.push, tx)
            case .later(let pause): try retry(departure.push, after: pause, tx)
            }
        }
    }

    private func retry(_ push: QueuedPush, after wished: Duration?, _ tx: Transaction) throws {
        var pause = Self.firstPause
        for _ in 0..<min(push.attempts, 10) { pause = min(pause * 2, Self.longestPause) }
        let moment = tx.now + max(wished ?? .zero, pause)
        if moment < push.createdAt + Self.patience {
            try PushQueueStore.putBack(push, until: moment, tx)
        } else {
            try PushQueueStore.delete(push, tx)
        }
    }

    private func post(_ payload: PushPayload, to token: PushToken) async -> PushOutcome {
        guard let push = tokens.push else { return .later(nil) }
        do {
            switch token.platform {
            case .web: return try await post(payload, toBrowser: token, push)
            case .ios, .android:
                let outcome = try await push.mobile(token.platform).send(mobile(payload, token), to: token.token)
                if case .refused(let words) = outcome { warn(of: words, by: token.platform) }
                return outcome
            }
        } catch is PushError {
            return .refused("is too long")
        } catch {
            // The address tells whose device it is, and stays out of the log.
            parts.logger.info("a push service can't be reached", metadata: ["error": "\(error)"])
            return .later(nil)
        }
    }

    /// Whatever is said in private, or to somebody by name, is told at once.
    private static func isUrgent(_ payload: PushPayload) -> Bool {
        payload.type != "message" || payload.server == nil
    }

    private func mobile(_ payload: PushPayload, _ token: PushToken) -> OutgoingPush {
        OutgoingPush(
            title: payload.title, body: payload.body, topic: payload.channel.map(token.topic(of:)),
            isUrgent: Self.isUrgent(payload), expiresAt: parts.clock.outside.now() + .seconds(Self.timeToLive_s),
            payload: payload.jsonBytes)
    }

    private func post(_ payload: PushPayload, toBrowser token: PushToken, _ push: PushParts) async throws -> PushOutcome
    {
        guard let url = push.endpoint(token.token), let host = url.host else { return .refused("is no address") }
        let keys = try SubscriptionKeys(publicKey: token.publicKey, secret: token.secret)
        let body = try PushEncryption.encrypt(payload.jsonBytes, for: keys)
        let port = url.port.map { ":\($0)" } ?? ""
        let authorization = try push.key.authorization(
            to: "\(url.scheme ?? "https")://\(host)\(port)", contact: push.contact, at: parts.clock.now())
        var headers = [
            ("authorization", authorization), ("content-encoding", "aes128gcm"),
            ("content-type", "application/octet-stream"), ("ttl", String(Self.timeToLive_s)),
            ("urgency", Self.isUrgent(payload) ? "high" : "normal"),
        ]
        if let channel = payload.channel { headers.append(("topic", token.topic(of: channel))) }
        return outcome(of: try await push.poster.post(body, to: url, headers: headers))
    }

    private func warn(of words: String, by platform: PushToken.Platform) {
        parts.logger.warning(
            "a push service refuses a push", metadata: ["answer": "\(words)", "platform": "\(platform.rawValue)"])
    }

    private func outcome(of answer: LinkPoster.Answer) -> PushOutcome {
        switch answer.status {
        case 200..<300: return .sent
        case 404, 410: return .gone
        case 429, 500...: return .later(answer.retryAfter)
        default:
            warn(of: "\(answer.status)", by: .web)
            return .refused("\(answer.status)")
        }
    }

    // MARK: Trying

    /// Sends something to all of one's devices at once, whatever they want to be told of.
    /// - Throws: `.moduleNotAvailable`.
    func test(of caller: Caller) async throws -> PushTest {
        _ = try tokens.available()
        let devices = try await parts.database.read { tx in
            let logins = Set(try Sessions.logins(of: caller.user, tx))
            return try PushTokenStore.tokens(of: caller.user, tx).filter { logins.contains($0.session) }
        }
        let payload = PushPayload(type: "test", title: PushNews.server, unread: 0)
        let outcomes = await withTaskGroup(of: (PushTokenID, PushOutcome).self) { group in
            for device in devices { group.addTask { (device.id, await post(payload, to: device)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var sent = 0
        for (device, outcome) in outcomes {
            switch outcome {
            case .sent: sent += 1
            case .gone: try await parts.database.write { tx in try PushTokenStore.delete(device, tx) }
            case .later, .refused: break
            }
        }
        return PushTest(sent: sent, failed: devices.count - sent)
    }

    // MARK: Upkeep

    /// - Returns: whether there may be more.
    func forgetOld() async throws -> Bool {
        try await parts.database.write { tx in
            let hasTaken = try PushQueueStore.forgetTaken(before: tx.now - Self.longestSending, limit: 500, tx)
            let hasSent = try PushQueueStore.forgetSent(before: tx.now - Self.memory, limit: 500, tx)
            return hasTaken || hasSent
        }
    }
}
