import Community
import Database
import Kernel

/// Where a search takes place: the channels that the searcher can read, and what the index is asked for. Threads are
/// looked up as they turn up, for a server may have any number of them.
struct SearchGround {
    /// Without threads, unless one is all that is searched.
    let channels: [ChannelID: Channel]
    /// The channels whose threads belong to the ground.
    let parents: Set<ChannelID>
    /// Those of them all of whose private threads belong to it.
    private let managed: Set<ChannelID>
    /// Who searches, and finds private threads that they are in.
    private let reader: UserID?
    private let scope: [Int32]
    /// What was looked up, and nil for what does not belong here.
    private var looked: [ChannelID: Channel?] = [:]

    init(
        channels: [Channel], parents: Set<ChannelID>, managed: Set<ChannelID> = [], scope: [Int32],
        reader: UserID? = nil
    ) {
        self.channels = Dictionary(channels.map { ($0.id, $0) }) { first, _ in first }
        self.parents = parents
        self.managed = managed
        self.reader = reader
        self.scope = scope
    }

    /// A single channel or thread, without its threads.
    init(only channel: Channel) {
        self.init(channels: [channel], parents: [], scope: [SearchToken.channel(channel.id)])
    }

    var onlyChannel: ChannelID? { channels.count == 1 && parents.isEmpty ? channels.keys.first : nil }

    /// The places by which the index is asked, so many at a time.
    func scopes(ofAtMost count: Int) -> [[Int32]] {
        stride(from: 0, to: scope.count, by: count).map { Array(scope[$0..<min($0 + count, scope.count)]) }
    }

    /// Whether it is known without a look that a channel does not belong to the ground.
    func isKnownHidden(_ id: ChannelID) -> Bool {
        if channels[id] != nil { return false }
        if parents.isEmpty { return true }
        if case .some(.none) = looked[id] { return true }
        return false
    }

    /// A channel of the ground; nil for what is not.
    mutating func channel(_ id: ChannelID, _ tx: Transaction) throws -> Channel? {
        if let channel = channels[id] { return channel }
        if parents.isEmpty { return nil }
        if let known = looked[id] { return known }
        let channel = try ChannelStore.channel(id, tx)
        let isOurs = try channel?.thread.map { try belongs($0, id, tx) } ?? false
        looked[id] = .some(isOurs ? channel : nil)
        return isOurs ? channel : nil
    }
    private func belongs(_ thread: ThreadState, _ id: ChannelID, _ tx: Transaction) throws -> Bool {
        guard parents.contains(thread.parent) else { return false }
        guard thread.isPrivate, !managed.contains(thread.parent) else { return true }
        return try reader.map { try ThreadMemberStore.isMember($0, of: id, tx) } ?? false
    }
}
