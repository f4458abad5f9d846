import Database
import Features
import Kernel

/// An event as calendars read it: iCalendar, RFC 5545.
struct EventCalendar {
    /// Zones' rules are written out for so long; calendars know the names of zones themselves.
    private static let years_s: Int64 = 10 * 366 * WallTime.day_s
    private static let mostObservances = 100

    private let event: ScheduledEvent
    private let schedule: Schedule
    /// Where it takes place, in words.
    private let location: String?
    private let now: Timestamp
    private let wall: WallTime
    private var lines: [String] = []

    private init(_ event: ScheduledEvent, _ schedule: Schedule, in location: String?, at now: Timestamp) {
        self.event = event
        self.schedule = schedule
        self.location = location
        self.now = now
        wall = WallTime(event.timezone)
    }

    static func text(
        of event: ScheduledEvent, _ schedule: Schedule, in location: String?, at now: Timestamp
    ) -> String {
        var calendar = EventCalendar(event, schedule, in: location, at: now)
        calendar.write()
        return calendar.lines.map { folded($0) + "\r\n" }.joined()
    }

    private mutating func write() {
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Aviary//Scheduled events//EN", "CALSCALE:GREGORIAN"]
        if isZoned { writeZone() }
        let first = Occurrence(
            key: event.startsAt, startsAt: event.startsAt, endsAt: event.endsAt, isCancelled: false)
        write(first, repeating: series)
        for key in schedule.changes.keys.sorted() {
            guard let occurrence = schedule.occurrence(named: key), !occurrence.isCancelled else { continue }
            write(occurrence, repeating: ["RECURRENCE-ID\(moment(key))"])
        }
        lines.append("END:VCALENDAR")
    }

    /// How the event comes again, and when it does not.
    private var series: [String] {
        guard let rule = event.recurrence else { return [] }
        let cancelled = schedule.changes.keys.sorted().filter { schedule.changes[$0]?.isCancelled == true }
        return ["RRULE:\(Self.text(of: rule))"] + cancelled.map { "EXDATE\(moment($0))" }
    }

    /// - Parameter rules: what the occurrence is to the others.
    private mutating func write(_ occurrence: Occurrence, repeating rules: [String]) {
        lines += ["BEGIN:VEVENT", "UID:\(event.id)@\(event.server).aviary", "DTSTAMP:\(Self.utc(now))"]
        lines.append("DTSTART\(moment(occurrence.startsAt))")
        if let end = occurrence.endsAt { lines.append("DTEND\(moment(end))") }
        lines += rules
        lines.append("SUMMARY:\(Self.escaped(event.name))")
        if let description = event.description { lines.append("DESCRIPTION:\(Self.escaped(description))") }
        if let location { lines.append("LOCATION:\(Self.escaped(location))") }
        lines += ["STATUS:\(event.status == .cancelled ? "CANCELLED" : "CONFIRMED")", "END:VEVENT"]
    }

    private static func text(of rule: Recurrence) -> String {
        var parts = ["FREQ=\(rule.frequency.rawValue.uppercased())", "INTERVAL=\(rule.interval)"]
        if !rule.weekdays.isEmpty {
            parts.append("BYDAY=\(rule.weekdays.map { $0.rawValue.uppercased() }.joined(separator: ","))")
        }
        if let day = rule.monthDay { parts.append("BYMONTHDAY=\(day)") }
        if let count = rule.count { parts.append("COUNT=\(count)") }
        if let until = rule.until { parts.append("UNTIL=\(utc(until))") }
        return parts.joined(separator: ";")
    }

    // MARK: Time

    /// What takes place once needs no zone.
    private var isZoned: Bool { event.recurrence != nil && event.timezone != "UTC" }

    /// With what comes before the value.
    private func moment(_ moment: Timestamp) -> String {
        isZoned ? ";TZID=\(event.timezone):\(Self.local(wall.shown(at: moment)))" : ":\(Self.utc(moment))"
    }

    private static func utc(_ moment: Timestamp) -> String { local(moment.seconds) + "Z" }

    /// As `20260131T183000`.
    private static func local(_ wall_s: Int64) -> String {
        let day = CalendarDay(daysSince1970: Int(wall_s / WallTime.day_s))
        let rest = Int(wall_s % WallTime.day_s)
        return padded(day.year, 4) + padded(day.month, 2) + padded(day.day, 2) + "T" + padded(rest / 3600, 2)
            + padded(rest / 60 % 60, 2) + padded(rest % 60, 2)
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The zone's changes one by one, from before the first occurrence on.
    private mutating func writeZone() {
        lines += ["BEGIN:VTIMEZONE", "TZID:\(event.timezone)"]
        var moment_s = event.startsAt.seconds - WallTime.day_s
        var offset_s = wall.offset_s(at: moment_s)
        writeObservance(from: moment_s, offset_s, to: offset_s)
        let end_s = max(event.startsAt, now).seconds + Self.years_s
        var written = 1
        while let change_s = nextChange(after: moment_s, until: end_s), written < Self.mostObservances {
            let new_s = wall.offset_s(at: change_s)
            writeObservance(from: change_s, offset_s, to: new_s)
            (moment_s, offset_s, written) = (change_s, new_s, written + 1)
        }
        lines.append("END:VTIMEZONE")
    }

    private mutating func writeObservance(from moment_s: Int64, _ old_s: Int64, to new_s: Int64) {
        let kind = new_s > old_s ? "DAYLIGHT" : "STANDARD"
        lines += [
            "BEGIN:\(kind)", "DTSTART:\(Self.local(moment_s + old_s))", "TZOFFSETFROM:\(Self.offset(old_s))",
            "TZOFFSETTO:\(Self.offset(new_s))", "END:\(kind)",
        ]
    }

    /// The first moment at which another offset counts. No zone changes its clocks twice within a week.
    private func nextChange(after moment_s: Int64, until end_s: Int64) -> Int64? {
        let offset_s = wall.offset_s(at: moment_s)
        var before_s = moment_s
        while before_s < end_s {
            var after_s = before_s + 7 * WallTime.day_s
            guard wall.offset_s(at: after_s) != offset_s else {
                before_s = after_s
                continue
            }
            while after_s - before_s > 1 {
                let middle_s = (before_s + after_s) / 2
                if wall.offset_s(at: middle_s) == offset_s { before_s = middle_s } else { after_s = middle_s }
            }
            return after_s
        }
        return nil
    }

    /// As `+0530`.
    private static func offset(_ offset_s: Int64) -> String {
        let size = Int(abs(offset_s))
        let seconds = size % 60 == 0 ? "" : padded(size % 60, 2)
        return (offset_s < 0 ? "-" : "+") + padded(size / 3600, 2) + padded(size / 60 % 60, 2) + seconds
    }

    // MARK: Text

    /// RFC 5545, section 3.3.11.
    private static func escaped(_ text: String) -> String {
        text.replacing("\r\n", with: "\n")
            .escaping(["\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": "\\n"])
    }

    /// Lines have at most 75 bytes; longer ones go on after a space (section 3.1). No character is cut in two.
    private static func folded(_ line: String) -> String {
        var result = ""
        var length = 0
        for scalar in line.unicodeScalars {
            let width = UTF8.width(scalar)
            if length + width > 75 {
                result += "\r\n "
                length = 1
            }
            result.unicodeScalars.append(scalar)
            length += width
        }
        return result
    }
}

extension ScheduledEvents {
    func calendar(_ id: ScheduledEventID, in server: ServerID, for caller: Caller) async throws -> String {
        try await parts.database.read { tx in
            let event = try Self.seen(id, in: server, by: caller.user, tx).event
            let channel = try event.place.channel.flatMap { try ChannelStore.channel($0, tx) }
            return EventCalendar.text(
                of: event, try Self.schedule(of: event, tx), in: event.place.location ?? channel.map { "#\($0.name)" },
                at: tx.now)
        }
    }
}
