/// Which part of a bot's events a session takes: `[index, count]` of IDENTIFY (contract: Gateway, Shards).
public struct SessionShard: Sendable, Equatable {
    public let index: UInt16
    public let count: UInt16

    public init(index: UInt16, count: UInt16) {
        self.index = index
        self.count = count
    }

    /// Without the bits that tell apart what was made in the same millisecond, so that servers spread evenly.
    public func contains(_ server: ServerID) -> Bool {
        count <= 1 || UInt64(bitPattern: server.rawValue >> 22) % UInt64(count) == UInt64(index)
    }

    /// Whether it has private channels, and whatever else belongs to no server.
    public var isFirst: Bool { index == 0 }
}
