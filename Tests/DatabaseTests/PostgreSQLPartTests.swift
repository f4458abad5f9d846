import Dispatch
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import Database

/// The parts of the driver that need no server.
@Suite struct PostgreSQLPartTests {
    // MARK: Failures

    private static let failures: [(PostgreSQLReport, String)] = [
        (PostgreSQLReport(sqlState: "40001"), "conflict"),
        (PostgreSQLReport(sqlState: "40P01"), "conflict"),
        (PostgreSQLReport(sqlState: "40001", endsConnection: true), "lost"),
        (PostgreSQLReport(sqlState: "57P01", endsConnection: true), "lost"),
        (PostgreSQLReport(sqlState: "57P02"), "lost"),
        (PostgreSQLReport(sqlState: "08006"), "lost"),
        (PostgreSQLReport(sqlState: nil), "lost"),
        (PostgreSQLReport(sqlState: "26000"), "lost"),
        (PostgreSQLReport(sqlState: "0A000", serverFunction: "RevalidateCachedQuery"), "lost"),
        (PostgreSQLReport(sqlState: "0A000"), "statement"),
        (PostgreSQLReport(sqlState: "23505", constraint: "a_key"), "unique a_key"),
        (PostgreSQLReport(sqlState: "23503"), "statement"),
        (PostgreSQLReport(sqlState: "42601"), "statement"),
        (PostgreSQLReport(sqlState: "25006"), "statement"),
        (PostgreSQLReport(sqlState: "57014"), "unavailable"),
        (PostgreSQLReport(sqlState: "53100"), "unavailable"),
        (PostgreSQLReport(sqlState: "58030"), "unavailable"),
    ]

    @Test(arguments: failures.indices)
    func `An error of the server means what it should to the transaction`(_ index: Int) {
        let (report, expected) = Self.failures[index]
        let meaning =
            switch report.failure(of: "SELECT") {
            case .conflict: "conflict"
            case .connectionLost: "lost"
            case .commitUncertain: "uncertain"
            case .refused(.uniqueViolation(let name)): "unique \(name)"
            case .refused(.statement): "statement"
            case .refused(.unavailable): "unavailable"
            case .refused(let other): "\(other)"
            }
        #expect(meaning == expected, "\(report.sqlState ?? "-")")
    }

    @Test func `A primary that has become a copy is left for a new connection`() {
        guard case .connectionLost = PostgreSQLReport(sqlState: "25006").failure(of: "INSERT", isStandby: true) else {
            Issue.record("a copy takes no writes")
            return
        }
    }

    // MARK: Statement cache

    @Test func `The statement that was not used for the longest time goes first`() {
        var cache = PostgreSQLStatementCache(capacity: 2)
        let first = cache.add("a")
        let second = cache.add("b")
        let used = cache.name(of: "a")
        let third = cache.add("c")
        let left = ["a", "b", "c"].map { cache.name(of: $0) }
        #expect(used == first)
        #expect(left == [first, nil, third])
        let evicted = [cache.takeEvictedNames(), cache.takeEvictedNames()]
        #expect(evicted == [[second], []])
        let again = cache.add("b")
        #expect(Set([first, second, third, again]).count == 4)
    }

    @Test func `A statement that was not prepared after all is forgotten`() {
        var cache = PostgreSQLStatementCache(capacity: 1)
        let failed = cache.add("a")
        cache.forget("a", named: failed)
        let forgotten = cache.name(of: "a")
        #expect(forgotten == nil)
        let prepared = cache.add("a")
        cache.forget("a", named: failed)
        let kept = cache.name(of: "a")
        #expect(kept == prepared)
        _ = cache.add("b")
        cache.forget("a", named: prepared)
        let evicted = cache.takeEvictedNames()
        #expect(evicted == [])
    }

    // MARK: Outages

    @Test func `An outage is waited for, tried now and then, given up, and ended`() {
        var limits = PostgreSQLLimits()
        limits.outageBudget = .seconds(5)
        limits.connectTimeout = .seconds(2)
        let start = ContinuousClock.now
        let deadline = start + .seconds(5)
        var outage = PostgreSQLOutage(limits: limits)
        func expect(
            _ expected: PostgreSQLOutage.Step, after time: Duration, deadline: ContinuousClock.Instant,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let step = outage.step(at: start + time, deadline: deadline)
            #expect(step == expected, sourceLocation: sourceLocation)
        }

        expect(.attempt, after: .zero, deadline: start)
        var isFirst = outage.failed("gone", at: start, jitter: 1)
        #expect(isFirst)
        let retry = Duration.milliseconds(50)
        expect(.wait(until: start + retry), after: .zero, deadline: deadline)
        expect(.attempt, after: retry, deadline: deadline)
        // Somebody else tries already.
        expect(.wait(until: start + retry + .seconds(2)), after: retry, deadline: deadline)
        isFirst = outage.failed("still gone", at: start + retry, jitter: 1)
        #expect(!isFirst)
        expect(.giveUp(reason: "still gone"), after: retry, deadline: start + retry)
        expect(.wait(until: start + retry * 3), after: retry, deadline: deadline)

        let long = Duration.seconds(6)
        expect(.attempt, after: long, deadline: start + long * 2)
        _ = outage.failed("gone for good", at: start + long, jitter: 0)
        expect(.giveUp(reason: "gone for good"), after: long, deadline: start + long * 2)
        let lengths = [outage.ended(at: start + long), outage.ended(at: start + long)]
        #expect(lengths == [long, nil])
        expect(.attempt, after: long, deadline: start + long)
    }

    // MARK: Queue and gate

    private func job(_ id: UInt64) -> PostgreSQLPool.Job {
        PostgreSQLPool.Job(id: id, access: .read, work: .single { _ in }, fail: { _ in })
    }

    @Test func `Jobs leave in the order of their arrival, or whenever they like`() {
        var queue = PostgreSQLJobQueue()
        let isTaken = (1...6).map { queue.append(job($0), maximum: 5) }
        #expect(isTaken == [true, true, true, true, true, false])
        let left = [queue.remove(1), queue.remove(3), queue.remove(3)].map { $0?.id }
        #expect(left == [1, 3, nil])
        let next = [queue.first, queue.removeFirst()?.id]
        #expect(next == [2, 2])
        _ = queue.append(job(7), maximum: 5)
        let rest = queue.removeAll().map(\.id)
        #expect(rest == [4, 5, 7])
        let none = queue.removeFirst()
        #expect(none?.id == nil)
    }

    @Test func `A queue in which many come and go stays in order`() {
        var queue = PostgreSQLJobQueue()
        var served: [UInt64?] = []
        for id in 1...10_000 as ClosedRange<UInt64> {
            _ = queue.append(job(id), maximum: 2)
            _ = queue.append(job(id + 100_000), maximum: 2)
            _ = queue.remove(id + 100_000)
            served.append(queue.removeFirst()?.id)
        }
        #expect(served == (1...10_000).map { $0 })
    }

    @Test func `One that goes alone has nobody beside it`() async {
        let gate = PostgreSQLWriteGate()
        let inside = NIOLockedValueBox((count: 0, isAlone: false))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread {
                            let isAlone = number % 5 == 0
                            gate.pass(alone: isAlone) {
                                inside.withLockedValue { inside in
                                    #expect(!inside.isAlone && (!isAlone || inside.count == 0))
                                    inside.count += 1
                                    inside.isAlone = isAlone
                                }
                                // Others get their chance to come in.
                                sched_yield()
                                inside.withLockedValue { inside in
                                    inside.count -= 1
                                    inside.isAlone = false
                                }
                            }
                            continuation.resume()
                        }.start()
                    }
                }
            }
        }
        #expect(inside.withLockedValue { $0.count } == 0)
    }

    @Test func `Those that go with others meet inside`() async {
        let gate = PostgreSQLWriteGate()
        let arrivals = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let haveMet = await withTaskGroup(of: Bool.self) { group in
            for (own, other) in [arrivals, (arrivals.1, arrivals.0)] {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread {
                            let hasMet = gate.pass(alone: false) {
                                own.signal()
                                return other.wait(timeout: .now() + 60) == .success
                            }
                            continuation.resume(returning: hasMet)
                        }.start()
                    }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(haveMet)
    }

    // MARK: Numbers

    @Test(
        arguments: [
            ([0, 0, 0, 0], 0.0), ([1, 0, 0, 0, 1], 1.0), ([1, 0, 0x4000, 0, 1], -1.0), ([1, 1, 0, 0, 1], 10_000.0),
            ([2, 1, 0, 0, 1, 23], 10_023.0), ([2, 0, 0, 4, 3, 6667], 3.6667), ([1, -1, 0, 4, 25], 0.0025),
            ([0, 0, 0xD000, 0], .infinity), ([0, 0, 0xF000, 0], -.infinity),
        ] as [([Int], Double)])
    func `PostgreSQL's decimal numbers are understood`(_ words: [Int], _ expected: Double) {
        let bytes = words.flatMap { word in [UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word)] }
        bytes.withUnsafeBytes { bytes in
            let number = PostgreSQLNumeric(bytes)
            #expect(number.double == expected)
            if expected.isFinite { #expect(number.integer == Int64(expected)) }
        }
    }
}
