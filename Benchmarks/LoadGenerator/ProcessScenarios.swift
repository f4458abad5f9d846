import Client
import Crowds
import Foundation
import Glibc
import Kernel
import NIOHTTP1
import Receiver

/// The memory of the idle process, and of each idle session.
struct MemoryScenario {
    let program: String
    let database: String

    func measure(sessions count: Int) async throws -> [Figure] {
        let server = try await RunningServer.start(program: program, database: database)
        try await Task.sleep(for: .seconds(2))
        let idle = try server.residentMemory()
        let owner = try await Visitor.register("owner", on: server.port)
        _ = try await owner.foundServer()
        // Some sessions first, so that what is set up once is not counted as theirs.
        let warm = try open(200, server, owner)
        try await Task.sleep(for: .seconds(1))
        let before = try server.residentMemory()
        let sessions = try open(count, server, owner)
        try await Task.sleep(for: .seconds(2))
        let after = try server.residentMemory()
        for session in warm + sessions { Glibc.close(session) }
        await server.stop()
        return [
            Figure(
                "idle process", Double(idle) / 1_048_576, "MiB", target: .atMost(60), note: "resident, after the start"),
            Figure(
                "idle identified session", Double(after - before) / Double(count) / 1024, "KiB", target: .atMost(20),
                note: "resident memory of the process, \(count) sessions"),
        ]
    }

    /// What somebody sees of it when so many others are connected.
    func measure(growingTo count: Int) async throws -> [Figure] {
        let server = try await RunningServer.start(
            program: program, database: database,
            environment: ["AVIARY_GATEWAY_CONNECTIONS_PER_USER": "20000"])
        let owner = try await Visitor.register("owner", on: server.port)
        _ = try await owner.foundServer()
        let talker = try await Visitor.register("speaker", on: server.port)
        let own = try await talker.foundServer()
        // Some first, so that what is set up once is not counted as theirs.
        let warm = try open(200, server, owner)
        try await Task.sleep(for: .seconds(1))
        let before = try server.residentMemory()
        let start = ContinuousClock.now
        let sessions = try open(count, server, owner)
        let opening = (ContinuousClock.now - start) / .milliseconds(1)
        try await Task.sleep(for: .seconds(2))
        let after = try server.residentMemory()
        var sends = Histogram()
        for _ in 0..<200 {
            let begin = ContinuousClock.now
            try await talker.send(.POST, "/channels/\(own)/messages", ["content": "A message"])
            sends.record(ContinuousClock.now - begin)
        }
        for session in warm + sessions { Glibc.close(session) }
        await server.stop()
        func figure(_ what: String, _ value: Double, _ unit: String, _ target: Figure.Target? = nil) -> Figure {
            Figure(what, with: count, "sessions", value, unit, target: target)
        }
        return [
            figure("memory of each", Double(after - before) / Double(count) / 1024, "KiB", .atMost(5)),
            figure("memory of all", Double(after) / 1_048_576, "MiB"),
            figure("connect, IDENTIFY and READY", opening / Double(count), "ms"),
            figure("send in a server of another", sends.percentile_ms(0.5), "ms"),
        ]
    }

    private func open(_ count: Int, _ server: RunningServer, _ visitor: Visitor) throws -> [Int32] {
        try (0..<count).map { _ in
            let descriptor = receiver_open_session(Int32(server.port), visitor.token)
            guard descriptor >= 0 else { throw FanOutScenario.Failure.sessionRefused }
            return descriptor
        }
    }
}

/// From the start of the process to its first healthy answer, on a database that has something in it.
struct StartScenario {
    let program: String
    let database: String

    func measure(messages: Int, starts: Int) async throws -> Figure {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-bench-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try await RunningServer.start(program: program, database: database, folder: folder)
        let owner = try await Visitor.register("starter", on: first.port)
        let channel = try await owner.foundServer()
        for _ in 0..<messages / 50 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await owner.send(.POST, "/channels/\(channel)/messages", ["content": "A message"])
                    }
                }
                try await group.waitForAll()
            }
        }
        await first.stop()
        var times: [Double] = []
        for _ in 0..<starts {
            let server = try await RunningServer.start(program: program, database: database, folder: folder)
            times.append(Double(server.startTime.wholeMilliseconds))
            await server.stop()
        }
        return Figure(
            "cold start", times.median, "ms", target: .atMost(300),
            note: "to the first healthy answer, \(messages) messages in the database")
    }
}
