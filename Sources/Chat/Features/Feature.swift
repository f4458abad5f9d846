import Database
import EventLog
import Kernel
import WebAPI

/// A feature as the whole sees it: what it brings along, and what it does when something ends that it belongs to. Everything has
/// an empty default; who asks is named at each.
///
/// The whole knows its features by one list alone (`Features.all`), whose order is that in which an account is taken apart.
protocol Feature: Sendable {
    /// What it stores, column by column. A test compares the tables of all features with the schema.
    static var tables: [Table] { get }
    /// The steps by which its tables came to be what they are. What was released before features had their own stands in
    /// `Migrations`.
    static var migrations: [Migration] { get }
    /// What clients are told of.
    static var events: [EventDeclaration] { get }
    /// What the operator may switch off: its routes answer 503 `Module not available` then.
    static var module: Module? { get }
    var routes: [Route] { get }
    /// What has to be done now and then: forgetting what has run out, removing what was deleted.
    var upkeep: [BackgroundStep] { get }
    /// What has to be done at its moment, or a second or two later.
    var dueWork: [BackgroundStep] { get }
    /// Its members of READY.
    func ready(for user: UserID, _ tx: Transaction) throws -> [NamedJSON]
    /// What the export of a person's data has of it besides the rows of its tables (`Table.Export.file`).
    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON]

    /// Messages are being deleted. Rows that only go with them are declared (`Table.Ending`).
    static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws
    /// A channel disappears for everybody; its messages and what else it has are removed later, step by step.
    static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws
    /// The last of a channel that has disappeared is removed.
    static func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws
    /// A server disappears for everybody, with its channels.
    static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws
    /// The last of a server that has disappeared is removed.
    static func serverEnds(_ server: ServerID, _ tx: Transaction) throws
    /// An account is being taken apart. Rows that only go with it are declared (`Table.Erasure`); here is what others are told of.
    static func accountEnds(_ account: User, _ parts: Parts, _ tx: Transaction) throws
}

/// A member of READY's payload, or a file in the export of a person's data.
struct NamedJSON: Sendable {
    let name: String
    let bytes: [UInt8]

    init(_ name: String, _ value: some JSONEncodable) {
        self.name = name
        bytes = value.jsonBytes
    }
}

extension Feature {
    static var tables: [Table] { [] }
    static var migrations: [Migration] { [] }
    static var events: [EventDeclaration] { [] }
    static var module: Module? { nil }
    var routes: [Route] { [] }
    var upkeep: [BackgroundStep] { [] }
    var dueWork: [BackgroundStep] { [] }
    func ready(for user: UserID, _ tx: Transaction) throws -> [NamedJSON] { [] }
    static func exports(of user: UserID, _ tx: Transaction) throws -> [NamedJSON] { [] }

    static func messagesEnd(_ messages: [MessageID], _ tx: Transaction) throws {}
    static func channelDisappears(_ channel: ChannelID, _ tx: Transaction) throws {}
    static func channelEnds(_ channel: ChannelID, _ tx: Transaction) throws {}
    static func serverDisappears(_ server: ServerID, _ tx: Transaction) throws {}
    static func serverEnds(_ server: ServerID, _ tx: Transaction) throws {}
    static func accountEnds(_ account: User, _ parts: Parts, _ tx: Transaction) throws {}
}
