extension Timestamp {
    /// Reads a moment as RFC 3339 writes it, and as programs write it that leave the zone out, which then is UTC:
    /// `2026-01-31T12:00:00Z`, `2026-01-31 12:00:00.25+01:00`.
    ///
    /// Nil for anything else, and for moments outside the years 1970 to 9999.
    public init?(iso8601 text: String) {
        var reader = Reader(rest: Array(text.utf8.prefix(64))[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let number = reader.number(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2), let fraction_ms = reader.fraction(), let zone_min = reader.zone(),
            reader.rest.isEmpty, let day = CalendarDay(year, month, number), day.year >= 1970, hour < 24,
            minute < 60, second <= 60
        else { return nil }
        let minutes = (day.daysSince1970 * 24 + hour) * 60 + minute - zone_min
        let moment = Int64(minutes * 60 + second) * 1000 + Int64(fraction_ms)
        guard moment >= 0 else { return nil }
        self.init(milliseconds: moment)
    }

    /// `2026-01-31T12:00:00.000Z`. A moment before 1970 or after 9999 is written as the nearest that can be.
    public var iso8601: String {
        let moment = min(max(0, milliseconds), 253_402_300_799_999)
        let (days, rest) = (Int(moment / 86_400_000), Int(moment % 86_400_000))
        let day = CalendarDay(daysSince1970: days)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))T\(padded(rest / 3_600_000, 2)):"
            + "\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2)).\(padded(rest % 1000, 3))Z"
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let first = rest.first, first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// Exactly so many digits, of which there are few.
        mutating func number(_ digits: Int) -> Int? {
            let text = rest.prefix(digits)
            guard text.count == digits, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// In milliseconds; 0 when there is none. Further digits are passed over.
        mutating func fraction() -> Int? {
            guard skip(".") else { return 0 }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            return (0..<3).reduce(0) { sum, place in
                let index = digits.startIndex + place
                return sum * 10 + (index < digits.endIndex ? Int(digits[index] - 0x30) : 0)
            }
        }

        /// In minutes east of UTC.
        mutating func zone() -> Int? {
            if rest.isEmpty || skip("Z") || skip("z") { return 0 }
            let isWest = skip("-")
            guard isWest || skip("+"), let hours = number(2), hours < 24 else { return nil }
            _ = skip(":")
            guard let minutes = rest.isEmpty ? 0 : number(2), minutes < 60 else { return nil }
            return (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
    }
}
