import Database
import Kernel
import TestDatabase
import TestPrograms
import Testing

@testable import Events

/// Where somebody has events is found in two ways, by whichever has less to do.
@Suite("Where audiences have events")
struct PositionsTests {
    private static let audienceCount = 400

    /// Of different lengths: some events name nearly everybody, in more characters than are read.
    private static func audiences(_ random: SeededRandomness) -> [Audience] {
        let count = random.next() % 25 == 0 ? audienceCount : [1, 1, 1, 2, 5, 40][Int(random.next() % 6)]
        let ids = Set((0..<count).map { _ in Int64(random.next() % UInt64(audienceCount)) + 1 })
        return ids.sorted().map { Audience(id: 1_000_000_000_000 + $0) }
    }

    @Test("both ways find the same", arguments: DatabaseKind.allCases)
    func alike(kind: DatabaseKind) async throws {
        try await EventLogTests.withLog(kind) { database, _, _ in
            let random = SeededRandomness(seed: 11)
            let told = (0..<120).map { _ in Self.audiences(random) }
            for audiences in told {
                try await database.write { tx in tx.emit(.test("SAID"), "said", to: audiences) }
            }
            try await EventLogTests.settle(database)
            try await database.read { tx in
                let first = try tx.first("SELECT MIN(position) FROM events") { $0.integer(0) } ?? 0
                let position = { (index: Int) in first + Int64(index) }
                for _ in 0..<200 {
                    let start = Int(random.next() % 110)
                    let end = start + 1 + Int(random.next() % UInt64(min(60, 120 - start)))
                    let limit = 1 + Int(random.next() % 60)
                    // Few of them are asked for each by itself, many by going through what has happened.
                    let share = [3, 30, Self.audienceCount][Int(random.next() % 3)]
                    let own = Set((1...share).map { Audience(id: 1_000_000_000_000 + Int64($0)) })
                    let expected = (start..<end).filter { !own.isDisjoint(with: told[$0]) }.map(position)
                    let found = try EventStore.positions(
                        of: own, after: position(start - 1), through: position(end - 1), limit: limit, tx)
                    #expect(found == Array(expected.prefix(limit)), "\(start)..<\(end) of \(share)")
                }
            }
        }
    }
}
