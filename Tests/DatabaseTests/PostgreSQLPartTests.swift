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
        let (a, b) = (cache.add("a"), cache.add("b"))
        #expect(cache.name(of: "a") == a)
        let c = cache.add("c")
        #expect(cache.name(of: "b") == nil)
        #expect(cache.name(of: "a") == a)
        #expect(cache.name(of: "c") == c)
        #expect(cache.takeEvictedNames() == [b])
        #expect(cache.takeEvictedNames() == [])
        #expect(Set([a, b, c, cache.add("b")]).count == 4)
    }

    @Test func `A statement that was not prepared after all is forgotten`() {
        var cache = PostgreSQLStatementCache(capacity: 1)
        let a = cache.add("a")
        cache.forget("a", named: a)
        #expect(cache.name(of: "a") == nil)
        let again = cache.add("a")
        cache.forget("a", named: a)
        #expect(cache.name(of: "a") == again)
        _ = cache.add("b")
        cache.forget("a", named: again)
        #expect(cache.takeEvictedNames() == [])
    }

    // MARK: Outages

    @Test func `An outage is waited for, tried now and then, given up, and ended`() {
        var limits = PostgreSQLLimits()
        limits.outageBudget = .seconds(5)
        limits.connectTimeout = .seconds(2)
        let start = ContinuousClock.now
        var outage = PostgreSQLOutage(limits: limits)
        #expect(outage.step(at: start, deadline: start) == .attempt)
        #expect(outage.failed("gone", at: start, jitter: 1))
        let deadline = start + .seconds(5)
        #expect(outage.step(at: start, deadline: deadline) == .wait(until: start + .milliseconds(50)))
        let later = start + .milliseconds(50)
        #expect(outage.step(at: later, deadline: deadline) == .attempt)
        // Somebody else tries already.
        #expect(outage.step(at: later, deadline: deadline) == .wait(until: later + .seconds(2)))
        #expect(!outage.failed("still gone", at: later, jitter: 1))
        #expect(outage.step(at: later, deadline: later) == .giveUp(reason: "still gone"))
        #expect(outage.step(at: later, deadline: deadline) == .wait(until: later + .milliseconds(100)))
        let muchLater = start + .seconds(6)
        #expect(outage.step(at: muchLater, deadline: muchLater + .seconds(5)) == .attempt)
        #expect(!outage.failed("gone for good", at: muchLater, jitter: 0))
        #expect(
            outage.step(at: muchLater, deadline: muchLater + .seconds(5)) == .giveUp(reason: "gone for good"))
        #expect(outage.ended(at: muchLater) == .seconds(6))
        #expect(outage.ended(at: muchLater) == nil)
        #expect(outage.step(at: muchLater, deadline: muchLater) == .attempt)
    }

    // MARK: Queue and gate

    private func job(_ id: UInt64) -> PostgreSQLPool.Job {
        PostgreSQLPool.Job(id: id, access: .read, run: { _ in }, fail: { _ in })
    }

    @Test func `Jobs leave in the order of their arrival, or whenever they like`() {
        var queue = PostgreSQLJobQueue()
        for id in 1...5 as ClosedRange<UInt64> { #expect(queue.append(job(id), maximum: 5)) }
        #expect(!queue.append(job(6), maximum: 5))
        #expect(queue.remove(1)?.id == 1)
        #expect(queue.remove(3)?.id == 3)
        #expect(queue.remove(3) == nil)
        #expect(queue.first == 2)
        #expect(queue.removeFirst()?.id == 2)
        #expect(queue.append(job(7), maximum: 5))
        #expect(queue.removeAll().map(\.id) == [4, 5, 7])
        #expect(queue.removeFirst() == nil)
        for id in 10...10_000 as ClosedRange<UInt64> {
            #expect(queue.append(job(id), maximum: 2))
            #expect(queue.append(job(id + 100_000), maximum: 2))
            #expect(queue.remove(id + 100_000) != nil)
            #expect(queue.removeFirst()?.id == id)
        }
    }

    @Test func `One that goes alone has nobody beside it`() async {
        let gate = PostgreSQLWriteGate()
        let inside = NIOLockedValueBox((count: 0, isAlone: false, maximum: 0))
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
                                    inside.maximum = max(inside.maximum, inside.count)
                                }
                                Thread.sleep(forTimeInterval: 0.002)
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
        #expect(inside.withLockedValue { $0.maximum } > 1)
    }

    // MARK: Numbers

    @Test(arguments: [
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
