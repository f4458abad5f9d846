import Kernel

/// How much of something there may be: declared once, kept by the feature whose it is, told in `docs/limits.md`.
public struct Cap: Sendable {
    /// Of whom, or of what, there may be so much.
    public enum Owner: String, CaseIterable, Sendable {
        case person
        case server
        case channel
        case thread
        case group
        case message
        case instance
    }

    /// What happens to the one that would be too many.
    public enum Effect: Sendable {
        /// 400 `Invalid input`, with the number in the details of a field.
        case refused(field: String)
        /// It is taken, and the oldest goes.
        case oldestGoes
        /// It is left out, and the rest is done.
        case leftOut
    }

    /// In the plural: `bookmarks`.
    public let things: String
    public let owner: Owner
    public let maximum: Int
    public let effect: Effect
    /// What making one is counted in, besides everything that the caller does.
    public let bucket: RateLimitBucket?
    /// What else there is to say: what one may weigh, which setting or tier changes the number.
    public let remark: String

    init(
        _ things: String, per owner: Owner, _ maximum: Int, _ effect: Effect, bucket: RateLimitBucket? = nil,
        _ remark: String = ""
    ) {
        self.things = things
        self.owner = owner
        self.maximum = maximum
        self.effect = effect
        self.bucket = bucket
        self.remark = remark
    }

    /// - Parameter count: how many there are already.
    /// - Throws: `.invalidInput` when there is no room for another.
    func requireRoom(_ count: Int) throws(APIError) {
        guard count >= maximum else { return }
        let field = if case .refused(let field) = effect { field } else { things }
        throw .invalidInput(
            field, "there are \(maximum) \(things) already, which is the limit of the \(owner.rawValue)")
    }
}

extension Cap: CustomStringConvertible {
    /// As in `bookmarks of a person`.
    public var description: String { "\(things) of \(owner == .instance ? "an" : "a") \(owner.rawValue)" }
}

/// Every cap of the features, for the documentation.
enum Caps {
    static var all: [Cap] { people + servers + places + messages + instance }

    private static let standard = Tier.standard.limits
    private static let configuration = ChatConfiguration(
        versions: ClientVersionPolicy(
            server: Version(.alpha, 1, 0, build: 1), minimum: Version(.alpha, 1, 0, build: 1), updateURL: nil))

    private static var people: [Cap] {
        [
            Cap(
                "logins", per: .person, configuration.sessionsPerUser, .oldestGoes, bucket: .login,
                "`sessions.per_user`"),
            Cap(
                "servers joined", per: .person, configuration.serversPerUser, .refused(field: "server"),
                bucket: .serverCreate,
                "`limits.servers_per_user`, more by tier"),
            Cap("passkeys", per: .person, Passkeys.maximumPerUser, .refused(field: "credential")),
            Cap("applications", per: .person, Applications.maximumPerUser, .refused(field: "name")),
            Cap(
                "settings", per: .person, UserSettings.maximumCount, .refused(field: "key"), "of 10,000 characters each"
            ),
            Cap("bookmarks", per: .person, Bookmarks.maximum, .refused(field: "message_id")), UserNotes.cap,
            Cap(
                "notifications", per: .person, Notifications.maximumPerUser, .oldestGoes,
                "of which one other person causes at most \(Notifications.maximumPerPair)"),
            Cap("friends", per: .person, Relationships.maximum, .refused(field: "user_id")),
            Cap(
                "open friend requests", per: .person, Relationships.maximum, .refused(field: "user_id"),
                bucket: .friendRequest, "sent and received together"),
            Cap("blocked people", per: .person, Relationships.maximum, .refused(field: "user_id")),
            Cap(
                "uploads that are not complete", per: .person, Uploads.maximumOpenPerUser, .refused(field: "upload"),
                bucket: .upload,
                "kept for 24 hours; \(standard.uploadsPerDay ?? 0) uploads a day, more by tier"),
            PrivateChannels.openCap,
            Cap(
                "groups", per: .person, PrivateChannels.maximumGroups, .refused(field: "recipient_ids"), bucket: .group),
            Cap(
                "scheduled messages", per: .person, ScheduledMessages.maximumPerUser, .refused(field: "send_at"),
                bucket: .messageSend),
            Cap("transcripts and exports in the making", per: .person, Jobs.maximumOpenPerUser, .refused(field: "job")),
            kept(.transcript, "transcripts kept", bucket: .export),
            kept(.dataExport, "data exports kept", bucket: .accountChange), Reports.cap,
        ]
    }

    private static func kept(_ kind: Job.Kind, _ things: String, bucket: RateLimitBucket) -> Cap {
        let limits = kind.limits
        return Cap(
            things, per: .person, limits.count, .oldestGoes, bucket: bucket,
            "of \(limits.one_bytes >> 20) MiB at most, \(limits.all_bytes >> 20) MiB together")
    }

    private static var servers: [Cap] {
        [
            Cap(
                "channels", per: .server, configuration.channelsPerServer, .refused(field: "server"),
                "`limits.channels_per_server`"),
            Cap("roles", per: .server, Roles.maximumPerServer, .refused(field: "server")),
            Cap("invites", per: .server, Invites.maximumPerServer, .refused(field: "server")),
            Cap(
                "emoji", per: .server, EmojiCounts.maximum, .refused(field: "image"), bucket: .upload,
                "still and moving ones apart"),
            Bans.cap,
            Cap("overwrites", per: .server, OverwriteChange.maximumPerServer, .refused(field: "overwrites")),
        ]
    }

    private static var places: [Cap] {
        [
            Cap("overwrites", per: .channel, OverwriteChange.maximumPerChannel, .refused(field: "overwrites")),
            Cap("webhooks", per: .channel, Webhooks.maximumPerChannel, .refused(field: "channel_id")),
            Cap("pins", per: .channel, standard.pins, .refused(field: "message_id"), "more by tier"),
            Cap("open threads", per: .channel, Threads.maximumActive, .refused(field: "channel_id")), Threads.cap,
            Cap(
                "scheduled messages of one person", per: .channel, ScheduledMessages.maximumPerChannel,
                .refused(field: "channel_id")),
            Threads.memberCap,
            Cap("members", per: .group, PrivateChannels.maximumParticipants, .refused(field: "user_id")),
        ]
    }

    private static var messages: [Cap] {
        [
            Messages.editCap,
            Cap(
                "kinds of reactions", per: .message, standard.reactionKinds, .refused(field: "emoji"),
                bucket: .reaction,
                "more by tier"),
            Cap(
                "files", per: .message, Attachments.maximumPerMessage, .refused(field: "attachments"),
                bucket: .messageSend),
            Cap(
                "embeds", per: .message, Embed.maximumCount, .refused(field: "embeds"), bucket: .messageSend,
                "of \(Embed.maximumLength) characters together"),
            Cap("link previews", per: .message, LinkScanner.maximum, .leftOut),
        ]
    }

    private static var instance: [Cap] { [Blocks.cap] }
}

extension Chat {
    /// How much there may be of what people, servers, channels and messages have.
    public static var caps: [Cap] { Caps.all }
}
