/// What one of the nodes has let through in one of the rates for somebody.
struct RateGrant: Equatable, Sendable {
    /// Longer than any rate counts, and far from where numbers end.
    static let maximumCost_us: Int64 = 31 * 86_400_000_000

    let key: UInt64
    /// The time in which it flows back.
    let cost_us: Int64
}

/// What a node tells the others at once of what it has let through. Each that comes is added up, so one that comes twice must not
/// count twice.
struct RateGrants: Equatable, Sendable {
    /// In text, as PostgreSQL takes it, these fit in one piece.
    static let maximumCount = 340
    private static let version: UInt8 = 1
    private static let header_bytes = 17
    private static let grant_bytes = 16

    /// A number by which a node is known as long as it runs.
    let sender: UInt64
    /// One more with each interval, whether something was told then or not.
    let number: UInt64
    let grants: [RateGrant]

    init(sender: UInt64, number: UInt64, grants: [RateGrant]) {
        self.sender = sender
        self.number = number
        self.grants = grants
    }

    var bytes: [UInt8] {
        var bytes = [Self.version]
        bytes.reserveCapacity(Self.header_bytes + grants.count * Self.grant_bytes)
        let words = [sender, number] + grants.flatMap { [$0.key, UInt64(clamping: $0.cost_us)] }
        for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// Nil for what is none, or of a later version.
    init?(_ bytes: [UInt8]) {
        guard bytes.first == Self.version, bytes.count >= Self.header_bytes,
            (bytes.count - Self.header_bytes).isMultiple(of: Self.grant_bytes),
            bytes.count <= Self.header_bytes + Self.maximumCount * Self.grant_bytes
        else { return nil }
        let word = { (start: Int) in bytes[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(
            sender: word(1), number: word(9),
            grants: stride(from: Self.header_bytes, to: bytes.count, by: Self.grant_bytes).map { start in
                RateGrant(key: word(start), cost_us: min(Int64(clamping: word(start + 8)), RateGrant.maximumCost_us))
            })
    }
}

/// Tells what other nodes have said apart from what they have said twice, or long ago (compare RFC 4303, section 3.4.3).
struct RateGrantSenders {
    /// As many as there are numbers for nodes, each twice: after a restart it is another one.
    static let maximumCount = 2048
    /// Older than a second by the sender's own measure: what was let through then has flowed back in part, and whoever asked
    /// would be kept out for what is past.
    private static let maximumAge: UInt64 = 40
    /// After so long, whoever said nothing counts as gone.
    private static let silence_us: Int64 = 60_000_000

    private struct Window {
        var newest: UInt64
        /// The lowest bit is the newest.
        var seen: UInt64
        var heardAt_us: Int64
    }

    private var windows: [UInt64: Window] = [:]

    /// - Returns: whether it is new.
    mutating func hear(_ number: UInt64, from sender: UInt64, at now_us: Int64) -> Bool {
        guard var window = windows[sender] else {
            if windows.count >= Self.maximumCount {
                windows = windows.filter { abs(now_us - $0.value.heardAt_us) < Self.silence_us }
            }
            guard windows.count < Self.maximumCount else { return false }
            windows[sender] = Window(newest: number, seen: 1, heardAt_us: now_us)
            return true
        }
        window.heardAt_us = now_us
        if number > window.newest {
            // A shift by more than there are bits leaves none.
            window.seen = window.seen << (number - window.newest) | 1
            window.newest = number
        } else {
            let age = window.newest - number
            guard age < Self.maximumAge, window.seen & 1 << age == 0 else { return false }
            window.seen |= 1 << age
        }
        windows[sender] = window
        return true
    }
}
