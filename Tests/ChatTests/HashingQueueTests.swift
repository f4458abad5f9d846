import Testing

@testable import People

@Suite("The queue for password hashes")
struct HashingQueueTests {
    @Test("as many as there are threads go at once, the rest in turn, logins first")
    func order() {
        var queue = HashingQueue<String>(concurrency: 2)
        #expect(queue.enter("a", for: .other) == .goesAtOnce)
        #expect(queue.enter("b", for: .login) == .goesAtOnce)
        #expect(queue.enter("c", for: .other) == .waits)
        #expect(queue.enter("d", for: .login) == .waits)
        #expect(queue.enter("e", for: .other) == .waits)
        #expect(queue.enter("f", for: .login) == .waits)
        #expect((0..<6).map { _ in queue.leave() } == ["d", "f", "c", "e", nil, nil])
        #expect(queue.enter("g", for: .other) == .goesAtOnce)
        #expect(queue.enter("h", for: .other) == .goesAtOnce)
        #expect(queue.enter("i", for: .other) == .waits)
    }

    @Test("whoever confirms a password can't fill the queue for those who log in")
    func bounds() {
        var queue = HashingQueue<Int>(concurrency: 1)
        #expect(queue.enter(0, for: .other) == .goesAtOnce)
        let half = HashingQueue<Int>.capacity / 2
        for number in 0..<half { #expect(queue.enter(number, for: .other) == .waits) }
        #expect(queue.enter(0, for: .other) == .isTurnedAway)
        for number in 0..<half { #expect(queue.enter(1000 + number, for: .login) == .waits) }
        #expect(queue.enter(0, for: .login) == .isTurnedAway)
        #expect(queue.leave() == 1000)
        #expect(queue.enter(0, for: .other) == .isTurnedAway)
        #expect(queue.enter(0, for: .login) == .waits)
    }
}
