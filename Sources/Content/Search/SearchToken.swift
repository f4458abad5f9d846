import Features
import Kernel

/// What the index knows of a message: numbers that stand for its pieces, its place and its author. Different things may have
/// the same number, so the index finds what may be meant, and who asks looks at the message itself.
enum SearchToken {
    static func channel(_ id: ChannelID) -> Int32 { TextPieces.number(of: "c\(id)".utf8) }
    /// Said of the messages in a channel's threads.
    static func threads(of id: ChannelID) -> Int32 { TextPieces.number(of: "p\(id)".utf8) }
    /// Said of those in its private threads.
    static func privateThreads(of id: ChannelID) -> Int32 { TextPieces.number(of: "q\(id)".utf8) }
    static func server(_ id: ServerID) -> Int32 { TextPieces.number(of: "s\(id)".utf8) }
    static func author(_ id: UserID) -> Int32 { TextPieces.number(of: "f\(id)".utf8) }
    static func mention(_ token: String) -> Int32 { TextPieces.number(of: "m\(token)".utf8) }
    static func has(_ kind: SearchQuery.Kind) -> Int32 { TextPieces.number(of: "h\(kind.rawValue)".utf8) }
}
