import Database
import Events
import Kernel
import WebAPI

/// A feature as the whole sees it: what it brings along, and what it does when something ends that it belongs to. Everything has
/// an empty default; who asks is named at each.
///
/// The whole knows its features by one list alone (`Features.all`), whose order is that in which an account is taken apart.
package protocol Feature: Sendable {
    /// What it stores, column by column. A test compares the tables of all features with the schema.
    static var tables: [Table] { get }
    /// The steps by which its tables came to be what they are. What was released before features had their own stands in
    /// `Migrations`.
    static var migrations: [Migration] { get }
    /// What clients are told of.
    static var events: [EventDeclaration] { get }
    /// What of it stands in the audit log of a server.
    static var auditActions: [AuditAction] { get }
    /// What an operator can set of it, besides the rates of its buckets and whether its module is on.
    static var settings: [Setting] { get }
    /// What its requests are counted in.
    static var rateLimitBuckets: [RateLimitBucket] { get }
    /// What members need for it, beyond being there. The bits in which they are stored are dealt out in one place
    /// (`Permission.bit`).
    static var permissions: [Permission] { get }
    /// How much of what it has there may be.
    static var caps: [Cap] { get }
    /// What the operator may switch off: its routes answer 503 `Module not available` then.
    static var module: Module? { get }
    var routes: [Route] { get }
    /// What has to be done now and then: forgetting what has run out, removing what was deleted.
    var upkeep: [BackgroundStep] { get }
    /// What has to be done at its moment, or a second or two later.
    var dueWork: [BackgroundStep] { get }

    /// What each node does for itself, each second: with what it keeps in memory.
    var nodeWork: [BackgroundStep] { get }
    /// The names and shapes of its members of READY.
    static var readyMembers: [JSONSchema.Property] { get }
    /// Its members of READY.
    func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON]
    /// What the export of a person's data has of it besides the rows of its tables (`Table.Export.file`).
    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON]
    /// The pictures of theirs that an export has besides what they uploaded.
    static func exportedPictures(of user: UserID, _ tx: Transaction) throws -> [NamedPicture]

    /// Messages are being deleted. Rows that only go with them are declared (`Table.Ending`).
    static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws
    /// A channel disappears for everybody; its messages and what else it has are removed later, step by step.
    static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws
    /// Removes some of what a channel had that has disappeared, so little that it holds up nobody.
    /// - Returns: whether there was any.
    static func channelEmpties(_ channel: ChannelID, _ features: FeatureList, _ tx: Transaction) throws -> Bool
    /// The last of a channel that has disappeared is removed.
    static func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws
    /// A server disappears for everybody, with its channels.
    static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws
    /// The last of a server that has disappeared is removed.
    static func serverEnds(_ server: ServerID, _ tx: Transaction) throws
    /// Somebody leaves a server, in whatever way.
    static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws
    /// Removes some of what somebody wrote on a server since a moment, because a ban takes it along.
    /// - Returns: whether there was any.
    static func takeBack(
        of user: UserID, in server: ServerID, since message: MessageID, _ features: FeatureList, _ tx: Transaction
    ) throws -> Bool
    /// Somebody leaves a group.
    static func participantLeaves(_ user: UserID, _ group: ChannelID, _ tx: Transaction) throws
    /// Who has somebody in a list of their own that is no server's, such as their friends, and sees name and picture there.
    static func acquaintances(of user: UserID, _ tx: Transaction) throws -> [UserID]
    /// Who is to see no more of somebody than name and picture.
    static func keptAway(by user: UserID, _ tx: Transaction) throws -> [UserID]
    /// Something happened to somebody's account that they should know of.
    static func accountIsTouched(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws
    /// Somebody has another name or picture.
    static func faceChanges(_ user: UserID, _ tx: Transaction) throws
    /// Somebody wants to be told otherwise of what they missed.
    static func notificationWishesChange(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws
    /// Somebody has a notification that they did not have before.
    static func isNotified(
        _ user: UserID, of notification: NotificationID, _ parts: Parts, _ tx: Transaction
    ) throws
    /// An account is being taken apart. Rows that only go with it are declared (`Table.Erasure`); here is what others are told of.
    static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws
}

/// A member of READY's payload, or a file in the export of a person's data.
package struct NamedJSON: Sendable {
    package let name: String
    package let bytes: [UInt8]

    package init(_ name: String, _ value: some JSONEncodable) {
        self.name = name
        bytes = value.jsonBytes
    }
}

/// Who is told READY.
package struct ReadyReader: Sendable {
    package let user: UserID
    /// The part of the user's servers that the session takes; nil for all.
    private let shard: SessionShard?

    package init(user: UserID, shard: SessionShard? = nil) {
        self.user = user
        self.shard = shard
    }

    /// Whether the session is told of something in a server, or in none.
    package func isTold(of server: ServerID?) -> Bool {
        guard let shard else { return true }
        return server.map(shard.contains) ?? shard.isFirst
    }
}

/// A picture in the export of a person's data.
package struct NamedPicture: Sendable {
    package let name: String
    package let blob: BlobID

    /// - Returns: nil where there is none.
    package init?(_ name: String, _ blob: BlobID?) {
        guard let blob else { return nil }
        (self.name, self.blob) = (name, blob)
    }
}

extension Feature {
    package static var tables: [Table] { [] }
    package static var migrations: [Migration] { [] }
    package static var events: [EventDeclaration] { [] }
    package static var auditActions: [AuditAction] { [] }
    package static var settings: [Setting] { [] }
    package static var rateLimitBuckets: [RateLimitBucket] { [] }
    package static var permissions: [Permission] { [] }
    package static var caps: [Cap] { [] }
    package static var module: Module? { nil }
    package var routes: [Route] { [] }
    package var upkeep: [BackgroundStep] { [] }
    package var dueWork: [BackgroundStep] { [] }
    package var nodeWork: [BackgroundStep] { [] }
    package static var readyMembers: [JSONSchema.Property] { [] }
    package func ready(for reader: ReadyReader, _ tx: Transaction) throws -> [NamedJSON] { [] }
    package static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] { [] }

    package static func exportedPictures(of user: UserID, _ tx: Transaction) throws -> [NamedPicture] { [] }
    package static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {}
    package static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {}
    package static func channelEmpties(_ channel: ChannelID, _ features: FeatureList, _ tx: Transaction) throws -> Bool
    { false }
    package static func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws {}
    package static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {}
    package static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {}
    package static func memberLeaves(_ user: UserID, _ server: ServerID, _ tx: Transaction) throws {}
    package static func takeBack(
        of user: UserID, in server: ServerID, since message: MessageID, _ features: FeatureList, _ tx: Transaction
    ) throws -> Bool { false }
    package static func participantLeaves(_ user: UserID, _ group: ChannelID, _ tx: Transaction) throws {}
    package static func acquaintances(of user: UserID, _ tx: Transaction) throws -> [UserID] { [] }
    package static func keptAway(by user: UserID, _ tx: Transaction) throws -> [UserID] { [] }
    package static func accountIsTouched(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {}
    package static func faceChanges(_ user: UserID, _ tx: Transaction) throws {}
    package static func notificationWishesChange(_ user: UserID, _ parts: Parts, _ tx: Transaction) throws {}
    package static func isNotified(
        _ user: UserID, of notification: NotificationID, _ parts: Parts, _ tx: Transaction
    ) throws {}
    package static func accountEnds(_ account: UserID, _ parts: Parts, _ tx: Transaction) throws {}
}
