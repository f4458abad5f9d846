import Kernel
import Testing

@Suite("The clock that does not believe every step")
struct StepGuardTests {
    /// What the clocks show at a moment, in seconds since the beginning, and what is made of it.
    struct Row: Sendable, CustomTestStringConvertible {
        let passed_s: Int64
        /// What was added to the wall clock up to here.
        let set_s: Int64
        let time_s: Int64
        var change: StepGuard.Change?

        init(_ passed_s: Int64, set set_s: Int64 = 0, is time_s: Int64, _ change: StepGuard.Change? = nil) {
            self.passed_s = passed_s
            self.set_s = set_s
            self.time_s = time_s
            self.change = change
        }

        var testDescription: String { "after \(passed_s) s, set by \(set_s) s" }
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var floor_s: Int64?
        let rows: [Row]
    }

    static let day: Int64 = 86_400
    static let start = Timestamp(seconds: 1_750_000_000)

    static let stories = [
        Story(testDescription: "nothing happens", rows: [Row(1, is: 1), Row(5, is: 5), Row(100_000, is: 100_000)]),
        Story(
            testDescription: "it is ahead for nine minutes",
            rows: [
                Row(1, is: 1), Row(2, set: 2 * day, is: 2, .seen(offset_ms: 2 * day * 1000)),
                Row(540, set: 2 * day, is: 540),
                Row(541, is: 541, .undone), Row(5000, is: 5000),
            ]),
        Story(
            testDescription: "it stays ahead",
            rows: [
                Row(10, set: day, is: 10, .seen(offset_ms: day * 1000)), Row(609, set: day, is: 609),
                Row(610, set: day, is: 610 + day, .taken(offset_ms: day * 1000)), Row(700, set: day, is: 700 + day),
            ]),
        Story(
            testDescription: "it stays behind",
            rows: [
                Row(10, set: -day, is: 10, .seen(offset_ms: -day * 1000)), Row(609, set: -day, is: 609),
                Row(610, set: -day, is: 610 - day, .taken(offset_ms: -day * 1000)), Row(611, set: -day, is: 611 - day),
            ]),
        Story(
            testDescription: "it jumps about",
            rows: [
                Row(10, set: day, is: 10, .seen(offset_ms: day * 1000)),
                Row(500, set: -day, is: 500, .seen(offset_ms: -day * 1000)),
                Row(700, set: day, is: 700, .seen(offset_ms: day * 1000)), Row(1299, set: day, is: 1299),
                Row(1300, set: day, is: 1300 + day, .taken(offset_ms: day * 1000)),
            ]),
        Story(
            testDescription: "it drifts, and time never goes back",
            rows: [Row(10, set: 2, is: 12), Row(11, set: 1, is: 12), Row(12, set: 0, is: 12), Row(13, set: 0, is: 13)]),
        Story(
            testDescription: "nobody looks for a day, in which it was set",
            rows: [
                Row(day, set: 7200, is: day, .seen(offset_ms: 7_200_000)),
                Row(day + 600, set: 7200, is: day + 7800, .taken(offset_ms: 7_200_000)),
            ]),
        Story(
            testDescription: "it starts behind what has passed already", floor_s: 3 * day,
            rows: [
                Row(0, is: 3 * day, .seen(offset_ms: -3 * day * 1000)), Row(599, is: 3 * day + 599),
                Row(600, is: 600, .taken(offset_ms: -3 * day * 1000)),
            ]),
        Story(
            testDescription: "what has passed lies in the past", floor_s: -3 * day,
            rows: [Row(0, is: 0), Row(9, is: 9)]),
    ]

    @Test("it follows the monotonic clock, and steps only when they have stood for ten minutes", arguments: stories)
    func follows(story: Story) {
        let floor = story.floor_s.map { Self.start + .seconds($0) } ?? Timestamp(seconds: 0)
        var stepGuard = StepGuard(wall: Self.start, monotonic_ms: 77, notBefore: floor)
        for row in story.rows {
            let wall = Self.start + .seconds(row.passed_s + row.set_s)
            let change = stepGuard.observe(wall: wall, monotonic_ms: 77 + row.passed_s * 1000)
            #expect(stepGuard.time == Self.start + .seconds(row.time_s), "\(row.testDescription)")
            #expect(change == row.change, "\(row.testDescription)")
        }
    }

    @Test("it tells when it will follow, on the time that it will follow")
    func announces() {
        let wall = ManualClock(Self.start)
        let monotonic = ManualMonotonicClock()
        let clock = GuardedClock(wall, monotonic: monotonic)
        #expect(clock.step == nil)
        wall.advance(by: .seconds(Self.day))
        #expect(clock.step == ClockStep(offset: .seconds(Self.day), takenAt: Self.start + .seconds(Self.day + 600)))
        #expect(clock.now() == Self.start)
        #expect(clock.outside.now() == Self.start + .seconds(Self.day))
        for clock in [wall.advance(by:), monotonic.advance(by:)] { clock(.seconds(60)) }
        #expect(clock.step?.takenAt == Self.start + .seconds(Self.day + 600))
        #expect(clock.takeChanges() == [.seen(offset_ms: Self.day * 1000)])
        #expect(clock.takeChanges() == [])
        for clock in [wall.advance(by:), monotonic.advance(by:)] { clock(.seconds(600)) }
        #expect(clock.now() == wall.now())
        #expect(clock.step == nil)
    }

    @Test("whatever the clocks do, time goes back only when a step back was followed")
    func steady() {
        let seed = UInt64.random(in: 0 ... .max)
        print("step guard seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var stepGuard = StepGuard(wall: Self.start, monotonic_ms: 0)
        var (monotonic_ms, set_ms, before): (Int64, Int64, Timestamp) = (0, 0, Self.start)
        for _ in 0..<20_000 {
            monotonic_ms += Int64(random.next() % 120_000)
            switch random.next() % 20 {
            case 0: set_ms = Int64(random.next() % 400_000_000) - 200_000_000
            case 1: set_ms += Int64(random.next() % 3000) - 1500
            default: break
            }
            let wall = Timestamp(milliseconds: Self.start.milliseconds + monotonic_ms + set_ms)
            let change = stepGuard.observe(wall: wall, monotonic_ms: monotonic_ms)
            if case .taken(let offset_ms) = change, offset_ms < 0 {
                #expect(stepGuard.time == wall, "seed \(seed)")
            } else {
                #expect(stepGuard.time >= before, "seed \(seed)")
            }
            before = stepGuard.time
        }
    }
}
