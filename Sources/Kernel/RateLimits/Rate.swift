/// So many requests in a time, and some more at once: `5/5s+3`.
public struct Rate: Sendable, Equatable {
    public let count: Int
    public let period: Duration
    /// What may come at once beyond `count` after a quiet time.
    public let burst: Int

    public init(_ count: Int, per period: Duration, burst: Int = 0) {
        self.count = count
        self.period = period
        self.burst = burst
    }

    /// What may come at once.
    public var capacity: Int { count + burst }

    /// Reads `120/min+20`, `5/5s+3`, `1/250ms`: a count, a time (`ms`, `s`, `min`, `h` or `day`, with or without a number), and perhaps
    /// a burst.
    public init?(_ text: String) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let count = Int(halves[0]), (1...1_000_000).contains(count) else { return nil }
        let parts = halves[1].split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard let period = Self.period(parts[0]) else { return nil }
        let burst = parts.count == 2 ? Int(parts[1]) : 0
        guard let burst, (0...1_000_000).contains(burst) else { return nil }
        self.init(count, per: period, burst: burst)
    }

    /// Several of them, separated by commas; all of them hold.
    public static func list(_ text: String) -> [Rate]? {
        let parts = text.split(separator: ",").map { Rate(String($0.filter { $0 != " " })) }
        return parts.isEmpty || parts.contains(nil) ? nil : parts.compactMap { $0 }
    }

    private static func period(_ text: Substring) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = digits.isEmpty ? 1 : Int(digits), (1...1_000_000).contains(number) else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "min": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        case "day": return .seconds(number * 86_400)
        default: return nil
        }
    }
}

extension Rate: CustomStringConvertible {
    public var description: String {
        let milliseconds = period.wholeMilliseconds
        let units = [("day", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)]
        // Every period is a whole number of milliseconds.
        let (name, length) = units.first { milliseconds % Int64($0.1) == 0 } ?? ("ms", 1)
        let number = milliseconds / Int64(length)
        return "\(count)/" + (number == 1 ? "" : String(number)) + name + (burst > 0 ? "+\(burst)" : "")
    }
}
