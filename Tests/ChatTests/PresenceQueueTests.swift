import Kernel
import Testing

@testable import Community

@Suite("What is to be told of people's presence")
struct PresenceQueueTests {
    private let alice = UserID(rawValue: 1)
    private let bob = UserID(rawValue: 2)

    private func batch(_ changes: PresenceQueue.Change...) async -> [PresenceQueue.Change] {
        let queue = PresenceQueue()
        for change in changes { queue.add(change) }
        var batches = queue.batches.makeAsyncIterator()
        return await batches.next(isolation: nil) ?? []
    }

    @Test("who comes and goes a thousand times while nothing is told stands in it once")
    func bounded() async {
        let queue = PresenceQueue()
        for _ in 0..<1000 {
            queue.add(.of(alice))
            queue.add(.hidden(alice, from: bob, wasFriend: true))
            queue.add(.again(alice))
            queue.add(.expiry)
            queue.add(.doubt([alice]))
            queue.add(.doubt([alice, bob]))
        }
        var batches = queue.batches.makeAsyncIterator()
        let all = await batches.next(isolation: nil)
        let others: Set<PresenceQueue.Change> = [.hidden(alice, from: bob, wasFriend: true), .again(alice), .expiry]
        #expect(all?.first == .doubt([alice, bob]) && Set(all?.dropFirst() ?? []) == others)
        #expect(all?.count == 4)
    }

    @Test("to tell it again takes the place of telling it, and comes after what was hidden meanwhile")
    func order() async {
        let hidden = PresenceQueue.Change.hidden(alice, from: bob, wasFriend: false)
        #expect(await batch(.of(alice), .of(bob), hidden, .again(alice)) == [.of(bob), hidden, .again(alice)])
        #expect(await batch(.again(alice), .of(alice), .of(bob)) == [.again(alice), .of(bob)])
        #expect(await batch(.again(alice), hidden, .again(alice)) == [hidden, .again(alice)])
    }

    @Test("what is added while a batch is told comes in the next one")
    func next() async {
        let queue = PresenceQueue()
        var batches = queue.batches.makeAsyncIterator()
        queue.add(.of(alice))
        #expect(await batches.next(isolation: nil) == [.of(alice)])
        queue.add(.of(alice))
        #expect(await batches.next(isolation: nil) == [.of(alice)])
    }
}
