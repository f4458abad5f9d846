import Kernel
import Testing

@Suite("Moments as texts")
struct TimestampTests {
    @Test(
        "RFC 3339 is read, to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-31T12:00:00Z", 1_769_860_800_000),
            ("2026-01-31T13:00:00+01:00", 1_769_860_800_000), ("2026-01-31T07:30:00-0430", 1_769_860_800_000),
            ("2026-01-31 12:00:00.25", 1_769_860_800_250), ("2026-01-31t12:00:00.123456789z", 1_769_860_800_123),
            ("2000-02-29T00:00:00Z", 951_782_400_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("1972-06-30T23:59:60Z", 78_796_800_000),
        ])
    func read(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(
        "what is no such moment is not",
        arguments: [
            "", "2026", "2026-01-31", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+01:99", "2026-01-31T12:00:00Z ",
            "-026-01-31T12:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "２０２６-01-31T12:00:00Z",
        ])
    func refused(text: String) { #expect(Timestamp(iso8601: text) == nil) }

    @Test("what is written is read as the same", arguments: [UInt64(1), 2])
    func roundTrip(seed: UInt64) {
        var moment: Int64 = 0
        for step in 0..<5000 {
            moment =
                (moment &+ Int64(bitPattern: seed &* 0x9E37_79B9_7F4A_7C15) &* Int64(step) & 0x7FFF_FFFF_FFFF)
                % 253_402_300_800_000
            let text = Timestamp(milliseconds: moment).iso8601
            #expect(Timestamp(iso8601: text)?.milliseconds == moment, "\(text)")
        }
    }
}

@Suite("Days of the calendar")
struct CalendarDayTests {
    @Test("a day is read, or is none")
    func reading() {
        for text in ["2024-02-29", "0001-01-01", "9999-12-31", "1900-02-28"] {
            #expect(CalendarDay(iso8601: text) != nil, "\(text)")
        }
        for text in [
            "", "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "0000-01-01", "2024-1-01",
        ]
            + ["+024-01-01", "2024/01/01", "２０２４-01-01", "2024-01-01 "]
        {
            #expect(CalendarDay(iso8601: text) == nil, "\(text)")
        }
        #expect(CalendarDay(of: Timestamp(seconds: 951_782_400)) == CalendarDay(2000, 2, 29))
        #expect(CalendarDay(of: Timestamp(seconds: 951_782_399)) == CalendarDay(2000, 2, 28))
    }

    @Test("years are whole on the birthday")
    func years() throws {
        let born = try #require(CalendarDay(2012, 2, 29))
        for (day, years) in [
            (CalendarDay(2012, 2, 29), 0), (CalendarDay(2025, 2, 28), 12), (CalendarDay(2025, 3, 1), 13),
            (CalendarDay(2024, 2, 28), 11), (CalendarDay(2024, 2, 29), 12), (CalendarDay(2011, 12, 31), -1),
        ] {
            #expect(born.years(until: try #require(day)) == years)
        }
    }
}
