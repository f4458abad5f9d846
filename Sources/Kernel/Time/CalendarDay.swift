/// A day of the Gregorian calendar, from the year 1 to the year 9999.
public struct CalendarDay: Sendable, Equatable {
    public let year: Int
    public let month: Int
    public let day: Int

    /// Nil for what is no day.
    public init?(_ year: Int, _ month: Int, _ day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...Self.days(of: month, year)).contains(day) else {
            return nil
        }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day in UTC.
    public init(of moment: Timestamp) {
        let milliseconds = min(max(0, moment.milliseconds), 253_402_300_799_999)
        self.init(daysSince1970: Int(milliseconds / 86_400_000))
    }

    /// Reads `2026-01-31`.
    public init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            let digits = bytes[range]
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year, month, day)
    }

    /// Whole years until another day. Who was born on 29 February is a year older on 1 March where there is no such day.
    public func years(until other: CalendarDay) -> Int {
        other.year - year - ((other.month, other.day) < (month, day) ? 1 : 0)
    }

    // MARK: Counting

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(of month: Int, _ year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counts from March, so that the day that comes and goes is the last of the year.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (year, month) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468
    }

    public var daysSince1970: Int { Self.daysSince1970(year, month, day) }

    /// - Parameter days: 0 or more, and not beyond the year 9999.
    public init(daysSince1970 days: Int) {
        var year = 1970 + days / 366
        while Self.daysSince1970(year + 1, 1, 1) <= days { year += 1 }
        var (month, rest) = (1, days - Self.daysSince1970(year, 1, 1))
        while rest >= Self.days(of: month, year) {
            rest -= Self.days(of: month, year)
            month += 1
        }
        (self.year, self.month, self.day) = (year, month, rest + 1)
    }
}
