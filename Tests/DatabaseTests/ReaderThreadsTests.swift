import Foundation
import NIOConcurrencyHelpers
import TestPrograms
import Testing

@testable import Database

@Suite("Threads on which is read")
struct ReaderThreadsTests {
    private static func with(
        _ count: Int, usual: Int, patience: Duration = .milliseconds(2), maximumWaiting: Int = 10_000,
        longestWait: Duration = .seconds(600), _ body: @Sendable (ReaderThreads) async throws -> Void
    ) async throws {
        let threads = ReaderThreads(
            count: count, usual: usual, patience: patience, maximumWaiting: maximumWaiting, longestWait: longestWait)
        threads.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(threads)) } catch { result = .failure(error) }
        await threads.close()
        try result.get()
    }

    @Test("what is done one after the other is done by the same threads")
    func few() async throws {
        try await Self.with(8, usual: 2) { threads in
            var names: Set<String> = []
            for _ in 0..<500 { names.insert(try await threads.run { Thread.current.name ?? "" }) }
            #expect(names.count <= 2)
        }
    }

    @Test("what takes long holds up nothing else as long as there are threads", arguments: [1, 2])
    func stuck(usual: Int) async throws {
        try await Self.with(4, usual: usual) { threads in
            let (barrier, begun) = (Barrier(), Signal())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await threads.run {
                            begun.fire()
                            barrier.wait()
                        }
                    }
                }
                await begun.wait(times: 3)
                for number in 0..<100 { #expect(try await threads.run { number } == number) }
                barrier.open()
                try await group.waitForAll()
            }
            // Those who helped are there again.
            for number in 0..<100 { #expect(try await threads.run { number } == number) }
        }
    }

    @Test(
        "beside what takes long the rest is done one after the other, without waiting each time",
        .timeLimit(.minutes(1)))
    func quick() async throws {
        try await Self.with(4, usual: 1, patience: .milliseconds(200)) { threads in
            let (barrier, begun) = (Barrier(), Signal())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await threads.run {
                        begun.fire()
                        barrier.wait()
                    }
                }
                await begun.wait()
                for _ in 0..<1000 { group.addTask { try await threads.run {} } }
                for _ in 0..<1000 { try await group.next() }
                barrier.open()
                try await group.waitForAll()
            }
        }
    }

    @Test("of many at once each is done once", arguments: [1, 3])
    func crowd(count: Int) async throws {
        try await Self.with(count, usual: 2) { threads in
            let done = Counter()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<5000 {
                    group.addTask {
                        try await threads.run {
                            done.increment()
                            return number
                        }
                    }
                }
                var numbers: Set<Int> = []
                for try await number in group { numbers.insert(number) }
                #expect(numbers.count == 5000)
            }
            #expect(done.value == 5000)
        }
    }

    @Test("what comes when too much waits is turned away, and what waits is done")
    func turnedAway() async throws {
        try await Self.with(1, usual: 1, maximumWaiting: 3) { threads in
            let (barrier, begun, turnedAway) = (Barrier(), Signal(), Counter())
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    try await threads.run {
                        begun.fire()
                        barrier.wait()
                        return 1
                    }
                }
                await begun.wait()
                for _ in 0..<10 {
                    group.addTask {
                        do { return try await threads.run { 1 } } catch DatabaseError.overloaded {
                            turnedAway.increment()
                            return 0
                        }
                    }
                }
                try await eventually { turnedAway.value == 7 }
                barrier.open()
                #expect(try await group.reduce(0, +) == 4)
            }
        }
    }

    @Test("what has waited for too long is not begun any more")
    func late() async throws {
        try await Self.with(1, usual: 1, longestWait: .milliseconds(100)) { threads in
            let (barrier, begun) = (Barrier(), Signal())
            async let holding: Void = {
                // On a busy machine this may itself have waited for too long.
                while true {
                    do {
                        return try await threads.run {
                            begun.fire()
                            barrier.wait()
                        }
                    } catch DatabaseError.overloaded {}
                }
            }()
            await begun.wait()
            async let late: Void = expect(.overloaded) { try await threads.run { _ = Issue.record("it was begun") } }
            try await eventually { threads.waitingCount == 1 }
            let taken = ContinuousClock.now
            try await eventually { ContinuousClock.now - taken > .milliseconds(150) }
            barrier.open()
            try await holding
            await late
        }
    }

    @Test("what was taken is done before they end, and nothing is taken afterwards")
    func end() async throws {
        let threads = ReaderThreads(count: 3, usual: 1)
        threads.start()
        let (barrier, begun, done, refused) = (Barrier(), Signal(), Counter(), Counter())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    let isDone: Void? = try? await threads.run {
                        begun.fire()
                        barrier.wait()
                        done.increment()
                    }
                    #expect(isDone != nil)
                }
            }
            await begun.wait(times: 3)
            while threads.waitingCount < 47 { await Task.yield() }
            let closing = Task { await threads.close() }
            // What comes meanwhile waits, until nothing is taken any more.
            while refused.value == 0 {
                group.addTask { if (try? await threads.run {}) == nil { refused.increment() } }
                await Task.yield()
            }
            barrier.open()
            await closing.value
            #expect(done.value == 50)
            await #expect(throws: DatabaseError.self) { try await threads.run {} }
            await threads.close()
        }
    }

    @Test("what is thrown comes to who asked")
    func thrown() async throws {
        try await Self.with(2, usual: 1) { threads in
            do {
                try await threads.run { throw Refusal("no") }
                Issue.record("nothing was thrown")
            } catch let refusal as Refusal {
                #expect(refusal == Refusal("no"))
            }
            #expect(try await threads.run { 7 } == 7)
        }
    }
}
