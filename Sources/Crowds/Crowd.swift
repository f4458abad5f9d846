import Client
import Foundation
import Kernel
import NIOHTTP1

/// People of a server that was started to be measured, as they are: each is connected, and does something now and then (`Mix`).
///
/// They are in communities of a hundred, so each message goes to a hundred connections.
package struct Crowd: Sendable {
    package static let community = 100
    private static let workers = 64

    package enum Failure: Error, CustomStringConvertible {
        /// The server did not take a connection; the steps are those of `receiver_open_session`.
        case sessionRefused(step: Int, String)

        package var description: String {
            switch self {
            case .sessionRefused(let step, let reason): "not everybody was let in (step \(step) of 5: \(reason))"
            }
        }
    }

    private struct Person: Sendable {
        let token: String
        let channel: String
    }

    private let mix: Mix
    private let port: Int
    /// Of the server, whose time is told.
    private let process: Int32
    private var people: [Person] = []
    private var batches: [SessionBatch] = []

    package init(of server: RunningServer, doing mix: Mix = .everyday) {
        self.mix = mix
        port = server.port
        process = server.processID
    }

    // MARK: Gathering

    /// Has so many people connected, and no more.
    /// - Parameter count: a multiple of `community`; others are rounded down.
    package mutating func gather(_ count: Int) async throws {
        let communities = max(1, count / Self.community)
        try await grow(to: communities)
        while batches.count > communities { batches.removeLast().close() }
        for number in batches.indices where batches[number].lost > 0 {
            batches[number].close()
            batches[number] = try connect(number)
        }
        for number in batches.count..<communities { batches.append(try connect(number)) }
    }

    private func connect(_ community: Int) throws -> SessionBatch {
        let own = people[(community * Self.community)...].prefix(Self.community)
        return try SessionBatch(own.map(\.token), port: port)
    }

    package var connected: Int { batches.count * Self.community }

    /// To be called at the end.
    package mutating func disperse() {
        for batch in batches { batch.close() }
        batches = []
    }

    private mutating func grow(to communities: Int) async throws {
        let (port, known) = (port, people.count / Self.community)
        people += try await withThrowingTaskGroup(of: [Person].self) { group in
            var new: [Person] = []
            for number in known..<max(communities, known) {
                // A few communities at a time.
                if number - known >= 8, let some = try await group.next() { new += some }
                group.addTask { try await Self.found(number, port) }
            }
            for try await some in group { new += some }
            return new
        }
    }

    private static func found(_ number: Int, _ port: Int) async throws -> [Person] {
        let owner = try await Visitor.register("p\(number)_0", on: port)
        let channel = try await owner.foundServer()
        let code = try await owner.invite(to: channel)
        await owner.connection.close()
        var people = [Person(token: owner.token, channel: channel)]
        for index in 1..<community {
            let visitor = try await Visitor.register("p\(number)_\(index)", on: port)
            try await visitor.send(.POST, "/channels/invites/\(code)")
            await visitor.connection.close()
            people.append(Person(token: visitor.token, channel: channel))
        }
        return people
    }

    // MARK: Acting

    /// Requests come at random moments (Poisson), whether the ones before are answered or not, and are measured from the moment at
    /// which they were due.
    package func act(for seconds: Double) async throws -> CrowdRound {
        let begin = ContinuousClock.now
        let before = try times()
        let rate = Double(connected) * mix.perSecond / Double(Self.workers)
        let (people, end) = (people.prefix(connected), begin + .seconds(seconds))
        async let seen = Witness.watch(
            people[0].channel, as: people[0].token, listening: people[1].token, on: port, until: end)
        let asked = try await withThrowingTaskGroup(of: CrowdLatencies.self) { group in
            for _ in 0..<Self.workers {
                group.addTask { [mix] in try await Self.work(people, mix, port, from: begin, until: end, rate: rate) }
            }
            return try await group.reduce(into: CrowdLatencies()) { $0.merge($1) }
        }
        let elapsed_s = (.now - begin) / .seconds(1)
        let after = try times()
        var latencies = asked
        latencies.merge(try await seen)
        return CrowdRound(
            people: connected, latencies: latencies, lost: batches.reduce(0) { $0 + $1.lost }, elapsed_s: elapsed_s,
            server_s: after.server - before.server, measuring_s: after.own - before.own,
            memory_bytes: (try? RunningServer.residentMemory(of: process)) ?? 0)
    }

    private func times() throws -> (server: Double, own: Double) {
        (
            try ProcessorTime.seconds(of: process),
            try ProcessorTime.seconds(of: ProcessInfo.processInfo.processIdentifier)
        )
    }

    private static func work(
        _ people: ArraySlice<Person>, _ mix: Mix, _ port: Int, from begin: ContinuousClock.Instant,
        until end: ContinuousClock.Instant, rate: Double
    ) async throws -> CrowdLatencies {
        let connection = try await HTTPConnection.connect(port: port)
        var latencies = CrowdLatencies()
        var due = begin
        while let person = people.randomElement() {
            due += .seconds(-log(Double.random(in: Double.leastNonzeroMagnitude..<1)) / rate)
            guard due < end else { break }
            try await Task.sleep(until: due, clock: .continuous)
            let deed = mix.byChance()
            do {
                let visitor = Visitor(connection: connection, token: person.token)
                try await deed.happen(in: person.channel, by: visitor, on: port)
                latencies.record(.now - due, of: deed)
            } catch {
                latencies.failures += 1
            }
        }
        await connection.close()
        return latencies
    }
}
