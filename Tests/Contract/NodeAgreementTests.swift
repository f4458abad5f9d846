import Chat
import Client
import Database
import Dispatch
import Foundation
import Kernel
import NIOConcurrencyHelpers
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Aviary

/// What has to be the same for all nodes, or another one for each: the time, where files are, the number.
@Suite("What nodes agree on")
struct NodeAgreementTests {
    @Test("what a node says of itself is read as it was said; what no node says is nothing")
    func reports() throws {
        let report = NodeReport(
            version: "a.1.0-1", startedAt: Timestamp(seconds: 9), position: 7, lag: 1, sessions: 3,
            skew: .milliseconds(-4),
            leads: true, folder: "abc", machine: "kestrel", difficulties: [.files, .bus])
        let read = try #require(NodeReport(String(decoding: report.jsonBytes, as: UTF8.self)))
        #expect(read.jsonBytes == report.jsonBytes)
        let late = String(decoding: report.jsonBytes, as: UTF8.self)
            .replacing(#""started_at":9"#, with: #""started_at":9223372036854775807"#)
        for odd in ["", "{}", "[]", late] { #expect(NodeReport(odd) == nil) }
    }

    /// Asks whether a node is ready until the answer is that one.
    /// - Parameter obstacle: one of those that it tells; nil for none.
    private static func ready(_ server: TestServer, obstacle: String?) async throws {
        try await eventually {
            let reply = try await server.send(.GET, "/ready")
            // The clocks of tests stand still, so that after a while there is one more.
            return obstacle.map { reply.status == 503 && reply.issues.contains($0) } ?? (reply.status == 200)
        }
    }

    @Test(
        "a node whose clock is wrong takes nobody's number, and says that it is not ready", arguments: [-90, 90, 3600])
    func wrongClock(skew_s: Int) async throws {
        try await TwoNodes.with(["media.shared_folder": "true"], skew: .seconds(skew_s)) { first, second in
            try await Self.ready(second, obstacle: "clock")
            try await Self.ready(first, obstacle: nil)
            let numbers = try await first.onDatabase { tx in
                try tx.all("SELECT number FROM workers ORDER BY number") { $0.int(0) }
            }
            #expect(numbers == [0, 1])
            // The healthy one goes on.
            let alice = try await first.person("alice")
            try await alice.says("hello", in: alice.foundsServer().general)
        }
    }

    @Test("a node that comes with a folder of files of its own is not ready, unless the folder is said to be shared")
    func folders() async throws {
        try await TwoNodes.with { first, second in
            try await Self.ready(second, obstacle: "files")
            try await Self.ready(first, obstacle: nil)
        }
        let shared = ["media.shared_folder": "true"]
        try await TwoNodes.with(shared) { first, second in
            for node in [first, second] { try await Self.ready(node, obstacle: nil) }
        }
        // It is said, and is not so: as where a network's folder is not mounted.
        try await TestDatabase.withPlace(.postgresql) { place in
            try await TestServer.with(databaseURL: place.address, shared) { first in
                try await Self.ready(first, obstacle: nil)
                try await TestServer.with(databaseURL: place.address, shared) { second in
                    try await Self.ready(second, obstacle: "files")
                    try await Self.ready(first, obstacle: nil)
                    let root = try await first.administrator()
                    try await eventually {
                        let nodes = try await root.does(.GET, "/admin/nodes")["nodes"]?.array ?? []
                        return nodes.map { $0["problems"]?.array?.contains("files") } == [false, true]
                    }
                }
            }
        }
    }

    @Test("nodes that begin a folder at the same time read one name in it, and others another one")
    func folderNames() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        for place in ["one", "two"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(place)/files", withIntermediateDirectories: true)
        }
        let name = { @Sendable (place: String, node: Int) in
            let folder = "\(root)/\(place)/\(node)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: folder + "/media") {
                try FileManager.default.createSymbolicLink(
                    atPath: folder + "/media", withDestinationPath: "\(root)/\(place)/files")
            }
            let settings = try await LoadedSettings.load(
                file: nil, environment: [:], flags: ["data": folder, "media.shared_folder": "true"])
            return try settings.fileFolder(SystemRandomness())?.name
        }
        let first = try await atOnce(16) { try await name("one", $0) }
        #expect(Set(first).count == 1)
        #expect(try await name("one", 3) == first[0])
        #expect(try await name("two", 3) != first[0])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/one/files") == ["name"])
    }

    @Test("a node whose folder of files becomes another one while it runs is not ready")
    func folderGone() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await TestServer.with(databaseURL: place.address, ["media.shared_folder": "true"]) { node in
                try await Self.ready(node, obstacle: nil)
                try "other".write(toFile: node.folder + "/media/name", atomically: true, encoding: .utf8)
                try await Self.ready(node, obstacle: "files")
            }
        }
    }

    @Test("a folder of files that goes away, or becomes another one, is noticed")
    func lostFolder() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try FileFolder(at: path, SystemRandomness())
        /// Whether it is gone after somebody has looked so often.
        func isGone(after looks: Int) async throws -> Bool {
            for _ in 0..<looks {
                folder.look()
                try await eventually { !folder.isLooking }
            }
            return folder.isGone(at: .now)
        }
        #expect(try await !isGone(after: 1))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        defer { try? FileManager.default.removeItem(atPath: path + ".away") }
        // It may be back at once.
        #expect(try await !isGone(after: FileFolder.maximumMisses - 1))
        #expect(try await isGone(after: 1))
        // As under a disk that is not mounted any more.
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(try await isGone(after: 1))
        _ = try FileFolder(at: path, SystemRandomness())
        #expect(try await isGone(after: 1))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        #expect(try await !isGone(after: 1))
    }

    @Test("a folder of files that lets who looks wait for ever is gone")
    func hangingFolder() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let answer = DispatchSemaphore(value: 0)
        let folder = try FileFolder(at: path, SystemRandomness()) { path in
            answer.wait()
            return try? String(contentsOfFile: path, encoding: .utf8)
        }
        let begin = ContinuousClock.now
        folder.look()
        folder.look()
        #expect(!folder.isGone(at: begin + FileFolder.patience / 2))
        #expect(folder.isGone(at: .now + FileFolder.patience + .seconds(1)))
        answer.signal()
        try await eventually { !folder.isLooking }
        #expect(!folder.isGone(at: .now + FileFolder.patience + .seconds(1)))
    }

    @Test("a node that does not come to be is none of the others' nodes")
    func failedStart() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-test-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await TestServer.with(.sqlite) { other in
                for wrong in [["media.store": "s3://files"], ["http.port": "\(other.port)"]] {
                    let flags = ["data": folder, "database.url": place.address, "metrics.enabled": "false"]
                    let settings = try await LoadedSettings.load(
                        file: nil, environment: [:], flags: flags.merging(wrong) { $1 })
                    await #expect(throws: SettingsError.self) {
                        try await AviaryServer(settings, logger: TestServer.silent).run { _ in }
                    }
                }
            }
            let database = try await place.open(migrations: Instance.migrations)
            let nodes = try await database.read { tx in try tx.all("SELECT number FROM workers") { $0.int(0) } }
            #expect(nodes == [])
            await database.close()
        }
    }

    @Test("who comes with files elsewhere is a stranger until the others are gone; who was there first is none")
    func places() {
        func renewal(others: Int, alike: Int) -> WorkerLease.Renewal {
            WorkerLease.Renewal(
                number: 0, isNew: false, skew: .zero, nodesWithOtherStores: others, nodesWithThisStore: alike)
        }
        var (first, second, third) = (FilePlace(), FilePlace(), FilePlace())
        #expect(first.judge(renewal(others: 0, alike: 1)) == (false, false))
        #expect(second.judge(renewal(others: 1, alike: 1)) == (true, true))
        #expect(first.judge(renewal(others: 1, alike: 1)) == (false, true))
        #expect(second.judge(renewal(others: 1, alike: 1)) == (true, false))
        // Whoever comes to one of the first's kind is right with it.
        #expect(third.judge(renewal(others: 1, alike: 2)) == (false, true))
        #expect(second.judge(renewal(others: 0, alike: 1)) == (false, false))
        #expect(second.judge(renewal(others: 1, alike: 1)) == (false, true))
    }

    @Test("who lost the number takes another one, and nothing is written while it is in doubt")
    func lostNumber() async throws {
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations) { database in
            let (clock, now) = (SystemClock(), ContinuousClock.now)
            let lease = try await WorkerLease.take(from: database, holder: "one", store: "a")
            #expect(lease.number == 0 && lease.claim(at: .now) != nil)
            #expect(lease.claim(at: now + .seconds(46)) == nil)
            // It slept, and its time ran out.
            try await database.write { tx in try tx.execute("UPDATE workers SET expires_at = 0 WHERE number = 0") }
            let other = try await WorkerLease.take(from: database, holder: "two", store: "b")
            #expect(other.number == 0)
            let claim = lease.claim(at: .now)
            let renewal = try await lease.renew(in: database, clock: clock) { number in
                #expect(number == 1 && lease.number == 0)
            }
            #expect(renewal.isNew && renewal.number == 1 && lease.number == 1)
            #expect(lease.claim(at: .now) != claim)
            #expect(renewal.nodesWithOtherStores == 1 && renewal.nodesWithThisStore == 1)
            #expect(abs(renewal.skew.wholeMilliseconds) < 1000)
            let again = try await lease.renew(in: database, clock: clock)
            #expect(!again.isNew && again.number == 1)
            try await lease.giveBack(to: database)
            #expect(try await other.renew(in: database, clock: clock).nodesWithOtherStores == 0)
        }
    }

    @Test("a node that is started again in its folder is not taken for two that keep files in the same place")
    func startedAgain() async throws {
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations) { database in
            let clock = SystemClock()
            _ = try await WorkerLease.take(from: database, holder: "first.1", store: "a")
            // It is killed, and its time is not over.
            _ = try await WorkerLease.take(from: database, holder: "second.1", store: "b")
            let again = try await WorkerLease.take(from: database, holder: "second.2", store: "b")
            let renewal = try await again.renew(in: database, clock: clock)
            #expect(renewal.nodesWithThisStore == 1 && renewal.nodesWithOtherStores == 1)
            var place = FilePlace()
            #expect(place.judge(renewal).isStranger)
        }
    }

    @Test("a number that is in doubt writes nothing, and reads on")
    func doubt() async throws {
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations) { database in
            let lease = try await WorkerLease.take(from: database, holder: "one")
            let moment = NIOLockedValueBox(ContinuousClock.now)
            let now = { @Sendable in moment.withLockedValue { $0 } }
            let leased = NodeDatabase(
                database: database, lease: lease, contact: DatabaseContact(now: now), now: now)
            let writes = { @Sendable in
                try await leased.write { tx in
                    try tx.execute("INSERT INTO instance_settings (key, value) VALUES ('a', $1)", [[UInt8(1)]])
                }
            }
            moment.withLockedValue { $0 += .seconds(46) }
            await #expect(throws: DatabaseError.self) { try await writes() }
            #expect(try await leased.read { tx in try tx.count("SELECT 1 FROM instance_settings") } == 0)
            moment.withLockedValue { $0 = .now }
            try await writes()
            // It falls asleep while it writes.
            await #expect(throws: DatabaseError.self) {
                try await leased.write { tx in
                    try tx.execute("DELETE FROM instance_settings")
                    moment.withLockedValue { $0 += .seconds(46) }
                }
            }
            #expect(try await leased.read { tx in try tx.count("SELECT 1 FROM instance_settings") } == 1)
        }
    }
}
