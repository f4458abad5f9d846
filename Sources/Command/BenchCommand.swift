import ArgumentParser
import Aviary
import Client
import Crowds
import Foundation
import Kernel
import UnixSignals

/// `aviary bench`: how many people the machine serves.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Find out how many people this machine serves.",
        discussion: """
            Starts a server of its own with a new database in a folder that is removed at the end, fills it with people who talk to \
            one another, and looks for the largest number of them whom it serves well: 99 of 100 answers within 200 ms, what is \
            said with others as soon, all that there is within a second for who comes online, no error, and nobody lost. Takes \
            some minutes, in which the machine is busy. Nothing of another server is touched.
            """)

    @Option(help: "Where the folder is made. What counts is the disk on which the server would keep its database.")
    var folder = "."

    @Option(help: "Seconds for which each number of people is tried (1 to 3600).")
    var seconds = 10.0

    @Option(help: "Only this number of people: a multiple of 100, of which there is a community each.")
    var people: Int?

    @Option(help: "With --people: how often, such as 60 times 60 seconds for an hour (1 to 10000).")
    var rounds = 1

    @Option(help: "A file for the page (Markdown).")
    var output: String?

    private struct Interrupted: Error {}

    func validate() throws {
        guard 1...3600 ~= seconds else { throw ValidationError("--seconds must be from 1 to 3600") }
        guard 1...10_000 ~= rounds else { throw ValidationError("--rounds must be from 1 to 10000") }
        let people = people ?? Crowd.community
        guard people >= Crowd.community, people.isMultiple(of: Crowd.community) else {
            throw ValidationError("--people must be a multiple of \(Crowd.community)")
        }
        if let output { try Self.requireWritable(output) }
    }

    /// A page that nobody can write is worth no minutes of waiting.
    private static func requireWritable(_ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard file >= 0 else {
            throw ValidationError("--output: \(path) can't be written: \(String(cString: strerror(errno)))")
        }
        close(file)
    }

    func run() async throws {
        ProcessRules.apply()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await measure() }
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
                        throw Interrupted()
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        } catch is Interrupted {
            throw ExitCode(130)
        }
    }

    private func measure() async throws {
        // The server lets connections have three quarters of its files. Some of them, and of the ports, are those by which people act.
        let limit = min(Self.raiseDescriptorLimit() / 4 * 3, Self.ports()) - 500
        guard (people ?? Crowd.community) <= limit else {
            throw ValidationError("a process may have too few open files here for more than \(max(0, limit)) people")
        }
        let place = URL(fileURLWithPath: folder).appendingPathComponent("aviary-bench-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let server = try await RunningServer.start(
            program: Supervisor.ownProgram, database: "sqlite:\(place)/bench.db", folder: place,
            environment: Watch.byStandardInput.merging(["AVIARY_HTTP_HOST": "127.0.0.1"]) { $1 })
        var crowd = Crowd(of: server)
        let result: Result<CapacityReport, any Error>
        do {
            result = .success(try await report(on: &crowd, upTo: limit))
        } catch {
            result = .failure(error)
        }
        crowd.disperse()
        await server.stop()
        let report = try result.get()
        Self.say("\n" + report.sentence)
        if let output { try report.page.write(toFile: output, atomically: true, encoding: .utf8) }
    }

    private func report(on crowd: inout Crowd, upTo limit: Int) async throws -> CapacityReport {
        if let people { return try await hold(people, &crowd) }
        return try await search(upTo: limit, &crowd)
    }

    private func search(upTo limit: Int, _ crowd: inout Crowd) async throws -> CapacityReport {
        let machine = Machine.describe(storing: folder)
        var (search, tried) = (CapacitySearch(limit: limit), [CrowdRound]())
        while let next = search.next {
            let round = try await self.round(of: next, &crowd)
            search.note(round)
            tried.append(round)
        }
        return CapacityReport(machine: machine, rounds: tried, way: search.isBounded ? .boundedSearch : .search)
    }

    private func hold(_ people: Int, _ crowd: inout Crowd) async throws -> CapacityReport {
        let machine = Machine.describe(storing: folder)
        var held: [CrowdRound] = []
        for _ in 0..<rounds { held.append(try await round(of: people, &crowd)) }
        return CapacityReport(machine: machine, rounds: held, way: .holding)
    }

    private func round(of people: Int, _ crowd: inout Crowd) async throws -> CrowdRound {
        let round = try await attempt(people, &crowd)
        Self.say(CapacityReport.line(of: round))
        try Task.checkCancellation()
        return round
    }

    /// At once, be it into a file.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    /// Whom the server does not let in is lost.
    private func attempt(_ people: Int, _ crowd: inout Crowd) async throws -> CrowdRound {
        do {
            try await crowd.gather(people)
            return try await crowd.act(for: seconds)
        } catch let failure as Crowd.Failure {
            Self.say("\(failure)")
            return .refused(people, connected: crowd.connected)
        }
    }

    /// How many connections may be opened to one address.
    private static func ports() -> Int {
        let range = (try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)) ?? ""
        let ends = range.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        return ends.count == 2 ? max(1000, ends[1] - ends[0]) : .max
    }

    /// Each person is an open file of both processes; the server inherits the limit.
    private static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
