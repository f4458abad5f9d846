import TestPrograms
import Testing

@testable import Database

/// Which closure runs when on the threads of a pool, and with whom.
@Suite struct PostgreSQLScheduleTests {
    private var schedule = PostgreSQLSchedule(writerCount: 6)

    private static func job(_ id: UInt64, _ access: PostgreSQLPool.Access) async -> PostgreSQLPool.Job {
        switch access {
        case .read, .write(.own): PostgreSQLPool.Job(id: id, access: access, work: .single { _ in }, fail: { _ in })
        case .write(let lane): await shared(id, lane)
        }
    }

    /// A job whose caller has gone long ago.
    private static func shared(_ id: UInt64, _ lane: WriteLane) async -> PostgreSQLPool.Job {
        let kept = Kept()
        _ = try? await withCheckedThrowingContinuation { continuation in
            let job = WriteJob(in: lane, { _ in }, continuation)
            kept.job = job
            job.fail(CancellationError())
        }
        guard let job = kept.job else { preconditionFailure("it was made a moment ago") }
        return PostgreSQLPool.Job(id: id, access: .write(lane), work: .shared(job), fail: { _ in })
    }

    private final class Kept { var job: WriteJob? }

    private mutating func add(_ id: UInt64, _ access: PostgreSQLPool.Access) async {
        let job = await Self.job(id, access)
        let isAdded = schedule.add(job, maximum: 1000)
        #expect(isAdded)
    }

    private mutating func take(
        _ role: PostgreSQLSchedule.Role = .all, _ patience: PostgreSQLSchedule.Patience = .some
    ) -> PostgreSQLSchedule.Turn? { schedule.takeTurn(for: role, patience) }

    /// The next job's number.
    private mutating func next(
        _ role: PostgreSQLSchedule.Role = .all, _ patience: PostgreSQLSchedule.Patience = .some
    ) -> UInt64? { take(role, patience)?.job.id }

    private mutating func company(of turn: PostgreSQLSchedule.Turn?) -> [WriteJob] {
        turn.map { schedule.takeCompany(for: $0) } ?? []
    }

    @Test mutating func `Whoever has waited longest is next, and threads for readers take readers only`() async {
        await add(1, .write(.any))
        await add(2, .read)
        await add(3, .write(.same(7)))
        await add(4, .write(.own))
        let id1 = next(.readers)
        #expect(id1 == 2)
        let none2 = next(.readers)
        #expect(none2 == nil)
        let id3 = next()
        #expect(id3 == 1)
        let id4 = next(.all, .none)
        #expect(id4 == 3)
        let id5 = next()
        #expect(id5 == 4)
        let none6 = next(.all, .none)
        #expect(none6 == nil)
    }

    @Test mutating func `What changes the same rows goes together, or one after another`() async throws {
        for id in 1...40 as ClosedRange<UInt64> { await add(id, .write(.same(7))) }
        await add(41, .write(.same(8)))
        let first = try #require(take())
        #expect(first.job.id == 1)
        let company = company(of: first)
        #expect(company.count == PostgreSQLSchedule.maximumGroup - 1 && company.allSatisfy { $0.lane == 7 })
        let second = take(.all, .none)
        #expect(second?.job.id == 41)
        let none7 = next(.all, .none)
        #expect(none7 == nil)
        schedule.end(first)
        let id8 = next(.all, .none)
        #expect(id8 == 33)
    }

    @Test mutating func `A second group waits for company, not longer than a moment, unless it is full`() async {
        for id in 1...3 as ClosedRange<UInt64> { await add(id, .write(.same(Int64(id)))) }
        let first = take()
        let (second, isThere) = (next(), schedule.hasWriter(.none))
        #expect(first?.job.id == 1 && second == nil && isThere)
        // Readers do not wait for that, nor who goes alone.
        await add(4, .read)
        await add(5, .write(.own))
        let reader = next()
        #expect(reader == 4)
        let impatient = [take(.all, .none), take(.all, .none)]
        #expect(impatient.map(\.?.job.id) == [2, 3])
        let alone = next()
        #expect(alone == 5)
        for id in 6..<(6 + UInt64(PostgreSQLSchedule.maximumGroup)) { await add(id, .write(.any)) }
        let full = take()
        #expect(full?.job.id == 6)
        let crowd = company(of: full)
        #expect(crowd.count == PostgreSQLSchedule.maximumGroup - 1)
    }

    @Test mutating func `Three quarters of as many as the group before had are waited for`() async throws {
        for id in 1...8 as ClosedRange<UInt64> { await add(id, .write(.any)) }
        let group = try #require(take())
        let crowd = company(of: group)
        schedule.end(group)
        #expect(crowd.count == 7 && schedule.gathering == .milliseconds(4))
        for id in 9...13 as ClosedRange<UInt64> { await add(id, .write(.same(Int64(id)))) }
        let (early, isThere) = (next(), schedule.hasWriter(.none))
        #expect(early == nil && isThere)
        await add(14, .write(.any))
        let enough = try #require(take())
        #expect(enough.job.id == 9)
    }

    @Test mutating func `The fewer there were, the shorter is the wait for company`() async throws {
        #expect(schedule.gathering == .microseconds(500))
        for id in 1...100 as ClosedRange<UInt64> { await add(id, .write(.any)) }
        let full = try #require(take())
        _ = schedule.takeCompany(for: full)
        #expect(schedule.gathering == .milliseconds(8))
    }

    @Test mutating func `What comes to the lanes of a group while it waits for them goes with it`() async throws {
        await add(1, .write(.same(7)))
        let group = try #require(take())
        let nobody = company(of: group)
        for id in 2...4 as ClosedRange<UInt64> { await add(id, .write(.same(7))) }
        await add(5, .write(.same(8)))
        await add(6, .write(.any))
        let late = schedule.takeLateCompany(for: group, in: [7], beside: 1)
        #expect(nobody.isEmpty && late.map(\.lane) == [7, 7, 7])
        for id in 7...100 as ClosedRange<UInt64> { await add(id, .write(.same(7))) }
        let more = schedule.takeLateCompany(for: group, in: [7], beside: 4)
        #expect(more.count == PostgreSQLSchedule.maximumGroup - 4)
        let strangers = schedule.takeLateCompany(for: group, in: [9], beside: 1)
        #expect(strangers.isEmpty)
        let others = [next(.all, .none), next(.all, .none)]
        #expect(others == [5, 6])
    }

    @Test mutating func `Who goes alone has no company, and ends a group that is gathered`() async {
        await add(1, .write(.own))
        await add(2, .write(.any))
        await add(3, .write(.own))
        await add(4, .write(.any))
        let alone = take()
        let beside = company(of: alone)
        let group = take()
        #expect(alone?.job.id == 1 && group?.job.id == 2)
        let within = company(of: group)
        #expect(beside.isEmpty && within.isEmpty)
        let id13 = next()
        #expect(id13 == 3)
        let id14 = next(.all, .none)
        #expect(id14 == 4)
    }

    @Test mutating func `While no thread serves writers, those for readers do`() async {
        await add(1, .write(.same(7)))
        let none15 = next(.readers)
        #expect(none15 == nil)
        schedule.writerCount = 0
        let id16 = next(.readers)
        #expect(id16 == 1)
    }

    @Test mutating func `Who leaves is not served, and too many are turned away`() async {
        await add(1, .write(.same(7)))
        await add(2, .write(.any))
        let late = await Self.job(3, .write(.same(8)))
        let isTaken = schedule.add(late, maximum: 2)
        let (gone, again) = (schedule.remove(1)?.id, schedule.remove(1)?.id)
        let isTakenNow = schedule.add(late, maximum: 2)
        #expect(!isTaken && gone == 1 && again == nil && isTakenNow)
        let rest = schedule.removeAll().map(\.id).sorted()
        let isMore = schedule.hasWriter(.none)
        #expect(rest == [2, 3] && !isMore)
    }
}
