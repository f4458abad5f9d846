import Testing

/// What has to hold whatever happens, tried by chance: parts of the program that only compute, beside a database, a bus and clocks that
/// are models. Nothing waits, and a seed does the same each time.
///
/// `make test-long` tries a million.
@Suite("Nodes as models")
struct ModelTests {
    @Test(
        "each event is heard once and in order, by whoever sees it then, whatever is lost, doubled and late, whoever leads and wherever one resumes"
    )
    func log() async {
        await Schedules.run { try LogWorld.play($0) }
    }

    @Test("a log that is broken on purpose is noticed", arguments: LogSabotage.allCases)
    func brokenLog(_ sabotage: LogSabotage) {
        #expect(Schedules.breach { try LogWorld.play($0, sabotage) } != nil)
    }

    @Test("nobody is taken for gone who is there, and nobody stays who went without a word")
    func presence() async {
        await Schedules.run(part: 5) { try PresenceWorld.play($0) }
    }

    @Test("a presence that is broken on purpose is noticed", arguments: PresenceSabotage.allCases)
    func brokenPresence(_ sabotage: PresenceSabotage) {
        #expect(Schedules.breach { try PresenceWorld.play($0, sabotage) } != nil)
    }

    @Test("no two nodes make ids with one number, whatever their clocks say and however long they sleep")
    func leases() async {
        await Schedules.run { try LeaseWorld.play($0) }
    }

    @Test("a lease that is broken on purpose is noticed", arguments: LeaseSabotage.allCases)
    func brokenLease(_ sabotage: LeaseSabotage) {
        #expect(Schedules.breach { try LeaseWorld.play($0, sabotage) } != nil)
    }
}
