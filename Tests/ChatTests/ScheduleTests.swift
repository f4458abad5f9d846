import Client
import Kernel
import TestPrograms
import Testing

@testable import Community

@Suite("When events take place")
struct ScheduleTests {
    private static let berlin = "Europe/Berlin"

    private static func schedule(
        _ start: Int64, _ rule: JSON? = nil, end: Int64? = nil, zone: String = berlin
    ) throws -> Schedule {
        Schedule(
            startsAt: Timestamp(seconds: start), endsAt: end.map(Timestamp.init(seconds:)), timezone: zone,
            rule: try rule.map { try Recurrence.input.decode($0.object ?? [:]) })
    }

    private static func starts(_ schedule: Schedule, _ count: Int) -> [Int64] {
        schedule.keys(from: schedule.startsAt).lazy.prefix(count).map(\.seconds)
    }

    @Test(
        "rules mean what dateutil says, in thirteen time zones, over changes of the clocks", arguments: [1, 20_261_128])
    func referee(seed: Int) async throws {
        let output = try await ScriptProgram.run("recurrences.py", ["\(seed)", "650"])
        #expect(output.status == 0, "\(output.errors)")
        let cases = try JSONParser.parse(Array(output.text.utf8)).array ?? []
        #expect(cases.count > 500)
        for item in cases {
            let start = item["starts_at"]?.integer ?? 0
            let schedule = try Self.schedule(start, item["recurrence"], zone: try #require(item["timezone"]?.string))
            let expected = (item["expected"]?.array ?? []).compactMap(\.integer)
            #expect(Self.starts(schedule, 60) == expected, "seed \(seed): \(item.text)")
            // From the middle on it is the same, however far that is.
            for moment in expected.dropFirst(expected.count / 2).prefix(2) {
                let next = schedule.next(after: Timestamp(seconds: moment - 1))
                #expect(next?.startsAt.seconds == moment, "seed \(seed): \(item.text)")
            }
        }
    }

    @Test("days that there are not are left out, and wall time stays")
    func missing() throws {
        // 2027-01-31 18:00 in Berlin.
        let monthly = try Self.schedule(1_801_414_800, ["frequency": "monthly"])
        #expect(
            Self.starts(monthly, 4) == [1_801_414_800, 1_806_508_800, 1_811_779_200, 1_817_049_600],
            "January, March, May and July, the later ones an hour earlier in UTC")
        // 2028-02-29 12:00.
        let leap = try Self.schedule(1_835_434_800, ["frequency": "yearly"])
        #expect(Self.starts(leap, 3) == [1_835_434_800, 1_961_665_200, 2_087_895_600])
    }

    @Test("what a rule counts off is counted without looking at clocks")
    func counted() throws {
        // Each day that is a 31st and a Monday, 365 times: centuries.
        let rare = try Self.schedule(
            1_835_434_800,
            ["frequency": "daily", "count": 365, "by_month_day": 31, "by_weekday": ["mo"]], zone: "America/New_York")
        let all = Self.starts(rare, 400)
        #expect((90...110).contains(all.count))
        for (index, moment) in all.enumerated() {
            #expect(rare.occurrence(named: Timestamp(seconds: moment)) != nil)
            let later = rare.next(after: Timestamp(seconds: moment))?.startsAt.seconds
            #expect(later == (index + 1 < all.count ? all[index + 1] : nil))
        }
        let far = Timestamp(seconds: 253_402_300_799)
        #expect(rare.next(after: far) == nil && !rare.touches(from: far, to: nil))
    }

    @Test("a search comes to an end, whatever the rule")
    func bounded() throws {
        let leap = try Self.schedule(1_835_434_800, ["frequency": "yearly", "interval": 52])
        #expect(Self.starts(leap, 10).count == 2, "nothing is looked for beyond a hundred years")
        let odd = try Self.schedule(1_835_434_800, ["frequency": "yearly", "interval": 51])
        #expect(Self.starts(odd, 10).count == 1)
        let never = try Self.schedule(
            // 2027-02-01 12:00, each twelfth month: February has no 31st.
            1_801_479_600, ["frequency": "monthly", "interval": 12, "by_month_day": 31])
        #expect(never.next(after: Timestamp(seconds: 0)) == nil)
        let rare: JSON = ["frequency": "daily", "by_month_day": 31, "by_weekday": ["mo"], "count": 365]
        #expect(try Self.starts(Self.schedule(1_801_479_600, rare), 365).count < 200)
        let far = try Self.schedule(1_801_479_600, ["frequency": "daily", "interval": 52])
        #expect(far.next(after: Timestamp(seconds: 253_402_300_799)) == nil)
        #expect(far.occurrences(from: Timestamp(seconds: 253_402_300_799), limit: 100).isEmpty)
    }

    @Test("what was changed of an occurrence stands in its place")
    func changes() throws {
        let (day, start): (Int64, Int64) = (86_400, 1_801_479_600)
        var daily = try Self.schedule(start, ["frequency": "daily", "count": 4], end: start + 3600)
        daily.changes = [
            Timestamp(seconds: start + day): OccurrenceChange(isCancelled: true),
            Timestamp(seconds: start + 2 * day): OccurrenceChange(startsAt: Timestamp(seconds: start + 4 * day)),
        ]
        #expect(daily.next(after: daily.startsAt)?.startsAt.seconds == start + 3 * day)
        let last = daily.next(after: Timestamp(seconds: start + 3 * day))
        #expect(last?.startsAt.seconds == start + 4 * day && last?.endsAt?.seconds == start + 4 * day + 3600)
        #expect(last?.key.seconds == start + 2 * day)
        #expect(daily.occurrence(named: Timestamp(seconds: start + 4 * day)) == last)
        #expect(daily.next(after: Timestamp(seconds: start + 4 * day)) == nil)
        let all = daily.occurrences(from: daily.startsAt, limit: 10)
        #expect(all.map(\.startsAt.seconds) == [0, 1, 3, 4].map { start + $0 * day })
        #expect(all.map(\.isCancelled) == [false, true, false, false])
        #expect(daily.touches(from: Timestamp(seconds: start + day), to: Timestamp(seconds: start + 2 * day)) == false)
        #expect(daily.touches(from: Timestamp(seconds: start + day), to: Timestamp(seconds: start + 3 * day)))
    }

    @Test("an event that nobody looked at is where it belongs")
    func catchingUp() throws {
        let (day, start): (Int64, Int64) = (86_400, 1_801_479_600)
        let schedule = try Self.schedule(start, ["frequency": "daily", "count": 5], end: start + 3600, zone: "UTC")
        func course(at now: Int64) -> ScheduledEvent {
            var event = ScheduledEvent(
                id: ScheduledEventID(rawValue: 1), server: ServerID(rawValue: 1), creator: UserID(rawValue: 1),
                name: "x", description: nil, place: .elsewhere("x"), startsAt: schedule.startsAt,
                endsAt: schedule.endsAt, timezone: "UTC", status: .scheduled, recurrence: schedule.rule,
                createdAt: schedule.startsAt)
            EventCourse.wait(for: schedule.next(after: Timestamp(seconds: start - 1)), &event)
            EventCourse.advance(&event, schedule, at: Timestamp(seconds: now))
            return event
        }
        #expect(course(at: start).status == .active)
        #expect(course(at: start + 3599).dueAt?.seconds == start + 3600)
        let next = course(at: start + 3600)
        #expect(next.status == .scheduled && next.nextStartsAt?.seconds == start + day)
        let later = course(at: start + 2 * day + 60)
        #expect(later.status == .active && later.occurrence?.seconds == start + 2 * day)
        let over = course(at: start + 9 * day)
        #expect(over.status == .completed && over.occurrence == nil && over.dueAt == nil)
    }

    @Test(
        "odd rules are refused",
        arguments: [
            ["interval": 1], ["frequency": "hourly"], ["frequency": "daily", "interval": 0],
            ["frequency": "daily", "interval": 53], ["frequency": "daily", "count": 366],
            ["frequency": "daily", "count": 0], ["frequency": "daily", "count": 2, "until": 2_000_000_000],
            ["frequency": "weekly", "by_month_day": 1], ["frequency": "monthly", "by_month_day": 32],
            ["frequency": "monthly", "by_month_day": 0], ["frequency": "weekly", "by_weekday": ["monday"]],
            ["frequency": "weekly", "until": 9_223_372_036_854_775_807],
        ] as [JSON])
    func odd(rule: JSON) {
        #expect(throws: APIError.self) { try Recurrence.input.decode(rule.object ?? [:]) }
    }
}
