import Kernel

/// On which days an event comes again: a part of RFC 5545's rules (section 3.3.10), read as they are there.
struct Recurrence: Sendable, Equatable {
    enum Frequency: String, CaseIterable, Sendable {
        case daily, weekly, monthly, yearly
    }

    enum Weekday: String, CaseIterable, Sendable {
        case mo, tu, we, th, fr, sa, su
    }

    static let largestCount = 365
    static let largestInterval = 52
    /// Nothing is looked for later than so many days after the first.
    static let horizon_days = 36_525

    let frequency: Frequency
    let interval: Int
    /// In the order of the week, each once. Empty: what follows from the first day.
    let weekdays: [Weekday]
    let monthDay: Int?
    let count: Int?
    /// The last moment at which an occurrence may begin.
    let until: Timestamp?
}

extension Recurrence: JSONObjectEncodable {
    static let shape = JSONShape<Recurrence>(
        "Recurrence",
        .field("frequency", \.frequency.rawValue),
        .field("interval", \.interval),
        .field("by_weekday") { $0.weekdays.isEmpty ? nil : $0.weekdays.map(\.rawValue) },
        .field("by_month_day", \.monthDay),
        .field("count", \.count),
        .field("until", \.until))

    static let input = JSONInput(
        "RecurrenceDraft",
        .required("frequency", .oneOf(Frequency.self)),
        .optional("interval", .integer(1...largestInterval), default: 1),
        .optional("by_weekday", .array(of: .oneOf(Weekday.self), count: 0...7)),
        .optional("by_month_day", .integer(1...31)),
        .optional("count", .integer(1...largestCount)),
        .optional("until", .timestamp),
        make: { (frequency, interval, weekdays, monthDay, count, until) throws(APIError) in
            guard count == nil || until == nil else {
                throw .invalidInput("until", "and count are two ends, of which there is one")
            }
            guard monthDay == nil || frequency != .weekly else {
                throw .invalidInput("by_month_day", "is for days, months and years: weeks do not begin with a month")
            }
            let named = Set(weekdays ?? [])
            return Recurrence(
                frequency: frequency, interval: interval, weekdays: Weekday.allCases.filter(named.contains),
                monthDay: monthDay, count: count, until: until)
        })

    /// As it is stored, and read again by the same rules.
    init?(stored text: String) {
        guard let object = JSON(text: text)?.object, let rule = try? Self.input.decode(object) else { return nil }
        self = rule
    }
}

/// The days of a rule in their order, worked out one day, week, month or year after another. They come to an end, whatever the
/// rule: no later than its horizon.
struct RecurringDays: Sequence, IteratorProtocol {
    private let rule: Recurrence
    private let first: CalendarDay
    /// Days are counted since 1970.
    private let begin: Int
    private let horizon: Int
    private let weekdays: Set<Int>
    private var period: Int
    private var found: ArraySlice<Int> = []

    /// - Parameter day: days before this one may be left out, as far as that saves work.
    init(_ rule: Recurrence, from first: CalendarDay, notBefore day: Int) {
        self.rule = rule
        self.first = first
        begin = first.daysSince1970
        horizon = begin + Recurrence.horizon_days
        weekdays = Set(rule.weekdays.compactMap { Recurrence.Weekday.allCases.firstIndex(of: $0) })
        // A rule that counts is counted from its beginning.
        period = 0
        guard rule.count == nil, day > begin else { return }
        let wanted = CalendarDay(daysSince1970: Swift.min(day, horizon + 1))
        let months = (wanted.year - first.year) * 12 + wanted.month - first.month
        let passed =
            switch rule.frequency {
            case .daily: wanted.daysSince1970 - begin
            case .weekly: (wanted.daysSince1970 - Self.monday(of: begin)) / 7
            case .monthly: months
            case .yearly: wanted.year - first.year
            }
        period = passed / rule.interval
    }

    mutating func next() -> Int? {
        if rule.frequency == .daily { return nextOfAll() }
        while true {
            if let day = found.popFirst() { return day }
            guard let days = days(in: period) else { return nil }
            found = days.filter { $0 >= begin && $0 <= horizon }[...]
            period += 1
        }
    }

    /// Of days one by one, of which there are many.
    private mutating func nextOfAll() -> Int? {
        var day = begin + period * rule.interval
        while day <= horizon {
            period += 1
            if isNamed(day) { return day }
            day += rule.interval
        }
        return nil
    }

    /// Nil beyond the horizon.
    private func days(in period: Int) -> [Int]? {
        let steps = period * rule.interval
        switch rule.frequency {
        case .daily: return [begin + steps]
        case .weekly:
            let monday = Self.monday(of: begin) + 7 * steps
            let chosen = weekdays.isEmpty ? [Self.weekday(of: begin)] : weekdays.sorted()
            return monday > horizon ? nil : chosen.map { monday + $0 }
        case .monthly:
            let month = first.year * 12 + first.month - 1 + steps
            return days(ofYear: month / 12, month: month % 12 + 1)
        case .yearly:
            let year = first.year + steps
            if weekdays.isEmpty, rule.monthDay == nil { return day(year, first.month, first.day) }
            guard let january = days(ofYear: year, month: 1) else { return nil }
            return january + (2...12).flatMap { days(ofYear: year, month: $0) ?? [] }
        }
    }

    /// Days that a month does not have are left out.
    private func days(ofYear year: Int, month: Int) -> [Int]? {
        guard let start = CalendarDay(year, month, 1)?.daysSince1970, start <= horizon else { return nil }
        if let monthDay = rule.monthDay {
            return CalendarDay(year, month, monthDay).map { [$0.daysSince1970].filter(isNamed) } ?? []
        }
        guard !weekdays.isEmpty else { return day(year, month, first.day) }
        return (1...31).compactMap { CalendarDay(year, month, $0)?.daysSince1970 }.filter(isNamed)
    }

    private func day(_ year: Int, _ month: Int, _ day: Int) -> [Int]? {
        guard let start = CalendarDay(year, month, 1)?.daysSince1970, start <= horizon else { return nil }
        return CalendarDay(year, month, day).map { [$0.daysSince1970] } ?? []
    }

    private func isNamed(_ day: Int) -> Bool {
        guard weekdays.isEmpty || weekdays.contains(Self.weekday(of: day)) else { return false }
        return rule.monthDay.map { CalendarDay(daysSince1970: day).day == $0 } ?? true
    }

    /// Monday is 0. The first day of 1970 was a Thursday.
    private static func weekday(of day: Int) -> Int { (day + 3) % 7 }

    private static func monday(of day: Int) -> Int { day - weekday(of: day) }
}
