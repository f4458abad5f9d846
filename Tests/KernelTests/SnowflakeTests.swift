import Kernel
import Testing

@Suite("Snowflakes")
struct SnowflakeTests {
    let clock = ManualClock(Timestamp(seconds: 1_750_000_000))

    @Test("an id holds its time, datacenter, worker and sequence")
    func layout() {
        let snowflakes = Snowflakes(clock: clock, worker: 0b10101_01010)
        let id: UserID = snowflakes.next()
        #expect(id.createdAt == clock.now())
        #expect(id.rawValue >> 17 & 0x1F == 0b10101)
        #expect(id.rawValue >> 12 & 0x1F == 0b01010)
        #expect(id.rawValue & 0xFFF == 0)
    }

    @Test("the earliest id of a moment is not after it, however far away")
    func earliest() {
        let moment = clock.now()
        #expect(UserID(earliestAt: moment).createdAt == moment)
        #expect(UserID(earliestAt: Timestamp(seconds: 0)).rawValue == 0)
        #expect(UserID(earliestAt: Timestamp(seconds: 253_402_300_799)).rawValue == Int64.max)
    }

    @Test("ids grow, also within a millisecond and beyond its 4096 numbers")
    func growing() {
        let snowflakes = Snowflakes(clock: clock, worker: 1)
        let ids = (0..<10_000).map { _ in snowflakes.nextRaw() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("no two are alike when the clock steps back")
    func clockStepsBack() {
        let snowflakes = Snowflakes(clock: clock, worker: 1)
        var ids: [Int64] = []
        for step in 0..<1000 {
            clock.advance(by: step.isMultiple(of: 3) ? .milliseconds(-50) : .milliseconds(7))
            ids.append(snowflakes.nextRaw())
        }
        #expect(Set(ids).count == ids.count)
        #expect(ids == ids.sorted())
    }

    @Test("a restart goes on above what is stored, although the clock stands earlier")
    func restart() {
        let first = Snowflakes(clock: clock, worker: 1).nextRaw()
        clock.advance(by: .seconds(-3600))
        #expect(Snowflakes(clock: clock, worker: 1, after: first).nextRaw() > first)
    }

    @Test("many tasks at once get different ids")
    func concurrent() async {
        let snowflakes = Snowflakes(clock: SystemClock(), worker: 0)
        let ids = await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<8 { group.addTask { (0..<5000).map { _ in snowflakes.nextRaw() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 40_000)
    }

    @Test("two workers never meet")
    func workers() {
        let one = Snowflakes(clock: clock, worker: 1)
        let two = Snowflakes(clock: clock, worker: 2)
        let ids = (0..<5000).flatMap { _ in [one.nextRaw(), two.nextRaw()] }
        #expect(Set(ids).count == ids.count)
    }
}

@Suite("Identifiers")
struct IdentifierTests {
    @Test("decimals from 1 to 2^63-1 are read", arguments: ["1", "9223372036854775807", "0042"])
    func wellFormed(text: String) throws { #expect(try UserID(parsing: text).rawValue == Int64(text)) }

    @Test(
        "anything else is the kind's own error",
        arguments: [
            "", "0", "-1", "+1", " 1", "1 ", "abc", "1.0", "0x10", "9223372036854775808", "99999999999999999999", "١",
            "1\u{0}",
        ])
    func malformed(text: String) {
        #expect(throws: APIError.invalidUserID) { try UserID(parsing: text) }
        #expect(throws: APIError.invalidChannelID) { try ChannelID(parsing: text) }
        #expect(throws: APIError.invalidServerID) { try ServerID(parsing: text) }
        #expect(throws: APIError.invalidMessageID) { try MessageID(parsing: text) }
    }

    @Test("on the wire it is a string")
    func wire() { #expect(UserID(rawValue: 42).jsonBytes == Array("\"42\"".utf8)) }
}
