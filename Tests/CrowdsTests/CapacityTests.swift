import Testing

@testable import Crowds

/// How many people a machine serves, and what is said of it.
@Suite struct CapacityTests {
    /// - Returns: what is tried on a machine that serves so many, with the answer.
    private func search(
        _ capacity: Int, limit: Int = 19_000, isMoody: (_ tries: Int) -> Bool = { _ in false }
    ) -> (tried: [Int], search: CapacitySearch) {
        var (search, tried) = (CapacitySearch(limit: limit), [Int]())
        while let next = search.next, tried.count < 100 {
            tried.append(next)
            let isServed = next <= capacity && !isMoody(tried.count)
            search.note(round(next, failures: isServed ? 0 : 1))
        }
        return (tried, search)
    }

    @Test(arguments: [0, 50, 100, 250, 499, 500, 700, 1000, 4321, 9999, 12_000, 18_999])
    func `What is found is served, and not much more is`(_ capacity: Int) {
        let (tried, search) = search(capacity)
        #expect(search.most <= capacity)
        #expect(Double(search.most) >= Double(capacity) / 1.11 - 100)
        #expect(!search.isBounded)
        #expect(tried.count < 25 && tried.allSatisfy { $0 >= 100 && $0.isMultiple(of: 100) })
    }

    @Test(arguments: [0, 100, 350, 19_000])
    func `Where more can't be tried, the search ends there and says so`(_ limit: Int) {
        let (tried, search) = search(.max, limit: limit)
        #expect(search.isBounded && search.most == max(100, limit / 100 * 100))
        #expect(tried.allSatisfy { $0 <= max(100, limit) })
    }

    @Test func `What was bad once is tried once more`() {
        let (tried, search) = search(4000) { $0 == 2 }
        #expect(tried.prefix(3) == [500, 1000, 1000])
        #expect(search.most >= 3600)
    }

    private func round(
        _ people: Int, _ answers: [Duration] = [.milliseconds(3)], entrances: [Duration] = [],
        arrivals: [Duration] = [],
        failures: Int = 0, lost: Int = 0
    ) -> CrowdRound {
        var latencies = CrowdLatencies()
        for time in answers { latencies.record(time, of: .read) }
        for time in entrances { latencies.record(time, of: .comeOnline) }
        for time in arrivals { latencies.arrivals.record(time) }
        latencies.failures = failures
        return CrowdRound(
            people: people, latencies: latencies, lost: lost, elapsed_s: 10, server_s: 2, measuring_s: 1,
            memory_bytes: people << 20)
    }

    @Test func `A round is good when nothing failed, nobody was lost, and all but one in a hundred waited for short`() {
        let soon = [Duration](repeating: .milliseconds(5), count: 990)
        let few = soon + [Duration](repeating: .seconds(3), count: 9)
        let many = soon + [Duration](repeating: .seconds(3), count: 11)
        #expect(round(100, few, entrances: few, arrivals: few).isGood)
        #expect(!round(100, many).isGood)
        #expect(!round(100, soon, entrances: many).isGood)
        #expect(!round(100, soon, arrivals: many).isGood)
        #expect(round(100, soon, entrances: [.milliseconds(900)]).isGood)
        #expect(!round(100, soon, failures: 1).isGood)
        #expect(!round(100, soon, lost: 1).isGood)
        #expect(!round(100, []).isGood)
        #expect(!CrowdRound.refused(100, connected: 100).isGood)
    }

    private func sentence(_ rounds: [CrowdRound], _ way: CapacityReport.Way) -> String {
        CapacityReport(machine: .describe(), rounds: rounds, way: way).sentence
    }

    @Test func `The sentence tells of the largest number that was served well`() {
        let rounds = [round(500), round(1000), round(2000, failures: 3), round(1500, [.seconds(1)])]
        #expect(
            sentence(rounds, .search).hasPrefix(
                "This machine serves about 1,000 people who are online"))
        let bounded = sentence(rounds, .boundedSearch)
        #expect(bounded.contains("at least 1,000 people") && bounded.contains("More could not be tried"))
        #expect(
            sentence([round(500, failures: 1), round(100, failures: 1)], .search).contains(
                "does not serve 100"))
        #expect(sentence([], .search).contains("does not serve 100"))
    }

    @Test func `Of the same number held for long are told the slowest round and the memory`() {
        let rounds = [round(300), round(300, [.milliseconds(40)]), round(300, failures: 2)]
        let text = sentence(rounds, .holding)
        #expect(text.hasPrefix("For 30 seconds 300 people were online: 99 of 100 answers came within 39.94 ms"))
        #expect(text.contains("2 failed, 0 people were lost") && text.contains("from 300 to 300 MiB"))
        #expect(sentence([], .holding).contains("0 people"))
        let one = sentence([round(300)], .holding)
        #expect(one.contains("memory came to 300 MiB") && !one.contains("slowest"))
    }

    @Test func `The page has a row for each round`() {
        let page = CapacityReport(machine: .describe(), rounds: [round(500), round(1000)], way: .holding).page
        #expect(page.contains("| 500 | 0.1 | 2.98 |") && page.contains("| 1,000 |"))
        #expect(CapacityReport.line(of: round(500)).hasPrefix("500 people, 0.1 requests/s, p50 "))
        // Nobody came online, so nobody waited for that.
        #expect(page.contains("| – | – | 0 | 0 |") && !CapacityReport.line(of: round(500)).contains("online"))
        #expect(CapacityReport.line(of: round(500, entrances: [.milliseconds(7)])).contains("online p99 "))
    }
}

/// What people do, and how often.
@Suite struct MixTests {
    @Test(arguments: [Mix.everyday, .mattermost])
    func `Deeds come by chance as often as they are said to`(_ mix: Mix) {
        var counts: [Deed: Int] = [:]
        for _ in 0..<100_000 { counts[mix.byChance(), default: 0] += 1 }
        // Each is read once and acknowledged once.
        let reads = Double(counts[.read] ?? 0) / Double(counts[.acknowledge] ?? 1)
        #expect((0.95...1.05).contains(reads))
        #expect(counts.keys.count >= 6)
    }

    @Test func `In Mattermost's mix a person does three things a minute, besides typing and acknowledging`() {
        // 7.5062 acknowledge and 1 types beside 13.4286.
        let expected = 3.0 / 60 * (13.4286 + 8.5062) / 13.4286
        #expect(abs(Mix.mattermost.perSecond - expected) < 0.0001)
        #expect(abs(Mix.everyday.perSecond - 5.45 / 60) < 0.0001)
    }
}
