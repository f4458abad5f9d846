import Kernel
import TestPrograms
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

    @Test("an id after another one is greater, whatever the clocks of both say")
    func after() {
        var generator = HostileText(seed: 42)
        let nodes = [1, 700, 3].map { worker in
            let clock = ManualClock(self.clock.now())
            return (clock: clock, ids: Snowflakes(clock: clock, worker: worker))
        }
        var newest = MessageID(rawValue: 0)
        var ids: Set<Int64> = []
        for _ in 0..<30_000 {
            let node = nodes[Int.random(in: 0..<3, using: &generator)]
            node.clock.advance(by: .milliseconds(Int64.random(in: -20...21, using: &generator)))
            // Others are made beside it, which need not be after anything.
            if Bool.random(using: &generator) { #expect(ids.insert(node.ids.nextRaw()).inserted) }
            let next: MessageID = node.ids.next(after: newest)
            #expect(next > newest && ids.insert(next.rawValue).inserted)
            newest = next
        }
    }

    @Test("ids after one's own do not run ahead of the clock")
    func afterOwn() {
        let snowflakes = Snowflakes(clock: clock, worker: 5)
        var newest = MessageID(rawValue: 0)
        for _ in 0..<4000 { newest = snowflakes.next(after: newest) }
        #expect(newest.createdAt == clock.now())
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

    @Test("another number goes on above what was made with it by whoever had it before")
    func anotherNumber() {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        let other = Snowflakes(clock: ManualClock(clock.now() + .seconds(9)), worker: 2)
        let ids = Snowflakes(clock: clock, worker: 1)
        let (own, before) = (ids.nextRaw(), other.nextRaw())
        ids.change(worker: 2, after: before)
        #expect(ids.nextRaw() > before && before > own)
        ids.change(worker: 3, after: 0)
        #expect(ids.nextRaw() > before)
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
