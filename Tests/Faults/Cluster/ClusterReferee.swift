import ArgumentParser
import Client
import Foundation
import Kernel
import NIOHTTP1
import TestPrograms

/// Breaks parts of a cluster under load, one after the other, and holds what everybody saw against each other.
struct ClusterReferee: Sendable {
    struct Plan: Sendable {
        let nodes: Int
        let faults: [Fault]
        let rounds: Int
        let hold_s: ClosedRange<Int>
        let writers: Int
        let pause_ms: Int
        /// For each node.
        let replays: Int
        let sabotage: String?
        let seed: UInt64
    }

    let plan: Plan
    let cluster: Cluster
    let company: Company
    let ledger: Ledger
    let witnesses: [Session]
    let guests: [Session]
    let random: SeededRandomness

    static func run(_ plan: Plan) async throws {
        let cluster = try await Cluster.around(nodes: plan.nodes)
        let company = try await Company.gather(
            at: cluster.nodes[0], writers: plan.writers, guests: plan.nodes)
        let frontier = Frontier()
        func session(_ kind: String, _ index: Int, _ person: Company.Person, _ viewer: String?) -> Session {
            Session(
                name: "\(kind) of node \(index + 1)", viewer: viewer, token: person.token,
                endpoints: Array(cluster.nodes[index...] + cluster.nodes[..<index]), frontier: frontier)
        }
        let referee = ClusterReferee(
            plan: plan, cluster: cluster, company: company, ledger: Ledger(),
            witnesses: cluster.nodes.indices.map { session("witness", $0, company.owner, nil) },
            guests: company.guests.enumerated().map { session("guest", $0.offset, $0.element, $0.element.id) },
            random: SeededRandomness(seed: plan.seed))
        try await referee.run()
    }

    private func run() async throws {
        for session in witnesses + guests { try await session.begin() }
        let listening = (witnesses + guests).map { session in Task { await session.listen() } }
        if let sabotage = plan.sabotage { try await cluster.does("sabotage", sabotage) }
        let acting = startEverybody()
        var stalls: [String] = []
        for round in 1...plan.rounds {
            if let stall = try await playRound(round) { stalls.append(stall) }
        }
        await ledger.close()
        for task in acting { await task.value }
        stalls += await curtain()
        for session in witnesses + guests { await session.stop() }
        for task in listening { await task.value }
        try await judge(stalls)
    }

    private func startEverybody() -> [Task<Void, Never>] {
        // The first comes by the balancer, the others by the nodes in turn.
        let writers = company.writers.enumerated().map { index, person in
            let first = index % (cluster.nodes.count + 1)
            let all = [cluster.balancer] + cluster.nodes
            return Writer(
                person: person, channels: company.stage.channels,
                caller: Caller(token: person.token, endpoints: Array(all[first...] + all[..<first]), ledger: ledger),
                ledger: ledger, pause: .milliseconds(plan.pause_ms))
        }
        let storm = Storm(
            company: company, endpoints: cluster.nodes, ledger: ledger, random: SeededRandomness(seed: plan.seed &+ 1),
            pause: .milliseconds(100), doubt: .seconds(5 + 2 * plan.hold_s.upperBound))
        return writers.map { writer in Task { await writer.write() } } + [Task { await storm.rage() }]
    }

    // MARK: A round

    /// - Returns: what did not go on.
    private func playRound(_ round: Int) async throws -> String? {
        try await Task.sleep(for: .milliseconds(Int(300 + random.next() % 500)))
        let fault = plan.faults[(round - 1) % plan.faults.count]
        let victim = Int(random.next() % UInt64(plan.nodes)) + 1
        let span = UInt64(plan.hold_s.upperBound - plan.hold_s.lowerBound + 1)
        let hold = Duration.seconds(plan.hold_s.lowerBound + Int(random.next() % span))
        let before = await ledger.acknowledged.count
        let failuresBefore = await ledger.failures.count
        await ledger.beginsRound()
        let from = await ledger.now
        try await fault.strike(cluster, victim: victim, for: hold, random) {
            await inspect(fault, victim: victim)
        }
        let healed = await ledger.now
        let stall = await recovery(round, fault)
        let through = await ledger.now
        await ledger.add(.init(places: fault.places(victim: victim), from: from, through: through))
        for session in witnesses + guests { await session.goHome() }

        let failures = await ledger.failures.dropFirst(failuresBefore)
        let gap = await ledger.longestGap
        print(
            "round \(round): \(fault.rawValue) (node \(victim)) for \(seconds(healed - from)): "
                + "\(await ledger.acknowledged.count - before) acknowledged, longest gap \(seconds(gap)), "
                + "\(failures.count) × 5xx, all well \(seconds(through - healed)) later")
        // Whoever looks on sees each round when it ends.
        fflush(nil)
        return stall
    }

    private func seconds(_ duration: Duration) -> String {
        "\(Double(duration.wholeMilliseconds) / 1000) s"
    }

    /// What has to hold while the fault lasts.
    private func inspect(_ fault: Fault, victim: Int) async {
        switch fault {
        case .diskFull:
            for node in cluster.nodes {
                let path = "/channels/\(company.calm)/messages?limit=1"
                let reply = await node.send(.GET, path, as: company.owner.token)
                if reply?.status != 200 {
                    await ledger.find("\(node.place) does not read: \(reply?.text ?? "no answer")")
                }
            }
        case .cutDatabase:
            if await cluster.nodes[victim - 1].isReady { await ledger.find("a node without a database is ready") }
        default: break
        }
    }

    /// Waits until everybody gets on, every node is ready, and every witness hears what is said then.
    private func recovery(_ round: Int, _ fault: Fault) async -> String? {
        let before = await ledger.allDeeds
        let names = company.writers.map(\.name) + [Storm.name]
        do {
            try await eventually(within: .seconds(90)) {
                for node in cluster.nodes where await !node.isReady { return false }
                let since = await ledger.deeds(since: before)
                return names.allSatisfy { since[$0, default: 0] >= 2 }
            }
            guard let last = await ledger.acknowledged.last?.message.id else { return nil }
            for witness in witnesses { try await eventually { await witness.hasHeard(last) } }
            return nil
        } catch {
            let since = await ledger.deeds(since: before)
            let idle = names.filter { since[$0, default: 0] < 2 }
            return "after \(fault.rawValue) in round \(round): \(error); no deeds of \(idle)"
        }
    }

    /// The last word, that everybody hears.
    private func curtain() async -> [String] {
        let caller = Caller(token: company.owner.token, endpoints: cluster.nodes, ledger: ledger)
        let reply = await caller.insist(
            .POST, "/channels/\(company.calm)/messages", ["content": "the end", "nonce": "owner-0"])
        await caller.hangUp()
        guard let last = Sighting(reply.json) else { return ["the last word was refused: \(reply.text)"] }
        await ledger.acknowledge(last, in: company.calm)
        return await withTaskGroup(of: String?.self) { group in
            for session in witnesses + guests {
                group.addTask {
                    do {
                        try await eventually(within: .seconds(30)) { await session.hasHeard(last.id) }
                        return nil
                    } catch {
                        return "\(await session.account.name) does not hear the last word"
                    }
                }
            }
            return await group.reduce(into: []) { deaf, one in if let one { deaf.append(one) } }
        }
    }

    // MARK: The verdict

    private func judge(_ stalls: [String]) async throws {
        var observations = ClusterVerdict.Observations(stage: company.stage)
        observations.acknowledged = await ledger.acknowledged
        observations.deleted = await ledger.deleted
        for channel in company.stage.channels {
            observations.history[channel] = try await company.history(of: channel, at: cluster.nodes[0])
        }
        for session in witnesses + guests { observations.accounts.append(await session.account) }
        observations.replays = try await replays()
        observations.failures = await ledger.failures
        observations.windows = await ledger.windows
        observations.oddities = await ledger.oddities
        observations.stalls = stalls
        observations.nodesMayBeLate = plan.faults.contains { $0 != .none }
        let verdict = ClusterVerdict(observations)
        var longest = Duration.zero
        for witness in witnesses { longest = max(longest, await witness.longestGap) }
        print(
            """
            acknowledged \(observations.acknowledged.count), taken back \(observations.deleted.count), in the history \
            \(observations.history.values.map(\.count).reduce(0, +)), heard by the witnesses \
            \(observations.accounts.filter { $0.viewer == nil }.map { "\($0.messages)" }.joined(separator: ", ")), by the \
            guests \(observations.accounts.filter { $0.viewer != nil }.map { "\($0.messages)" }.joined(separator: ", ")); \
            \(observations.replays.count) replays of \(observations.replays.map(\.messages).reduce(0, +)); longest silence \
            of a witness \(seconds(longest)); 5xx: \(observations.failures.count - verdict.failuresOutside.count) within \
            faults, \(verdict.failuresOutside.count) outside
            """)
        for fault in verdict.faults { print("fault: not so that \(fault.check.rawValue): \(fault.what)") }
        let failed = verdict.faults.count
        print("\(ClusterVerdict.Check.allCases.count - failed) checks passed, \(failed) failed")
        if failed > 0 { throw ExitCode.failure }
    }

    /// From every tenth position that a witness heard, and from every tenth of a guest's, at every node; evenly fewer when these
    /// are more than planned.
    private func replays() async throws -> [Account] {
        try await withThrowingTaskGroup(of: [Account].self) { group in
            for (index, node) in cluster.nodes.enumerated() {
                for session in [witnesses[index], guests[index]] {
                    group.addTask {
                        let account = await session.account
                        let tenths = stride(from: 0, to: account.heard.count, by: 10).map { account.heard[$0].position }
                        let step = max(1, (tenths.count + plan.replays - 1) / max(1, plan.replays))
                        var replays: [Account] = []
                        for position in stride(from: 0, to: tenths.count, by: step).map({ tenths[$0] }) {
                            replays.append(try await session.replay(after: position, at: node))
                        }
                        return replays
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

extension Account {
    fileprivate var messages: Int {
        heard.count { if case .message = $0.occurrence { true } else { false } }
    }
}
