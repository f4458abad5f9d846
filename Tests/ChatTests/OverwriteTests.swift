import Kernel
import Testing

@testable import Community

@Suite("Overwrites of many channels")
struct OverwriteTests {
    private static func channel(
        _ id: Int64, _ count: Int, in category: Int64? = nil, as type: ChannelType = .text
    ) -> Channel {
        var channel = Channel(
            id: ChannelID(rawValue: id), server: ServerID(rawValue: 1), name: "c", type: type, topic: nil, position: 0,
            category: category.map(ChannelID.init(rawValue:)), nsfw: false, slowmode_s: 0,
            createdAt: Timestamp(seconds: 0), lastMessage: nil)
        channel.overwrites = (0..<count).map { PermissionOverwrite(.member(UserID(rawValue: Int64($0 + 1)))) }
        return channel
    }

    private static func isAllowed(_ before: [Channel], _ after: [Channel]) -> Bool {
        (try? OverwriteChange(before: ChannelTree(before), after: ChannelTree(after)).requireRoom()) != nil
    }

    @Test("a channel has only so many, and what is beyond may shrink but not grow")
    func perChannel() {
        let limit = OverwriteChange.maximumPerChannel
        #expect(Self.isAllowed([Self.channel(1, limit - 1)], [Self.channel(1, limit)]))
        #expect(!Self.isAllowed([Self.channel(1, limit)], [Self.channel(1, limit + 1)]))
        #expect(Self.isAllowed([Self.channel(1, limit + 9)], [Self.channel(1, limit + 8)]))
        #expect(!Self.isAllowed([Self.channel(1, limit + 9)], [Self.channel(1, limit + 10)]))
    }

    @Test("a server has only so many in all of its channels, also when those of a category multiply")
    func perServer() {
        let (limit, most) = (OverwriteChange.maximumPerServer, OverwriteChange.maximumPerChannel)
        let count = limit / most
        let full = (1...count).map { Self.channel(Int64($0), most) }
        let last = Int64(count + 1)
        #expect(!Self.isAllowed(full + [Self.channel(last, 0)], full + [Self.channel(last, 1)]))
        #expect(Self.isAllowed(full + [Self.channel(last, 1)], full + [Self.channel(last, 1)]))
        let category = Self.channel(1, most, as: .category)
        let children = (2...Int64(count + 2)).map { Self.channel($0, 0, in: 1) }
        let tree = ChannelTree([category] + children)
        let freed = children.map { tree.moved($0, to: nil) }
        #expect(freed.allSatisfy { $0.overwrites?.count == most })
        #expect(!Self.isAllowed(tree.channels, tree.replacing(freed, without: category.id).channels))
        let few = Array(freed.dropFirst(2))
        #expect(Self.isAllowed(tree.channels, tree.replacing(few, without: category.id).channels))
    }

    @Test("a channel that moves takes along what counted in it, and only what is not its own already")
    func moving() {
        let (closed, open) = (Self.channel(1, 3, as: .category), Self.channel(2, 0, as: .category))
        let (plain, own, bare) = (Self.channel(3, 0, in: 1), Self.channel(4, 1, in: 1), Self.channel(5, 0, in: 2))
        let tree = ChannelTree([closed, open, plain, own, bare])
        #expect(tree.moved(plain, to: nil).overwrites == closed.overwrites)
        #expect(tree.moved(plain, to: open.id).overwrites == closed.overwrites)
        #expect(tree.moved(plain, to: closed.id).overwrites == [])
        #expect(tree.moved(own, to: open.id).overwrites == own.overwrites)
        #expect(tree.moved(bare, to: closed.id).overwrites == [])
        #expect(tree.moved(bare, to: nil).overwrites == [])
    }
}
