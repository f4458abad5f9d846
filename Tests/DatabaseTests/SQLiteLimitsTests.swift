import Foundation
import Kernel
import TestDatabase
import TestPrograms
import Testing

@testable import Database

/// What bounds reading on SQLite, and what reading may do to the file.
@Suite struct SQLiteLimitsTests {
    private static func open(
        _ place: DatabasePlace, at path: String? = nil, lockTimeout: Duration = .seconds(10),
        _ limits: SQLiteLimits = SQLiteLimits()
    ) async throws -> SQLiteDatabase {
        try await SQLiteDatabase(
            path: path ?? place.address,
            configuration: DatabaseConfiguration(
                migrations: [.things], logger: ReadableLog().logger, maximumConnections: 3, lockTimeout: lockTimeout),
            limits: limits)
    }

    /// Reads all the time: each reader begins before the one before it ends.
    private static func overlap(on database: any SQLDatabase, while goesOn: @Sendable () -> Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var last: Barrier?
            while goesOn() {
                let (hasBegun, ends) = (Signal(), Barrier())
                group.addTask {
                    try await database.read { tx in
                        _ = try tx.thingCount()
                        hasBegun.fire()
                        ends.wait()
                    }
                }
                await hasBegun.wait()
                if let last {
                    last.open()
                    try await group.next()
                }
                last = ends
            }
            last?.open()
            try await group.waitForAll()
        }
    }

    @Test(arguments: ["test.db", "link.db"])
    func `Readers that overlap without end do not have the log grow without end`(_ name: String) async throws {
        try await TestDatabase.withPlace(.sqlite) { place in
            let longest_bytes = 256 << 10
            let folder = URL(fileURLWithPath: place.address).deletingLastPathComponent()
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: "link.db"), withDestinationURL: URL(fileURLWithPath: place.address))
            let database = try await Self.open(
                place, at: folder.appending(path: name).path,
                // On a busy machine the readers may take their time.
                SQLiteLimits(usualLogPages: 10, longestLog_bytes: longest_bytes, restartTimeout: .seconds(1)))
            let isOver = Counter()
            async let reading: Void = Self.overlap(on: database) { isOver.value == 0 }
            var longest = 0
            for id in 1...400 {
                try await database.write { try $0.addThing(id, name: String(repeating: "\(id) ", count: 4000)) }
                longest = max(longest, try #require(try Self.size(place.address + "-wal")))
            }
            isOver.increment()
            try await reading
            // Now and then those who come hold up the wait for those who were there before. Without an end it would be 20 MiB.
            #expect(longest < 32 * longest_bytes)
            try await #expect(database.thingCount() == 400)
            await database.close()
        }
    }

    private static func size(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    @Test(.timeLimit(.minutes(1)))
    func `Closing waits for nobody who reads in another process, and holds up nobody who writes there`() async throws {
        try await TestDatabase.withPlace(.sqlite) { place in
            let database = try await Self.open(place, lockTimeout: .seconds(600))
            let other = try await Self.open(place, lockTimeout: .seconds(600))
            let (hasBegun, ends) = (Signal(), Barrier())
            async let reading: Int = other.read { tx in
                let count = try tx.thingCount()
                hasBegun.fire()
                ends.wait()
                return count
            }
            await hasBegun.wait()
            try await database.write { try $0.addThing(1) }
            await database.close()
            try await other.write { try $0.addThing(2) }
            ends.open()
            #expect(try await reading == 0)
            await other.close()
            #expect(try Self.size(place.address + "-wal") ?? 0 == 0)
        }
    }

    @Test func `Who reads for too long is broken off, and the next one is served`() async throws {
        try await TestDatabase.withPlace(.sqlite) { place in
            let database = try await Self.open(place, SQLiteLimits(readTimeout: .milliseconds(500)))
            await expect(.unavailable) {
                _ = try await database.read { tx in
                    try tx.first(
                        """
                        WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers)
                        SELECT COUNT(*) FROM numbers
                        """
                    ) { $0.int(0) }
                }
            }
            for id in 1...3 {
                try await database.write { try $0.addThing(id) }
                try await #expect(database.thingCount() == id)
            }
            await database.close()
        }
    }
}
